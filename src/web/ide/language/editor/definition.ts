import { type Extension, Prec, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'
import type { Location, LocationLink } from 'vscode-languageserver-protocol'
import { type Place, placesOf, positionOf } from '../place.ts'
import { showReferences } from '../references.ts'
import { showPlace } from '../show-place.ts'
import { ask, contextOf } from './editor-context.ts'

type Question = 'definition' | 'typeDefinition' | 'implementation'

const names: Record<Question, string> = {
  definition: 'definition',
  typeDefinition: 'definition of the type',
  implementation: 'implementation',
}

/** Goes to where the name at an offset is defined; with several such places, lists them. */
export async function goToDefinition(view: EditorView, at: number, question: Question = 'definition'): Promise<void> {
  const context = contextOf(view.state)
  if (!context) return
  const { workspace, languages, document } = context
  const { doc } = view.state
  const word = view.state.wordAt(at)
  const name = word ? doc.sliceString(word.from, word.to) : 'this'
  const method = `textDocument/${question}`
  const result = await ask<Location | (Location | LocationLink)[] | null>(view, method, {
    position: positionOf(doc, at),
  })
  const places = distinct(placesOf(result))
  const [first] = places
  if (!first) {
    workspace.notices.say(`No ${names[question]} of ${name} was found.`)
    return
  }
  const here = languages.uriOf(document.path)
  const isHere = ({ uri, range }: Place) => uri === here && range.start.line === doc.lineAt(at).number - 1
  // Who asks at the definition itself wants to know who uses it.
  if (question === 'definition' && places.length === 1 && isHere(first)) await findReferences(view, at)
  else if (places.length === 1 || question === 'definition') showPlace(workspace, languages, first)
  else await showReferences(workspace, languages, `${names[question]} of ${name}`, places)
}

/** Lists where the name at an offset is used. */
export async function findReferences(view: EditorView, at: number): Promise<void> {
  const context = contextOf(view.state)
  if (!context) return
  const { workspace, languages } = context
  const { doc } = view.state
  const word = view.state.wordAt(at)
  const name = word ? doc.sliceString(word.from, word.to) : ''
  const params = { position: positionOf(doc, at), context: { includeDeclaration: true } }
  const places = placesOf(await ask<Location[] | null>(view, 'textDocument/references', params))
  if (places.length === 0) workspace.notices.say(`No use of ${name === '' ? 'this' : name} was found.`)
  else await showReferences(workspace, languages, name, distinct(places))
}

function distinct(places: readonly Place[]): Place[] {
  const seen = new Set<string>()
  return places.filter(({ uri, range: { start } }) => {
    const key = `${start.line}:${start.character}:${uri}`
    return !seen.has(key) && seen.add(key)
  })
}

const underline = StateEffect.define<{ from: number; to: number } | undefined>()
const mark = Decoration.mark({ class: 'language-link' })

const underlined = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(underline)) {
        return effect.value ? Decoration.set(mark.range(effect.value.from, effect.value.to)) : Decoration.none
      }
    }
    return transaction.docChanged ? Decoration.none : value
  },
  provide: (field) => EditorView.decorations.from(field),
})

function isWanted(event: MouseEvent | KeyboardEvent): boolean {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
}

function setUnderline(view: EditorView, range: { from: number; to: number } | undefined): void {
  const before = view.state.field(underlined).iter()
  const same = range ? before.value !== null && before.from === range.from && before.to === range.to : !before.value
  if (!same) view.dispatch({ effects: underline.of(range) })
}

/** With Ctrl a name is a link to its definition. */
export const definitionLinks: Extension = [
  underlined,
  Prec.highest(
    EditorView.domEventHandlers({
      mousedown(event, view) {
        const at = isWanted(event) && event.button === 0 ? view.posAtCoords(event) : null
        if (at === null || !contextOf(view.state)?.link.capabilities.get()?.definitionProvider) return false
        if (!view.state.wordAt(at)) return false
        event.preventDefault()
        setUnderline(view, undefined)
        view.dispatch({ selection: { anchor: at } })
        contextOf(view.state)?.workspace.attempt(goToDefinition(view, at))
        return true
      },
      mousemove(event, view) {
        const at = isWanted(event) ? view.posAtCoords(event) : null
        const word = at === null ? null : view.state.wordAt(at)
        setUnderline(view, word ? { from: word.from, to: word.to } : undefined)
        return false
      },
      keyup(_event, view) {
        setUnderline(view, undefined)
        return false
      },
      mouseleave(_event, view) {
        setUnderline(view, undefined)
        return false
      },
    }),
  ),
]
