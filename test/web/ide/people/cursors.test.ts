import { describe, expect, it } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import type { Content } from '../../../../src/web/ide/documents/content.ts'
import { initialsOf } from '../../../../src/web/ide/people/avatar.tsx'
import { onOthersMove, othersIn, positionAt } from '../../../../src/web/ide/people/cursors.ts'

function contentOf(value: string): Content {
  const doc = new Y.Doc()
  const text = doc.getText('text')
  text.insert(0, value)
  const awareness = new Awareness(doc)
  return { generation: 'g', text, awareness, undo: new Y.UndoManager(text) }
}

/** Another page says this of itself. */
function say(content: Content, client: number, state: unknown): void {
  content.awareness.states.set(client, state as Record<string, unknown>)
}

describe("others' cursors", () => {
  it('stay with their letters while the text changes', () => {
    const content = contentOf('hello world')
    const at = (offset: number) => positionAt(content.text, offset)
    say(content, 1, { user: { id: 'ada' }, cursor: { ranges: [[at(6), at(11)]], top: at(0), bottom: at(11) } })
    content.text.insert(0, 'oh, ')
    expect(othersIn(content)).toMatchObject([{ id: 'ada', ranges: [{ anchor: 10, head: 15 }], bottom: 15 }])
    content.awareness.destroy()
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['no user', { cursor: { ranges: [] } }],
    ['a user without an id', { user: { name: 'x' }, cursor: { ranges: [] } }],
    ['no cursor', { user: { id: 'a' }, cursor: null }],
    ['a cursor of another kind', { user: { id: 'a' }, cursor: { anchor: 1, head: 2 } }],
    ['ranges that are none', { user: { id: 'a' }, cursor: { ranges: 'x' } }],
  ])('%s is no cursor', (_what, state) => {
    const content = contentOf('text')
    say(content, 1, state)
    expect(othersIn(content)).toEqual([])
    content.awareness.destroy()
  })

  it.each([
    null,
    7,
    'x',
    {},
    [],
    { item: 'x' },
    { item: { client: 'a', clock: {} } },
    { item: { client: 5, clock: 1e9 } },
    { type: { client: -1, clock: -1 } },
    { tname: 'other' },
    { tname: '__proto__' },
  ])('%j is no place', (place) => {
    const content = contentOf('text')
    say(content, 1, { user: { id: 'eve' }, cursor: { ranges: [[place, place], 'x', null], top: place, bottom: place } })
    expect(othersIn(content)).toMatchObject([{ id: 'eve', ranges: [], top: undefined }])
    content.awareness.destroy()
  })

  it('are not our own, and our own movements are none of theirs', () => {
    const content = contentOf('text')
    let moves = 0
    const stop = onOthersMove(content.awareness, () => moves++)
    const at = positionAt(content.text, 1)
    content.awareness.setLocalState({ user: { id: 'me' }, cursor: { ranges: [[at, at]], top: at, bottom: at } })
    expect([othersIn(content), moves]).toEqual([[], 0])
    content.awareness.emit('change', [{ added: [5], updated: [], removed: [] }, 'x'])
    expect(moves).toBe(1)
    stop()
    content.awareness.destroy()
  })
})

it.each([
  ['Otter', 'O'],
  ['ada lovelace king', 'AL'],
  ['\u{1f431} cat', '\u{1f431}C'],
  ['x.y', 'XY'],
])('%s has the letters %s', (name, letters) => {
  expect(initialsOf(name)).toBe(letters)
})
