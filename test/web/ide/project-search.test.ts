import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/core/manual-clock.ts'
import { Tag } from '../../../src/core/wire/frames.ts'
import type { FoundMatch, SearchMessage } from '../../../src/core/wire/operations/search.ts'
import { PageMemory } from '../../../src/web/ide/frame/memory.ts'
import { ProjectSearch } from '../../../src/web/ide/search/project-search.ts'
import { countWords, leadOf, neighbourMatch, resultRows } from '../../../src/web/ide/search/result-rows.ts'
import { Connection } from '../../../src/web/ide/wire/connection.ts'
import { FakeSocket } from '../support/fake-socket.ts'

function connected() {
  const sockets: FakeSocket[] = []
  const open = () => {
    const socket = new FakeSocket()
    sockets.push(socket)
    return socket
  }
  const connection = new Connection({ open, clock: new ManualClock(), random: () => 0, signedIn: async () => true })
  connection.start()
  sockets[0]?.onopen?.()
  const search = new ProjectSearch(connection, new PageMemory(undefined))
  return { search, socket: sockets[0] as FakeSocket }
}

const match = (line: number): FoundMatch => ({
  line,
  column: 1,
  endLine: line,
  endColumn: 2,
  before: '',
  text: 'x',
  after: '',
  groups: [],
})

/** Searches for `x`; the worker calls the channel `channel`. */
async function begin(search: ProjectSearch, socket: FakeSocket, channel: number): Promise<void> {
  search.set({ query: 'x' })
  const searching = search.search()
  socket.answer('search.text', { channel })
  await searching
}

function tell(socket: FakeSocket, channel: number, message: SearchMessage): void {
  socket.deliver({ tag: Tag.data, channel, payload: new TextEncoder().encode(JSON.stringify(message)) })
}
const end = (truncated = false): SearchMessage => ({ end: { files: 0, matches: 0, truncated } })
const listed = (search: ProjectSearch) =>
  search.state.get().files.map(({ path, matches }) => [path, matches.map(({ index }) => index)])

