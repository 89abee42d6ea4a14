import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  type CompletionSource,
  insertCompletionText,
  snippet,
  startCompletion,
} from '@codemirror/autocomplete'
import type { Extension, Text } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { CompletionItem, CompletionList, Position, TextEdit } from 'vscode-languageserver-protocol'
import { textChange } from '../../documents/text-change.ts'
import { offsetOf, positionOf } from '../place.ts'
import { tracked } from './change-tracker.ts'
import { ask, contextOf } from './editor-context.ts'
import { drawMarkup } from './markup.ts'
import { snippetOf } from './snippet.ts'

const word = /[\p{L}\p{N}_$]/u

/** Completion by the server; by CodeMirror's own sources while there is none. */
export function serverCompletion(): Extension {
  return autocompletion({ override: [source], icons: true, maxRenderedOptions: 120 })
}

const source: CompletionSource = async (context) => {
  const { view } = context
  const known = view && contextOf(context.state)
  const provider = known?.link.capabilities.get()?.completionProvider
  if (!view || !provider) return ownSources(context)
  const before = context.state.sliceDoc(Math.max(0, context.pos - 1), context.pos)
  const isTrigger = provider.triggerCharacters?.includes(before) === true && !word.test(before)
  if (!context.explicit && !isTrigger && !word.test(before)) return null
  // In the middle of a number nothing is meant.
  if (!context.explicit && /(?:^|[^\p{L}_$])\d[\p{L}\p{N}_]*$/u.test(lineBefore(context))) return null
  const controller = new AbortController()
  context.addEventListener('abort', () => controller.abort())
  const reason = isTrigger && !context.explicit ? { triggerKind: 2, triggerCharacter: before } : { triggerKind: 1 }
  const params = { position: positionOf(context.state.doc, context.pos), context: reason }
  try {
    const list = await ask<CompletionList | null>(view, 'textDocument/completion', params, {
      signal: controller.signal,
    })
    return list && list.items.length > 0 ? resultOf(view, context, list) : ownIfExplicit(context)
  } catch {
    return context.explicit ? ownSources(context) : null
  }
}

function ownIfExplicit(context: CompletionContext) {
  return context.explicit ? ownSources(context) : null
}

/** The sources of the language as CodeMirror knows it. */
async function ownSources(context: CompletionContext): Promise<CompletionResult | null> {
  for (const own of context.state.languageDataAt<CompletionSource>('autocomplete', context.pos)) {
    const result = typeof own === 'function' ? await own(context) : null
    if (result) return result
  }
  return null
}

function resultOf(view: EditorView, context: CompletionContext, list: CompletionList): CompletionResult {
  const { doc } = context.state
  const from = beginOf(context, list)
  const typed = doc.sliceString(from, context.pos)
  const defaults = list.itemDefaults?.commitCharacters
  return {
    from,
    options: list.items.map((item) => optionOf(view, item, list, doc)),
    ...(defaults === undefined ? {} : { commitCharacters: defaults }),
    // With more letters the list gets shorter, but not with other ones; and not when it was not all of it.
    ...(list.isIncomplete
      ? {}
      : { validFor: (text: string) => text.startsWith(typed) && /^[^\s]*$/.test(text) && endsInWord(text) }),
  }
}

function endsInWord(text: string): boolean {
  return /^[^\p{L}\p{N}_$]*[\p{L}\p{N}_$-]*$/u.test(text)
}

/** Where what is to be replaced begins: as the server says, else at the beginning of the word. */
function beginOf(context: CompletionContext, { itemDefaults, items }: CompletionList): number {
  const { doc } = context.state
  const first = items.find(({ textEdit }) => textEdit !== undefined)?.textEdit
  const range = itemDefaults?.editRange ?? (first && ('range' in first ? first.range : first.insert))
  const start = range && ('start' in range ? range.start : range.insert.start)
  const line = doc.lineAt(context.pos)
  if (start && start.line === line.number - 1) return Math.min(context.pos, offsetOf(doc, start))
  return context.matchBefore(/[\p{L}\p{N}_$]+$/u)?.from ?? context.pos
}

