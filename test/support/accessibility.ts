/// <reference lib="dom" />
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe-core finds wrong with a page, without its frames: `RULE: ELEMENT`, empty if nothing. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  const source = await readFile(axe, 'utf8')
  // Evaluated by the debugger, which no content security policy keeps away.
  await page.evaluate(source)
  return page.evaluate(async () => {
    interface Violation {
      id: string
      nodes: { html: string }[]
    }
    const { axe } = globalThis as unknown as {
      axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> }
    }
    const options = {
      iframes: false,
      resultTypes: ['violations'],
      // A button that shows two numbers may well have a sentence for its name.
      rules: { 'label-content-name-mismatch': { enabled: false } },
    }
    // The names at cursors go by themselves: held where they are shown, they are neither missed nor met half gone.
    const names = document.getAnimations().filter(({ effect }) => {
      return effect instanceof KeyframeEffect && effect.target?.matches('.cm-personFlag')
    })
    for (const name of names) {
      name.pause()
      name.currentTime = 0
    }
    const { violations } = await axe.run(document, options)
    for (const name of names) name.play()
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  })
}

/** Controls too small for a finger (44 CSS pixels high, 38 wide), and not inside of text. */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const controls = [...document.querySelectorAll<HTMLElement>('button, [role=tab], [role=treeitem], select, input')]
    const seen = controls.filter((control) => control.checkVisibility({ visibilityProperty: true }))
    return seen.flatMap((control) => {
      const { width, height } = control.getBoundingClientRect()
      const label = control.closest('label') ?? (control.id && document.querySelector(`label[for="${control.id}"]`))
      if ((width >= 38 && height >= 43.5) || label || width === 0) return []
      return [`${control.getAttribute('aria-label') ?? control.textContent} ${Math.round(width)}x${Math.round(height)}`]
    })
  })
}
