import type { Extension } from '@codemirror/state'
import { type EditorView, hoverTooltip, type Tooltip } from '@codemirror/view'
import type { Hover } from 'vscode-languageserver-protocol'
import { offsetOf, positionOf } from '../place.ts'
import { askQuietly, contextOf } from './editor-context.ts'
import { drawMarkup } from './markup.ts'

const HOVER_MS = 350

/** What a name means, above it, where it covers nothing that is being typed; typing closes it. */
export function serverHover(): Extension {
  return hoverTooltip((view, at) => hoverAt(view, at), { hoverTime: HOVER_MS, hideOnChange: true })
}

export async function hoverAt(view: EditorView, at: number): Promise<Tooltip | null> {
  const { doc } = view.state
  if (!contextOf(view.state)?.link.capabilities.get()?.hoverProvider) return null
  const hover = await askQuietly<Hover>(view, 'textDocument/hover', { position: positionOf(doc, at) })
  if (!hover || isEmpty(hover) || view.state.doc !== doc) return null
  return {
    pos: hover.range ? offsetOf(doc, hover.range.start) : at,
    end: hover.range ? offsetOf(doc, hover.range.end) : at,
    above: true,
    create: () => {
      const dom = document.createElement('div')
      dom.className = 'language-hover'
      dom.append(drawMarkup(hover.contents, view))
      return { dom }
    },
  }
}

function isEmpty({ contents }: Hover): boolean {
  const all = Array.isArray(contents) ? contents : [contents]
  return all.every((one) => (typeof one === 'string' ? one : one.value).trim() === '')
}