function optionOf(view: EditorView, item: CompletionItem, list: CompletionList, doc: Text): Completion {
  const { itemDefaults } = list
  const edit = item.textEdit
  const text = edit?.newText ?? item.textEditText ?? item.insertText ?? item.label
  const isSnippet = (item.insertTextFormat ?? itemDefaults?.insertTextFormat) === 2
  const detail = [item.labelDetails?.detail, item.labelDetails?.description].filter(Boolean).join(' ')
  const isDeprecated = item.deprecated === true || item.tags?.includes(1) === true
  const resolve = resolver(view, item, list)
  return {
    label: item.filterText ?? item.label,
    displayLabel: item.label,
    type: `${kinds[item.kind ?? 1] ?? 'text'}${isDeprecated ? ' deprecated' : ''}`,
    ...(detail === '' ? {} : { detail }),
    sortText: `${item.sortText ?? ''}\0${item.label}`,
    ...(item.commitCharacters === undefined ? {} : { commitCharacters: item.commitCharacters }),
    ...(item.preselect ? { boost: 1 } : {}),
    info: async () => {
      const { detail: signature, documentation } = await resolve()
      return drawInfo(view, signature, documentation)
    },
    apply: (target, completion, from, to) => {
      const moved = mover(doc, target.state.doc)
      void tracked(target, async (since) => {
        if (isSnippet) snippet(snippetOf(text))(target, completion, from, to)
        else target.dispatch(insertCompletionText(target.state, text, from, to))
        if (item.command?.command === 'editor.action.triggerSuggest') startCompletion(target)
        // The name is there at once; its import comes when the server has said what it is.
        const edits = item.additionalTextEdits ?? (await resolve()).additionalTextEdits ?? []
        const place = (position: Position) => since.map(moved(offsetOf(doc, position)))
        if (edits.length > 0)
          target.dispatch({ changes: edits.map((one) => changeOf(one, place)), userEvent: 'input.complete' })
      })
    },
  }
}

/** Where offsets of one text are in a later one: letters have been typed since, at one place as a rule. */
function mover(before: Text, after: Text): (offset: number) => number {
  const { from, to, insert } = textChange(before.toString(), after.toString())
  return (offset) => (offset <= from ? offset : offset >= to ? offset - to + from + insert.length : from)
}

function changeOf({ range, newText }: TextEdit, place: (position: Position) => number) {
  return { from: place(range.start), to: place(range.end), insert: newText.replace(/\r\n?/g, '\n') }
}

/** The item with all there is to know of it; asked once. */
function resolver(view: EditorView, item: CompletionItem, { itemDefaults }: CompletionList) {
  let resolving: Promise<CompletionItem> | undefined
  const data = item.data === undefined && itemDefaults?.data !== undefined ? { data: itemDefaults.data } : {}
  return (): Promise<CompletionItem> => {
    const link = contextOf(view.state)?.link
    if (!link?.capabilities.get()?.completionProvider?.resolveProvider) return Promise.resolve(item)
    resolving ??= link
      .request<CompletionItem | null>('completionItem/resolve', { ...item, ...data })
      .then((found) => found ?? item)
      .catch(() => item)
    return resolving
  }
}

function drawInfo(
  view: EditorView,
  signature: string | undefined,
  documentation: CompletionItem['documentation'],
): Node | null {
  if (!signature && !documentation) return null
  const element = document.createElement('div')
  element.className = 'language-info'
  if (signature) {
    const line = element.appendChild(document.createElement('div'))
    line.className = 'signature'
    line.textContent = signature
  }
  if (documentation) element.append(drawMarkup(documentation, view))
  return element
}

function lineBefore(context: CompletionContext): string {
  return context.state.sliceDoc(context.state.doc.lineAt(context.pos).from, context.pos)
}

/** LSP's CompletionItemKind as CodeMirror's types, which have icons. */
const kinds: Record<number, string> = {
  1: 'text',
  2: 'method',
  3: 'function',
  4: 'class',
  5: 'property',
  6: 'variable',
  7: 'class',
  8: 'interface',
  9: 'namespace',
  10: 'property',
  11: 'constant',
  12: 'constant',
  13: 'enum',
  14: 'keyword',
  15: 'snippet',
  16: 'constant',
  17: 'file',
  18: 'text',
  19: 'folder',
  20: 'constant',
  21: 'constant',
  22: 'class',
  23: 'function',
  24: 'keyword',
  25: 'type',
}
