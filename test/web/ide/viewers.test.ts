import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRowBlocks, RowCounter } from '../../../src/core/text-rows.ts'
import { BigScroll } from '../../../src/web/ide/viewers/big-scroll.ts'
import { kindOf } from '../../../src/web/ide/viewers/file-kind.ts'
import { RemoteFile } from '../../../src/web/ide/viewers/remote-file.ts'
import { RowIndex } from '../../../src/web/ide/viewers/row-index.ts'

const encode = (text: string) => new TextEncoder().encode(text)

/** A worker that has one file, and counts what is asked. */
function serving(bytes: Uint8Array) {
  const asked: string[] = []
  let tag = '"one"'
  const fetcher = (async (address: string, { method, headers = {} }: RequestInit = {}) => {
    const given = headers as Record<string, string>
    asked.push(`${method ?? 'GET'} ${given.range ?? address}`)
    if (address.startsWith('/_omega/rows')) {
      const counter = new RowCounter()
      const blocks = encodeRowBlocks([...counter.push(bytes), ...counter.end()])
      // In pieces that end within a block's numbers.
      const body = new ReadableStream({
        start(controller) {
          for (let at = 0; at < blocks.length; at += 7) controller.enqueue(blocks.slice(at, at + 7))
          controller.close()
        },
      })
      return new Response(body, { headers: { etag: tag } })
    }
    if (given['if-match'] !== undefined && given['if-match'] !== tag) {
      return new Response(JSON.stringify({ code: 'PRECONDITION_FAILED', detail: 'It has changed.' }), { status: 412 })
    }
    const headersOut = { etag: tag, 'content-length': `${bytes.length}` }
    if (method === 'HEAD') return new Response(null, { headers: headersOut })
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(given.range ?? '') ?? []
    return new Response(bytes.slice(Number(from), Number(to) + 1), { status: 206, headers: headersOut })
  }) as unknown as typeof fetch
  const change = () => {
    tag = '"two"'
  }
  return { fetcher, asked, change }
}

describe('a remote file', () => {
  it('is read in pieces, each fetched once', async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251)
    const { fetcher, asked } = serving(bytes)
    const file = await RemoteFile.open('a', fetcher)
    expect(file.size).toBe(200_000)
    expect(await file.read(65_530, 65_540)).toEqual(bytes.slice(65_530, 65_540))
    expect(await file.read(199_990, 300_000)).toEqual(bytes.slice(199_990))
    expect(await file.read(0, 200_000)).toEqual(bytes)
    expect(await file.read(200_000, 200_010)).toEqual(new Uint8Array())
    expect(asked.length).toBe(1 + 4)
  })

  it('that has changed is not mixed with what it was', async () => {
    const { fetcher, change } = serving(encode('x'.repeat(100_000)))
    const file = await RemoteFile.open('a', fetcher)
    await file.read(0, 10)
    change()
    await expect(file.read(99_000, 99_010)).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' })
    expect((await file.read(0, 10)).length).toBe(10)
  })
})