describe('the search through all files', () => {
  it('a search that came too late is not closed when the next one may be called the same', async () => {
    const { search, socket } = connected()
    search.set({ query: 'x' })
    const former = search.search()
    const [request] = socket.requests().slice(-1)
    const next = search.search()
    socket.control({ re: request?.id ?? 0, ok: { channel: 3 } })
    socket.answer('search.text', { channel: 3 })
    await Promise.all([former, next])
    tell(socket, 3, { files: [{ path: 'b.ts', matches: [match(1)] }] })
    expect(listed(search)).toEqual([['b.ts', [0]]])
    expect(socket.requests().filter(({ op }) => op === 'search.close')).toEqual([])
    const last = search.search()
    search.clear()
    socket.answer('search.text', { channel: 4 })
    await last
    expect(socket.requests().at(-1)).toMatchObject({ op: 'search.close', params: { channel: 4 } })
  })

  it('replaces nothing while the list is of the search before', async () => {
    const { search, socket } = connected()
    await begin(search, socket, 3)
    tell(socket, 3, { files: [{ path: 'b.ts', matches: [match(1)] }] })
    tell(socket, 3, end())
    await begin(search, socket, 4)
    expect(listed(search)).toEqual([['b.ts', [0]]])
    await expect(search.replace()).rejects.toThrow('not done yet')
    expect(socket.requests().filter(({ op }) => op === 'search.replace')).toEqual([])
  })

  it('lists what arrives by path, a file in several pieces', async () => {
    const { search, socket } = connected()
    await begin(search, socket, 3)
    tell(socket, 3, { files: [{ path: 'b.ts', matches: [match(1)] }] })
    tell(socket, 3, {
      files: [
        { path: 'b.ts', matches: [match(2)] },
        { path: 'a/b/c.ts', matches: [match(1)] },
      ],
    })
    tell(socket, 3, {
      files: [
        { path: 'a/z.ts', matches: [match(1)] },
        { path: 'a-b.ts', matches: [match(1)] },
      ],
    })
    expect(search.state.get()).toMatchObject({ status: 'searching', matches: 5 })
    tell(socket, 3, end(true))
    expect(search.state.get()).toMatchObject({ status: 'done', truncated: true })
    expect(listed(search)).toEqual([
      ['a/b/c.ts', [0]],
      ['a/z.ts', [0]],
      ['a-b.ts', [0]],
      ['b.ts', [0, 1]],
    ])
    const painted = socket.frames().filter(({ tag }) => tag === Tag.painted)
    expect(painted).toHaveLength(4)
  })

  it('shows what the search before found until there is something new', async () => {
    const { search, socket } = connected()
    await begin(search, socket, 3)
    tell(socket, 3, { files: [{ path: 'a.ts', matches: [match(1)] }] })
    tell(socket, 3, end())
    search.toggle('a.ts')
    await begin(search, socket, 4)
    expect(listed(search)).toEqual([['a.ts', [0]]])
    expect(socket.requests().at(-2)).toMatchObject({ op: 'search.close', params: { channel: 3 } })
    tell(socket, 3, { files: [{ path: 'late.ts', matches: [match(1)] }] })
    tell(socket, 4, end())
    expect(listed(search)).toEqual([])
    expect(search.collapsed.get().size).toBe(0)
  })

  it('says what the worker says when it cannot be', async () => {
    const { search, socket } = connected()
    await begin(search, socket, 3)
    tell(socket, 3, {
      end: { files: 0, matches: 0, truncated: false, problem: { code: 'INVALID_REQUEST', detail: 'No.' } },
    })
    expect(search.state.get()).toMatchObject({ status: 'done', problem: 'No.' })
    await begin(search, socket, 4)
    tell(socket, 4, end())
    expect(search.state.get().problem).toBeUndefined()
  })

  it('forgets an answer that came too late', async () => {
    const { search, socket } = connected()
    search.set({ query: 'x' })
    const first = search.search()
    search.set({ query: '' })
    await search.search()
    socket.answer('search.text', { channel: 9 })
    await first
    expect(search.state.get().status).toBe('idle')
    expect(socket.requests().at(-1)).toMatchObject({ op: 'search.close', params: { channel: 9 } })
  })

  it('replaces what is listed, by the places the worker knows', async () => {
    const { search, socket } = connected()
    await begin(search, socket, 3)
    tell(socket, 3, {
      files: [
        { path: 'a.ts', matches: [match(1), match(2), match(3)] },
        { path: 'b.ts', matches: [match(1)] },
      ],
    })
    search.dismiss({ path: 'a.ts', index: 0 })
    tell(socket, 3, { files: [{ path: 'a.ts', matches: [match(4)] }] })
    tell(socket, 3, end())
    expect(listed(search)[0]).toEqual(['a.ts', [1, 2, 3]])
    search.set({ replacement: 'y' })
    const one = search.replace({ path: 'a.ts', index: 2 })
    expect(socket.requests().at(-1)?.params).toMatchObject({ channel: 3, files: [{ path: 'a.ts', matches: [2] }] })
    socket.answer('search.replace', { replacement: 1, files: 1, matches: 1, skipped: 0, failures: [] })
    await one
    expect(listed(search)[0]).toEqual(['a.ts', [1, 3]])
    const all = search.replace()
    expect(socket.requests().at(-1)?.params).toMatchObject({
      files: [
        { path: 'a.ts', matches: [1, 3] },
        { path: 'b.ts', matches: [0] },
      ],
    })
    const failures = [{ path: 'b.ts', detail: 'No.' }]
    socket.answer('search.replace', { replacement: 2, files: 1, matches: 2, skipped: 0, failures })
    await all
    expect(listed(search)).toEqual([['b.ts', [0]]])
  })

  it('remembers what was searched for', () => {
    const { search } = connected()
    for (const query of ['a', 'b', 'a', '']) {
      search.set({ query })
      search.remember()
    }
    expect(search.queries).toEqual(['b', 'a'])
  })
})

describe('the list', () => {
  const files = [
    { path: 'a.ts', matches: [0, 1].map((index) => ({ ...match(index + 1), index })) },
    { path: 'b.ts', matches: [{ ...match(1), index: 0 }] },
  ]

  const id = (path: string, index: number) => `${path}\0${index}`

  it('has a line for each file and match, without those of collapsed files', () => {
    expect(resultRows(files, new Set()).map(({ id }) => id)).toEqual([
      'a.ts',
      id('a.ts', 0),
      id('a.ts', 1),
      'b.ts',
      id('b.ts', 0),
    ])
    expect(resultRows(files, new Set(['a.ts'])).map(({ id }) => id)).toEqual(['a.ts', 'b.ts', id('b.ts', 0)])
  })

  it('is walked from match to match, around its ends', () => {
    const step = (from: string | undefined, by: 1 | -1) => {
      const found = neighbourMatch(files, from, by)
      return found && [found.file.path, found.match.index]
    }
    expect(step(undefined, 1)).toEqual(['a.ts', 0])
    expect(step(undefined, -1)).toEqual(['b.ts', 0])
    expect(step(id('a.ts', 1), 1)).toEqual(['b.ts', 0])
    expect(step(id('b.ts', 0), 1)).toEqual(['a.ts', 0])
    expect(step(id('a.ts', 0), -1)).toEqual(['b.ts', 0])
    expect(step('b.ts', 1)).toEqual(['b.ts', 0])
    expect(step('b.ts', -1)).toEqual(['a.ts', 1])
    expect(neighbourMatch([], undefined, 1)).toBeUndefined()
  })

  it('shows the end of what is before a match', () => {
    expect(leadOf('    if (')).toBe('if (')
    expect(leadOf('a very long beginning of a line ')).toBe('\u2026nning of a line ')
    expect(countWords(1, 1)).toBe('1 result in 1 file')
    expect(countWords(1_200, 3)).toBe('1,200 results in 3 files')
  })
})
