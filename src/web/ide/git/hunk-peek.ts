import { type Extension, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, keymap, WidgetType } from '@codemirror/view'
import type { Hunk } from './hunks.ts'

/** A difference that is looked at: its old lines. */
export interface Peek {
  hunk: Hunk
  old: readonly string[]
}

export interface PeekActions {
  revert: (view: EditorView, hunk: Hunk) => void
  stage: (view: EditorView, hunk: Hunk) => void
  step: (view: EditorView, by: 1 | -1) => void
}

/** Opens it, or closes what is open. */
export const showPeek = StateEffect.define<Peek | undefined>()

const LINES_SHOWN = 200

/** The old text below changed lines, with what can be done about them. One is open at a time; Escape closes it. */
export function hunkPeek(actions: PeekActions): Extension {
  const field = StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(value, transaction) {
      // An edit makes its lines others: it is closed.
      let next = transaction.docChanged ? Decoration.none : value
      for (const effect of transaction.effects) {
        if (!effect.is(showPeek)) continue
        const peek = effect.value
        if (!peek) {
          next = Decoration.none
          continue
        }
        const { doc } = transaction.state
        const line = doc.line(Math.max(1, Math.min(doc.lines, peek.hunk.toB)))
        const before = peek.hunk.toB === 0
        const widget = new PeekWidget(peek, actions)
        next = Decoration.set(
          Decoration.widget({ widget, block: true, side: before ? -1 : 1 }).range(before ? line.from : line.to),
        )
      }
      return next
    },
    provide: (self) => EditorView.decorations.from(self),
  })
  const close = keymap.of([
    {
      key: 'Escape',
      run(view) {
        if (view.state.field(field).size === 0) return false
        view.dispatch({ effects: showPeek.of(undefined) })
        return true
      },
    },
  ])
  return [field, close]
}

class PeekWidget extends WidgetType {
  readonly #peek: Peek
  readonly #actions: PeekActions

  constructor(peek: Peek, actions: PeekActions) {
    super()
    this.#peek = peek
    this.#actions = actions
  }

  override eq(other: PeekWidget): boolean {
    return other.#peek === this.#peek
  }

  override toDOM(view: EditorView): HTMLElement {
    const { hunk, old } = this.#peek
    const dom = element('div', 'git-peek')
    dom.setAttribute('role', 'region')
    dom.setAttribute('aria-label', 'The text before the change')
    dom.dataset.testid = 'git-peek'
    // As wide as what is seen of the text, and there it stays while the text is moved sideways.
    const margin = view.dom.querySelector<HTMLElement>('.cm-gutters')?.offsetWidth ?? 0
    dom.style.left = `${margin}px`
    dom.style.width = `${view.scrollDOM.clientWidth - margin}px`
    const tools = element('div', 'git-peek-tools')
    const added = hunk.toB - hunk.fromB
    const words = [old.length > 0 ? `${old.length} before` : '', added > 0 ? `${added} now` : ''].filter(Boolean)
    tools.append(element('span', 'label', `Lines: ${words.join(', ')}`))
    const tool = (title: string, run: () => void) => {
      const button = element('button', 'button', title)
      button.type = 'button'
      button.onclick = run
      tools.append(button)
    }
    tool('Stage', () => this.#actions.stage(view, hunk))
    tool('Revert', () => this.#actions.revert(view, hunk))
    tool('Previous', () => this.#actions.step(view, -1))
    tool('Next', () => this.#actions.step(view, 1))
    tool('Close', () => {
      view.dispatch({ effects: showPeek.of(undefined) })
      view.focus()
    })
    dom.append(tools)
    if (old.length > 0) {
      const rest = old.length - LINES_SHOWN
      const text = old.slice(0, LINES_SHOWN).join('\n') + (rest > 0 ? `\n… ${rest} more lines` : '')
      dom.append(element('pre', 'git-old', text))
    }
    return dom
  }

  override ignoreEvent(): boolean {
    return true
  }
}

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  text?: string,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  made.className = className
  if (text !== undefined) made.textContent = text
  return made
}