describe('rows of a large text', () => {
  const shown = (rows: { bytes: Uint8Array; line?: number }[]) =>
    rows.map(({ bytes, line }) => `${line ?? '·'} ${new TextDecoder().decode(bytes).replace('\n', '')}`)

  it('are found wherever they are', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index + 1} ${'€'.repeat(index % 40)}`)
    const { fetcher, asked } = serving(encode(`${lines.join('\n')}\n`))
    const file = await RemoteFile.open('a', fetcher)
    const index = new RowIndex(file, fetcher)
    await index.load()
    expect(index.state.get()).toEqual({ rows: 30_001, lines: 30_001, counted: 1 })
    expect(shown(await index.rows(0, 2))).toEqual([`1 ${lines[0]}`, `2 ${lines[1]}`])
    expect(shown(await index.rows(20_000, 20_003))).toEqual(
      [20_000, 20_001, 20_002].map((at) => `${at + 1} ${lines[at]}`),
    )
    expect(shown(await index.rows(29_999, 40_000))).toEqual([`30000 ${lines[29_999]}`, '30001 '])
    expect(await index.rowOf(12_345)).toBe(12_344)
    expect(asked.length).toBeLessThan(20)
  })

  it('are those the worker counted, whatever the text', async () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom(
        '\n',
        '\n\n',
        '\r\n',
        'y'.repeat(5_000),
        '€'.repeat(23_000),
        'x'.repeat(65_535),
        'z'.repeat(2_048),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
        const bytes = encode(pieces.join(''))
        const { fetcher } = serving(bytes)
        const index = new RowIndex(await RemoteFile.open('a', fetcher), fetcher)
        await index.load()
        const { rows, lines } = index.state.get()
        const all = await index.rows(0, rows)
        expect(all.length).toBe(rows)
        expect(all.filter(({ line }) => line !== undefined).map(({ line }) => line)).toEqual(
          Array.from({ length: lines }, (_, at) => at + 1),
        )
        expect(Buffer.concat(all.map((row) => row.bytes)).equals(Buffer.from(bytes))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('of a text that changed meanwhile are not shown', async () => {
    const { fetcher, change } = serving(encode('a\nb'))
    const file = await RemoteFile.open('a', fetcher)
    change()
    const index = new RowIndex(file, fetcher)
    await index.load()
    expect(index.state.get().problem).toContain('changed')
  })
})

describe('scrolling through more than a browser can draw', () => {
  it('is as it is for what can be drawn', () => {
    const scroll = new BigScroll()
    scroll.resize(100_000, 500)
    scroll.scrolled(70_000)
    expect(scroll.top).toBe(70_000)
    expect(scroll.settle()).toBe(70_000)
  })

  it('moves by pixels for small steps, in proportion for the bar, and reaches both ends', () => {
    const scroll = new BigScroll()
    const height = 1_300_000_000
    scroll.resize(height, 500)
    expect(scroll.elementHeight).toBe(8_000_000)
    scroll.scrolled(4_000_000)
    expect(scroll.top / height).toBeCloseTo(0.5, 2)
    const before = scroll.top
    scroll.scrolled(4_000_120)
    expect(scroll.top).toBe(before + 120)
    const shown = scroll.settle()
    expect(shown).toBeCloseTo(4_000_000, -1)
    scroll.scrolled(shown - 100)
    expect(scroll.top).toBe(before + 20)
    scroll.scrolled(7_999_500)
    expect(scroll.top).toBe(height - 500)
    scroll.scrolled(0)
    expect(scroll.top).toBe(0)
    expect(scroll.goTo(300)).toBe(300)
    expect(scroll.goTo(height)).toBe(7_999_500)
  })

  it('never jumps when it settles', () => {
    const scroll = new BigScroll()
    scroll.resize(9_000_000_000, 700)
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -600, max: 600 }), { maxLength: 200 }),
        fc.nat(8_000_000),
        (steps, start) => {
          scroll.scrolled(Math.min(start, 7_999_300))
          let at = scroll.settle()
          for (const step of steps) {
            const before = scroll.top
            const next = Math.max(0, Math.min(7_999_300, at + step))
            scroll.scrolled(next)
            expect(Math.abs(scroll.top - before)).toBeLessThanOrEqual(Math.abs(step) + 1)
            const top = scroll.top
            at = scroll.settle()
            expect(scroll.top).toBe(top)
          }
        },
      ),
    )
  })
})

describe('what a file holds', () => {
  it.each([
    ['a text', encode('hello\n€'), true, 'utf-8'],
    ['a text cut within a character', encode('hello €').slice(0, -1), true, 'utf-8'],
    ['a text of before', Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x0a]), true, 'windows-1252'],
    ['a log with colours', encode('\u001b[31mred\u001b[0m and more text behind it\n'), true, 'utf-8'],
    ['a program', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0]), false, 'utf-8'],
    ['nothing', new Uint8Array(), true, 'utf-8'],
  ])('%s', (_name, bytes, isText, encoding) => {
    expect(kindOf(bytes)).toEqual({ isText, encoding })
  })
})
