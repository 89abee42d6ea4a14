import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/core/manual-clock.ts'
import type { Level, Observed } from '../../../src/core/wire/observed.ts'
import { ConsoleLog, filtered, plainText } from '../../../src/web/ide/preview/console-log.ts'
import { deviceNamed, rotated, scaleIn } from '../../../src/web/ide/preview/device.ts'
import { readMessage } from '../../../src/web/ide/preview/read-observed.ts'
import { SourceLinks, scriptOf, shortPlace } from '../../../src/web/ide/preview/source-links.ts'
import { styleOf } from '../../../src/web/ide/preview/value-view.tsx'

const printed = (text: string, level: Level = 'log'): Observed => ({
  type: 'printed',
  level,
  values: [{ kind: 'text', text }],
  depth: 0,
  stack: [],
})

describe("a page's console", () => {
  it('counts what is repeated, errors and warnings, and begins anew with another page', () => {
    const log = new ConsoleLog(() => false)
    log.pageBegan('/')
    for (const one of [printed('a'), printed('a'), printed('b', 'warn'), printed('a', 'error')]) log.take(one)
    expect(log.state.get().entries.map(({ times, level }) => [times, level])).toEqual([
      [2, 'log'],
      [1, 'warn'],
      [1, 'error'],
    ])
    expect(log.state.get()).toMatchObject({ errors: 1, warnings: 1 })
    log.pageBegan('/next')
    expect(log.state.get()).toEqual({ entries: [], errors: 0, warnings: 0 })
  })

  it('goes on over pages when it is to be kept, and is bounded', () => {
    const log = new ConsoleLog(() => true)
    log.pageBegan('/')
    for (let index = 0; index < 1_500; index++) log.take(printed(String(index)))
    log.pageBegan('/next')
    const { entries } = log.state.get()
    expect(entries).toHaveLength(1_000)
    expect(entries.at(-1)).toMatchObject({ kind: 'page', values: [{ text: '/next' }] })
  })

  it('tells failed requests and errors nobody caught in words', () => {
    const log = new ConsoleLog(() => false)
    log.take({ type: 'request', method: 'GET', url: 'http://x.test/api', status: 500, reason: 'Server Error' })
    log.take({ type: 'request', method: 'POST', url: 'http://x.test/api', status: 0, reason: '' })
    log.take({ type: 'failed', text: 'TypeError: no', stack: [] })
    expect(log.state.get().entries.map(plainText)).toEqual([
      'GET http://x.test/api was answered with 500 Server Error',
      'POST http://x.test/api failed: there was no answer',
      'TypeError: no',
    ])
  })

  it('is filtered by level and by what is in the values', () => {
    const log = new ConsoleLog(() => true)
    log.take(printed('one', 'info'))
    log.take(printed('two', 'debug'))
    const inside = { kind: 'object', text: 'Object', entries: [['needle', { kind: 'number', text: '7' }]] } as const
    log.take({ type: 'printed', level: 'log', values: [structuredClone(inside) as never], depth: 0, stack: [] })
    const { entries } = log.state.get()
    expect(filtered(entries, { text: '', levels: ['log'] })).toHaveLength(2)
    expect(filtered(entries, { text: 'NEEDLE: 7', levels: ['log'] })).toHaveLength(1)
    expect(filtered(entries, { text: 'two', levels: ['debug', 'log'] })).toHaveLength(1)
  })
})

describe('a message from a page', () => {
  it('is taken as our script sends it', () => {
    const observed: Observed[] = [
      { type: 'began', url: 'http://x.test/', status: 200 },
      printed('hello', 'warn'),
      { type: 'failed', text: 'no', stack: [{ name: 'f', url: 'http://x.test/a.js', line: 1, column: 2 }] },
    ]
    expect(readMessage({ omega: 'k', observed })).toEqual({ key: 'k', observed })
  })

  it('whatever it is, gives bounded text or nothing', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 5 }), fc.anything({ maxDepth: 5 }), (type, anything) => {
        const fields = { type, level: anything, values: [anything], stack: [anything], text: anything, url: anything }
        const read = readMessage({ omega: 'k', observed: [fields, anything, { ...fields, type: 'printed' }] })
        expect(JSON.stringify(read).length).toBeLessThan(100_000)
        const log = new ConsoleLog(() => true)
        for (const one of read?.observed ?? []) if (one.type !== 'began' && one.type !== 'at') log.take(one)
        for (const entry of log.state.get().entries) expect(typeof plainText(entry)).toBe('string')
      }),
    )
    const deep: Record<string, unknown> = { kind: 'object', text: 'x'.repeat(1e6) }
    deep.entries = Array.from({ length: 1_000 }, () => ['again', deep])
    const read = readMessage({ omega: 'k', observed: [{ type: 'printed', values: [deep] }] })
    expect(JSON.stringify(read).length).toBeLessThan(40_000_000)
    expect(readMessage({ observed: [] })).toBeUndefined()
    expect(readMessage('omega')).toBeUndefined()
  })

  it('may colour its letters, and draw nothing else', () => {
    expect(styleOf({ style: 'color: red; font-weight:bold; position: fixed; background: url(http://x)' })).toEqual({
      color: 'red',
      fontWeight: 'bold',
    })
  })
})

describe('places in scripts', () => {
  it("are asked about a few at a time, once each, and only on the preview's own host", async () => {
    const asked: string[] = []
    const answers: (() => void)[] = []
    const links = new SourceLinks((port, script, line) => {
      asked.push(`${port} ${script}:${line}`)
      return new Promise((resolve) => answers.push(() => resolve({ path: 'a.ts', line, column: 1 })))
    })
    const frame = (line: number, url = 'http://x.test/src/a.ts?t=1') => ({ name: '', url, line, column: 1 })
    const places = Array.from({ length: 6 }, (_, index) => links.placeOf(80, 'http://x.test', frame(index + 1)))
    expect(links.placeOf(80, 'http://x.test', frame(1))).toBe(places[0])
    links.placeOf(80, 'http://x.test', frame(1, 'https://cdn.test/lib.js'))
    expect(asked).toHaveLength(4)
    for (const answer of answers.splice(0)) answer()
    await settle()
    expect(asked).toHaveLength(6)
    expect(places[0]?.get()).toEqual({ path: 'a.ts', line: 1, column: 1 })
    expect(asked[0]).toBe('80 /src/a.ts?t=1:1')
  })

  it('have names that bundlers gave, and short ones for people', () => {
    expect(scriptOf('webpack-internal:///./src/a.js', 'http://x.test')).toBe('webpack-internal:///./src/a.js')
    expect(scriptOf('http://x.test.evil/a.js', 'http://x.test')).toBeUndefined()
    expect(shortPlace({ url: 'http://x.test/src/App.tsx?t=1', line: 7 })).toBe('App.tsx:7')
  })
})

describe('a screen', () => {
  it('is drawn as large as fits, never larger than life, unless a zoom is chosen', () => {
    const screen = { width: 390, height: 844 }
    expect(scaleIn({ width: 2_000, height: 422 }, screen, 0)).toBe(0.5)
    expect(scaleIn({ width: 2_000, height: 2_000 }, screen, 0)).toBe(1)
    expect(scaleIn({ width: 100, height: 100 }, screen, 1.5)).toBe(1.5)
    expect(scaleIn({ width: -20, height: -20 }, screen, 0)).toBe(1)
  })

  it('keeps its name when it is turned', () => {
    expect(deviceNamed(rotated({ width: 390, height: 844 }))).toBe('Phone')
    expect(deviceNamed({ width: 391, height: 844 })).toBe('Custom')
  })
})
