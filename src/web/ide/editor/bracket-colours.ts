import { syntaxTree } from '@codemirror/language'
import { type EditorState, RangeSetBuilder } from '@codemirror/state'
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { SyntaxNode, Tree } from '@lezer/common'

/** As many as tokens.css has. */
export const BRACKET_COLOURS = 3

const opening = new Set(['(', '[', '{', '${', 'InterpolationStart', '#{', '#['])
const closing = new Set([')', ']', '}', 'InterpolationEnd'])
/** A node's own brackets are among its first children, or there are none. */
const CHILDREN_LOOKED_AT = 5
const marks = Array.from({ length: BRACKET_COLOURS }, (_, depth) => Decoration.mark({ class: `cm-bracket${depth}` }))

/** A bracket, and in how many pairs it lies. */
export interface DeepBracket {
  from: number
  to: number
  depth: number
}

/** The brackets of a stretch of a text. Those in strings and comments are none, as the grammar sees them. */
export function bracketsIn(tree: Tree, from: number, to: number): DeepBracket[] {
  const found: DeepBracket[] = []
  const depths = new Map<string, number>()
  tree.iterate({
    from,
    to,
    enter(ref) {
      const { name } = ref
      if (!opening.has(name) && !closing.has(name)) return
      const { parent } = ref.node
      if (!parent || ref.to <= from || ref.from >= to) return
      found.push({ from: ref.from, to: ref.to, depth: depthOf(parent, depths) })
    },
  })
  return found
}

/** In how many pairs of brackets a node lies that has one itself. */
function depthOf(node: SyntaxNode, known: Map<string, number>): number {
  const key = `${node.from} ${node.to} ${node.type.id}`
  const before = known.get(key)
  if (before !== undefined) return before
  let above = node.parent
  while (above && !hasBracket(above, node.from)) above = above.parent
  const depth = above ? depthOf(above, known) + 1 : 0
  known.set(key, depth)
  return depth
}

function hasBracket(node: SyntaxNode, before: number): boolean {
  if (node.type.isTop) return false
  let child = node.firstChild
  for (let count = 0; child && child.from <= before && count < CHILDREN_LOOKED_AT; count++) {
    if (opening.has(child.name)) return true
    child = child.nextSibling
  }
  return false
}

function colour(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>()
  const tree = syntaxTree(view.state)
  for (const { from, to } of view.visibleRanges) {
    for (const bracket of bracketsIn(tree, from, to)) {
      const mark = marks[bracket.depth % BRACKET_COLOURS]
      if (mark) builder.add(bracket.from, bracket.to, mark)
    }
  }
  return builder.finish()
}

/** Pairs of brackets in colours by how deep they are. */
export const bracketColours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = colour(view)
    }

    update({ docChanged, viewportChanged, startState, state, view }: ViewUpdate): void {
      if (docChanged || viewportChanged || hasGrown(startState, state)) this.decorations = colour(view)
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

function hasGrown(before: EditorState, now: EditorState): boolean {
  return syntaxTree(before) !== syntaxTree(now)
}
