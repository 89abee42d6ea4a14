import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Journal } from '../../src/drivers/journal.ts'
import { startProgram } from '../support/program.ts'

let dir: string
let programs: string
const open: Journal<string[], string>[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'omega-journal-'))
  programs = mkdtempSync(join(tmpdir(), 'omega-programs-'))
})
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.close()
  for (const folder of [dir, programs]) rmSync(folder, { recursive: true, force: true })
})

/** A journal of words; `words` is what its owner keeps in memory. */
async function openWords(at = dir) {
  const words: string[] = []
  const journal = await Journal.open<string[], string>(at, {
    restore: (snapshot) => void words.push(...snapshot),
    apply: (entry) => void words.push(entry),
  })
  open.push(journal)
  const say = (word: string) => {
    words.push(word)
    return journal.append(word)
  }
  return { words, journal, say }
}

async function reopenedWords() {
  for (const journal of open.splice(0)) await journal.close()
  return (await openWords()).words
}

describe('Journal', () => {
  it('gives back in order what was appended', async () => {
    const { say } = await openWords(join(dir, 'made', 'here'))
    await Promise.all(['one', 'two\nlines', 'drei: \u00fc \u{1f600}'].map(say))
    await say('four')
    for (const journal of open.splice(0)) await journal.close()
    expect((await openWords(join(dir, 'made', 'here'))).words).toEqual([
      'one',
      'two\nlines',
      'drei: \u00fc \u{1f600}',
      'four',
    ])
  })

  it('commits concurrent appends together', async () => {
    const { say } = await openWords()
    await Promise.all(Array.from({ length: 500 }, (_, index) => say(`${index}`)))
    expect(readFileSync(join(dir, 'log-0'), 'utf8').split('\n').length).toBeLessThan(10)
    expect(await reopenedWords()).toEqual(Array.from({ length: 500 }, (_, index) => `${index}`))
  })

  it('lets what nobody waits for go with the next commit, or by itself a moment later', async () => {
    const { journal } = await openWords()
    const lines = () => readFileSync(join(dir, 'log-0'), 'utf8').trim().split('\n').length
    const first = journal.appendSoon('note')
    await journal.append('deed')
    await first
    expect(lines()).toBe(1)
    await journal.appendSoon('another note')
    expect(lines()).toBe(2)
    // Who asks for all of it waits for the disk, not for company.
    void journal.appendSoon('third')
    await journal.settled()
    expect(lines()).toBe(3)
    const last = journal.appendSoon('fourth')
    await journal.close()
    await last
    expect(await reopenedWords()).toEqual(['note', 'deed', 'another note', 'third', 'fourth'])
  })

  it('acknowledges in the order of the calls, and settled() after all of them', async () => {
    const { say, journal } = await openWords()
    const order: string[] = []
    const all = ['a', 'b', 'c'].map((word) => say(word).then(() => order.push(word)))
    await journal.settled().then(() => order.push('settled'))
    await Promise.all(all)
    expect(order).toEqual(['a', 'b', 'c', 'settled'])
  })

  it('replaces what is behind a snapshot, while appends go on', async () => {
    const { say, journal, words } = await openWords()
    await Promise.all(['a', 'b'].map(say))
    const before = say('c')
    const compacted = journal.compact(words)
    const after = say('d')
    const again = journal.compact(words)
    await Promise.all([before, compacted, after, again, say('e')])
    expect(journal.entries).toBe(1)
    expect(readdirSync(dir).sort()).toEqual(['lock', 'log-2', 'snapshot'])
    expect(readFileSync(join(dir, 'snapshot'), 'utf8')).not.toContain('"e"')
    expect(await reopenedWords()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('reads both logs when a crash came before the snapshot was in place', async () => {
    const { say, journal, words } = await openWords()
    await say('a')
    const old = readFileSync(join(dir, 'log-0'))
    await journal.compact(words)
    await say('b')
    await journal.close()
    rmSync(join(dir, 'snapshot'))
    writeFileSync(join(dir, 'log-0'), old)
    writeFileSync(join(dir, 'snapshot.new'), 'half a snap')
    expect(await reopenedWords()).toEqual(['a', 'b'])
    expect(existsSync(join(dir, 'snapshot.new'))).toBe(false)
  })

  it.each([
    ['half a line', '0badc0de ["tw'],
    ['a whole line of zeros', `${'\0'.repeat(40)}\n`],
    ['a line with the wrong checksum', '00000000 ["two"]\n'],
  ])('cuts off %s at the end, and appends behind what is good', async (_, torn) => {
    await (await openWords()).say('one')
    for (const journal of open.splice(0)) await journal.close()
    writeFileSync(join(dir, 'log-0'), readFileSync(join(dir, 'log-0'), 'utf8') + torn)
    const { words, say } = await openWords()
    expect(words).toEqual(['one'])
    await say('three')
    expect(await reopenedWords()).toEqual(['one', 'three'])
  })

  it('refuses damage in the middle, names the line, and changes nothing', async () => {
    const { say, journal } = await openWords()
    for (const word of ['one', 'two', 'three']) await say(word)
    await journal.close()
    const path = join(dir, 'log-0')
    const damaged = readFileSync(path, 'utf8').replace('two', 'tvo')
    writeFileSync(path, damaged)
    await expect(openWords()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/log-0 is damaged at line 2.*backup/),
    })
    expect(readFileSync(path, 'utf8')).toBe(damaged)
    writeFileSync(path, damaged.replace('tvo', 'two'))
    expect((await openWords()).words).toEqual(['one', 'two', 'three'])
  })

  it('refuses a damaged snapshot and a missing log', async () => {
    const { say, journal, words } = await openWords()
    await say('one')
    await journal.compact(words)
    await journal.close()
    writeFileSync(join(dir, 'log-3'), '')
    await expect(openWords()).rejects.toMatchObject({ message: expect.stringContaining('log-2 is damaged') })
    rmSync(join(dir, 'log-3'))
    writeFileSync(join(dir, 'snapshot'), 'x')
    await expect(openWords()).rejects.toMatchObject({ message: expect.stringContaining('snapshot is damaged') })
  })

  it('opens a directory once, and says who has it', async () => {
    const first = await openWords()
    await expect(openWords()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(`in use by process ${process.pid};`),
    })
    await first.say('still mine')
    expect(await reopenedWords()).toEqual(['still mine'])
  })

  it('takes over the lock of a process that is gone, or whose number another process has now', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    for (const stale of [`${child.pid} - x\n`, `${process.pid} 1 x\n`, `1 0 x\n`, '', 'garbage']) {
      writeFileSync(join(dir, 'lock'), stale)
      const { journal } = await openWords()
      expect(readFileSync(join(dir, 'lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `))
      await journal.close()
    }
    expect(readdirSync(dir)).toEqual(['log-0'])
  })

  it('refuses appends once closed, and closing again is fine', async () => {
    const { say, journal } = await openWords()
    const last = say('last')
    await Promise.all([journal.close(), journal.close()])
    await last
    await expect(journal.append('late')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await reopenedWords()).toEqual(['last'])
  })

  it('loses nothing acknowledged when its process is killed in the middle of writes', async () => {
    const child = await startProgram(writer(dir), programs)
    const exit = once(child, 'exit')
    let told = ''
    for await (const chunk of child.stdout) {
      told += chunk
      if (told.length > 4_000) child.kill('SIGKILL')
    }
    expect((await exit)[1]).toBe('SIGKILL')
    const acknowledged = told.slice(0, told.lastIndexOf('\n')).split('\n')
    const { words } = await openWords()
    expect(acknowledged.length).toBeGreaterThan(100)
    expect(words.slice(0, acknowledged.length)).toEqual(acknowledged)
  })
})

/** A program that appends numbers for ever, compacts often, and tells each number once it is acknowledged. */
function writer(at: string): string {
  return `
    import { writeSync } from 'node:fs'
    import { Journal } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/drivers/journal.ts'))}
    const journal = await Journal.open(${JSON.stringify(at)}, { restore() {}, apply() {} })
    const words = []
    for (let next = 0; ; ) {
      const batch = Array.from({ length: 7 }, () => String(next++))
      words.push(...batch)
      const saved = batch.map((word) => journal.append(word))
      if (words.length % 70 === 0) journal.compact(words)
      for (const [index, promise] of saved.entries()) await promise.then(() => writeSync(1, batch[index] + '\\n'))
    }`
}
