import { Store } from '../../shared/store.ts'

/**
 * idle      nothing has been asked for, and the template has no port
 * starting  the port does not listen yet
 * live      `url` shows it
 * stopped   it has listened and does not any more
 */
export interface PreviewState {
  readonly phase: 'idle' | 'starting' | 'live' | 'stopped'
  /** 0 for none. */
  readonly port: number
  readonly path: string
  readonly ports: readonly number[]
  /** What the frame shows; signs in once, so every load has a new one. */
  readonly url?: string
  /** Counts loads, so that the same address loads again. */
  readonly load: number
  readonly problem?: string
}

/** Makes the signed-in address of a port's page (`POST /_omega/preview-link`). */
export type MakeLink = (port: number, path: string) => Promise<string>

/** The preview of one of the sandbox's ports: opens when it listens, says when it stopped. */
export class Preview {
  readonly state: Store<PreviewState>
  readonly #makeLink: MakeLink

  constructor(makeLink: MakeLink, path: string) {
    this.#makeLink = makeLink
    this.state = new Store<PreviewState>({ phase: 'idle', port: 0, path, ports: [], load: 0 })
  }

  /** After each (re)connect. */
  connected(appPort: number, ports: readonly number[]): void {
    if (this.state.get().port === 0) this.state.update((state) => ({ ...state, port: appPort }))
    this.portsChanged(ports)
  }

  portsChanged(ports: readonly number[]): void {
    const { port, phase } = this.state.get()
    const listens = ports.includes(port)
    this.state.update((state) => ({ ...state, ports }))
    if (port === 0) return
    if (listens && phase !== 'live') void this.reload()
    else if (!listens) {
      const next = phase === 'live' || phase === 'stopped' ? 'stopped' : 'starting'
      this.state.update((state) => ({ ...state, phase: next }))
    }
  }

  choose(port: number): void {
    this.state.update((state) => ({ ...state, port, path: '/', phase: 'starting' }))
    this.portsChanged(this.state.get().ports)
  }

  /** `path` as a person typed it. */
  go(path: string): void {
    this.state.update((state) => ({ ...state, path: cleanPath(path) }))
    void this.reload()
  }

  async reload(): Promise<void> {
    const { port, path } = this.state.get()
    if (port === 0) return
    try {
      const url = await this.#makeLink(port, path)
      const { problem: _, ...rest } = this.state.get()
      if (rest.port === port) this.state.set({ ...rest, phase: 'live', url, load: rest.load + 1 })
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      this.state.update((state) => ({ ...state, problem }))
    }
  }

  /** A fresh address for a tab of its own. */
  link(): Promise<string> {
    const { port, path } = this.state.get()
    return this.#makeLink(port, path)
  }
}

/** The path, query and fragment of what was typed: an address of any origin, or a path without its slash. */
export function cleanPath(typed: string): string {
  const path = typed.trim().replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return `/${path.replace(/^[/\\]+/, '')}`
}
