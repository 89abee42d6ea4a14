import { type Extension, Prec, StateEffect, StateField } from '@codemirror/state'
import { type EditorView, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { SignatureHelp, SignatureInformation } from 'vscode-languageserver-protocol'
import { positionOf } from '../place.ts'
import { askQuietly, contextOf } from './editor-context.ts'
import { drawMarkup } from './markup.ts'

interface Shown {
  help: SignatureHelp
  /** Which of its signatures. */
  active: number
  at: number
}

const show = StateEffect.define<Shown | undefined>()

const shown = StateField.define<Shown | undefined>({
  create: () => undefined,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(show)) return effect.value
    return value && transaction.docChanged ? { ...value, at: transaction.changes.mapPos(value.at) } : value
  },
  provide: (field) => showTooltip.computeN([field], (state) => [tooltipOf(state.field(field))]),
})

const ASK_AGAIN_MS = 120

/** The parameters of the call that is being typed, above the line. */
const plugin = ViewPlugin.fromClass(
  class {
    readonly #view: EditorView
    #timer: ReturnType<typeof setTimeout> | undefined
    #controller: AbortController | undefined

    constructor(view: EditorView) {
      this.#view = view
    }

    update({ view, state, docChanged, selectionSet, transactions }: ViewUpdate) {
      const provider = contextOf(state)?.link.capabilities.get()?.signatureHelpProvider
      if (!provider || (!docChanged && !selectionSet)) return
      const isShown = state.field(shown) !== undefined
      const isTyped = transactions.some((one) => one.isUserEvent('input.type') || one.isUserEvent('input.complete'))
      const head = state.selection.main.head
      const typed = isTyped ? state.sliceDoc(Math.max(0, head - 1), head) : ''
      // Brackets close by themselves: what was typed is before the cursor all the same.
      if (typed !== '' && provider.triggerCharacters?.includes(typed)) this.ask(view, typed)
      else if (isShown) {
        clearTimeout(this.#timer)
        this.#timer = setTimeout(() => this.ask(view), ASK_AGAIN_MS)
      }
    }

    ask(view: EditorView, character?: string) {
      clearTimeout(this.#timer)
      this.#controller?.abort()
      const controller = new AbortController()
      this.#controller = controller
      void this.#ask(view, character, controller)
    }

    async #ask(view: EditorView, character: string | undefined, { signal }: AbortController) {
      const { state } = view
      const before = state.field(shown)
      const head = state.selection.main.head
      const context = {
        triggerKind: character === undefined ? (before ? 3 : 1) : 2,
        isRetrigger: before !== undefined,
        ...(character === undefined ? {} : { triggerCharacter: character }),
        ...(before ? { activeSignatureHelp: { ...before.help, activeSignature: before.active } } : {}),
      }
      const position = positionOf(state.doc, head)
      const params = { position, context }
      const help = await askQuietly<SignatureHelp>(view, 'textDocument/signatureHelp', params, { signal })
      if (signal.aborted) return
      const now = view.state.field(shown)
      const value = help && help.signatures.length > 0 ? shownOf(help, now, head) : undefined
      if (value !== now) view.dispatch({ effects: show.of(value) })
    }

    destroy() {
      clearTimeout(this.#timer)
      this.#controller?.abort()
    }

    get view() {
      return this.#view
    }
  },
)

/** Over the place where it was, as long as it is of the same call. */
function shownOf(help: SignatureHelp, before: Shown | undefined, head: number): Shown {
  const isSame =
    before?.help.signatures.length === help.signatures.length &&
    before.help.signatures.every(({ label }, index) => label === help.signatures[index]?.label)
  const active = isSame ? before.active : (help.activeSignature ?? 0)
  return { help, active: Math.min(active, help.signatures.length - 1), at: isSame ? before.at : head }
}

export function askForSignature(view: EditorView): boolean {
  view.plugin(plugin)?.ask(view)
  return true
}

function close(view: EditorView): boolean {
  if (!view.state.field(shown)) return false
  view.dispatch({ effects: show.of(undefined) })
  return true
}

function step(by: 1 | -1) {
  return (view: EditorView): boolean => {
    const now = view.state.field(shown)
    const count = now?.help.signatures.length ?? 0
    if (!now || count < 2) return false
    view.dispatch({ effects: show.of({ ...now, active: (now.active + by + count) % count }) })
    return true
  }
}

export function signatureHelp(): Extension {
  return [
    shown,
    plugin,
    Prec.high(
      keymap.of([
        { key: 'Mod-Shift-Space', run: askForSignature, preventDefault: true },
        { key: 'Escape', run: close },
        { key: 'Alt-ArrowUp', run: step(-1) },
        { key: 'Alt-ArrowDown', run: step(1) },
      ]),
    ),
  ]
}

function tooltipOf(value: Shown | undefined): Tooltip | null {
  if (!value) return null
  return { pos: value.at, above: true, strictSide: true, create: (view) => ({ dom: draw(value, view) }) }
}

function draw({ help, active }: Shown, view: EditorView): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'language-signature'
  dom.setAttribute('role', 'status')
  const signature = help.signatures[active] as SignatureInformation
  const line = dom.appendChild(document.createElement('div'))
  line.className = 'signature'
  if (help.signatures.length > 1) {
    const count = line.appendChild(document.createElement('span'))
    count.className = 'count'
    count.textContent = `${active + 1}/${help.signatures.length}`
  }
  const parameter = signature.parameters?.[signature.activeParameter ?? help.activeParameter ?? -1]
  const [from, to] = spanOf(signature.label, parameter?.label)
  line.append(signature.label.slice(0, from))
  line.appendChild(document.createElement('b')).textContent = signature.label.slice(from, to)
  line.append(signature.label.slice(to))
  for (const documentation of [parameter?.documentation, signature.documentation]) {
    const isSaid =
      typeof documentation === 'string' ? documentation !== '' : documentation && documentation.value !== ''
    if (documentation && isSaid) dom.append(drawMarkup(documentation, view))
  }
  return dom
}

function spanOf(label: string, parameter: string | [number, number] | undefined): [number, number] {
  if (parameter === undefined) return [0, 0]
  if (typeof parameter !== 'string') return parameter
  const at = label.indexOf(parameter)
  return at < 0 ? [0, 0] : [at, at + parameter.length]
}
