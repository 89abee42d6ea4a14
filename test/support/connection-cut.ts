import type { Page, WebSocketRoute } from 'playwright-core'

/** A cable that can be pulled: the page's connection to its worker goes through it. To be made before the page is opened. */
export class ConnectionCut {
  readonly #open = new Set<WebSocketRoute>()
  #cut = false

  static async of(page: Page): Promise<ConnectionCut> {
    const it = new ConnectionCut()
    await page.routeWebSocket(/\/_omega\/ws(?:\?wake=1)?$/, async (route) => {
      if (it.#cut) return route.close({ code: 1001 })
      it.#open.add(route)
      route.connectToServer()
    })
    return it
  }

  async pull(): Promise<void> {
    this.#cut = true
    for (const route of this.#open) await route.close({ code: 1001 })
    this.#open.clear()
  }

  mend(): void {
    this.#cut = false
  }
}
