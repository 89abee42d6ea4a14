import { Random } from '../support/random.ts'
import { type MemoryPage, MemorySandbox } from './memory-sandbox.ts'

const PATH = 'notes.txt'
const START = 'one\ntwo\nthree\n'
/** Each keystroke is a letter of its own (Unicode's private use area), so that each can be looked for. */
const FIRST_LETTER = 0xe000

/** What a schedule has done, and what must be true in the end. */
interface Ledger {
  typed: Set<string>
  /** Typed, and the worker has said that it has it. */
  acknowledged: Set<string>
  /** Somebody deleted it, or another program wrote the file without it. */
  deleted: Set<string>
  /** Typed in a browser that was thrown away before the worker had it. */
  gone: Set<string>
  steps: string[]
}

/**
 * Lets two or three pages, another program, the network, the worker and time do things by turns as chance will have it,
 * then heals everything and looks. Throws when a keystroke is lost or doubled, or copies differ.
 */
export async function runSchedule(seed: number): Promise<void> {
  const random = new Random(seed)
  const sandbox = new MemorySandbox(random)
  const ledger: Ledger = { typed: new Set(), acknowledged: new Set(), deleted: new Set(), gone: new Set(), steps: [] }
  const note = (step: string) => ledger.steps.push(`${Math.round(sandbox.clock.now())} ${step}`)
  sandbox.disk.set(PATH, START)
  const count = 2 + random.below(2)
  for (let index = 0; index < count; index++) sandbox.open().documents.at(PATH)
  if (random.chance(0.8)) await sandbox.clock.pass(200)

  const letters = { next: FIRST_LETTER }
  const steps = 10 + random.below(40)
  for (let step = 0; step < steps; step++) {
    const index = random.below(count)
    const page = sandbox.pages[index] as MemoryPage
    const kind = random.below(100)
    if (kind < 45) note(`page ${index} types ${type(page, random, letters, ledger)}`)
    else if (kind < 55) note(`page ${index} deletes ${erase(page, random, ledger)}`)
    else if (kind < 62) note(`another program writes ${await edit(sandbox, random, letters, ledger)}`)
    else if (kind < 68) {
      note(`page ${index} is cut`)
      page.wire?.cut()
    } else if (kind < 72) {
      note(`page ${index} is cut and does not notice`)
      page.wire?.break()
    } else if (kind < 76) {
      page.offline = !page.offline
      note(`page ${index} is ${page.offline ? 'off' : 'on'}line`)
      if (page.offline) page.wire?.cut()
    } else if (kind < 81) {
      note('the worker is killed')
      sandbox.crash()
    } else if (kind < 83) {
      note('the worker will be killed while it writes')
      sandbox.disk.onWrite = () => sandbox.clock.after(random.below(5) / 4, () => sandbox.crash())
    } else if (kind < 86) {
      note(`page ${index} is reloaded`)
      page.reload(false).documents.at(PATH)
    } else if (kind < 89) {
      note(`page ${index} is opened in another browser, and the old one thrown away`)
      acknowledge(sandbox, ledger)
      for (const letter of page.typed) if (!ledger.acknowledged.has(letter)) ledger.gone.add(letter)
      page.reload(true).documents.at(PATH)
    } else {
      const ms = random.pick([1, 5, 20, 100, 450, 2_000, 15_000])
      note(`${ms} ms pass`)
      await sandbox.clock.pass(ms)
    }
    await sandbox.clock.pass(random.below(12) / 4)
    acknowledge(sandbox, ledger)
  }

  sandbox.disk.onWrite = undefined
  for (const page of sandbox.pages) page.offline = false
  await sandbox.clock.pass(60_000)
  check(sandbox, ledger)
  for (const page of sandbox.pages) page.close()
  await sandbox.worker.documents.close()
}

function type(page: MemoryPage, random: Random, letters: { next: number }, { typed }: Ledger): string {
  const content = page.textOf(PATH) === undefined ? undefined : page.documents.at(PATH).content.get()
  if (!content) return 'nothing'
  let burst = ''
  for (let left = 1 + random.below(4); left > 0; left--) burst += String.fromCharCode(letters.next++)
  const at = random.below(content.text.length + 1)
  content.text.doc?.transact(() => content.text.insert(at, burst))
  for (const letter of burst) {
    typed.add(letter)
    page.typed.add(letter)
  }
  return `${show(burst)} at ${at}`
}

function erase(page: MemoryPage, random: Random, { deleted }: Ledger): string {
  const content = page.textOf(PATH) === undefined ? undefined : page.documents.at(PATH).content.get()
  if (!content || content.text.length === 0) return 'nothing'
  const at = random.below(content.text.length)
  const length = Math.min(1 + random.below(4), content.text.length - at)
  const gone = content.text.toString().slice(at, at + length)
  content.text.doc?.transact(() => content.text.delete(at, length))
  for (const letter of gone) deleted.add(letter)
  return `${show(gone)} at ${at}`
}

/** Reads and writes at once, as a program that replaces the file; sometimes it empties it first. */
async function edit(
  sandbox: MemorySandbox,
  random: Random,
  letters: { next: number },
  ledger: Ledger,
): Promise<string> {
  const before = sandbox.disk.get(PATH) ?? ''
  const at = random.below(before.length + 1)
  const length = random.chance(0.4) ? Math.min(random.below(5), before.length - at) : 0
  const burst = String.fromCharCode(letters.next++)
  const gone = before.slice(at, at + length)
  const after = before.slice(0, at) + burst + before.slice(at + length)
  sandbox.disk.set(PATH, after)
  ledger.typed.add(burst)
  ledger.acknowledged.add(burst)
  for (const letter of gone) ledger.deleted.add(letter)
  return `${show(burst)} for ${show(gone)} at ${at}`
}

/** What a page has sent and the worker has acknowledged may not be lost any more. */
function acknowledge(sandbox: MemorySandbox, { typed, acknowledged }: Ledger): void {
  for (const page of sandbox.pages) {
    const settled = page.connection.state.get().name === 'connected' && page.connection.unacknowledged === 0
    const text = settled && page.documents.at(PATH).isLive ? page.textOf(PATH) : undefined
    for (const letter of text ?? '') if (typed.has(letter)) acknowledged.add(letter)
  }
}

function check(sandbox: MemorySandbox, { typed, deleted, gone, steps }: Ledger): void {
  const disk = sandbox.disk.get(PATH) ?? ''
  const texts = sandbox.pages.map((page) => page.textOf(PATH) ?? 'not open')
  const problems: string[] = []
  for (const [index, text] of texts.entries()) {
    if (text !== disk) problems.push(`page ${index} has ${show(text)}`)
    const state = sandbox.pages[index]?.documents.at(PATH).state.get()
    if (state?.dirty || state?.conflict || state?.problem || state?.stranded !== undefined) {
      problems.push(`page ${index} is not at rest: ${JSON.stringify(state)}`)
    }
  }
  for (const letter of typed) {
    const times = disk.split(letter).length - 1
    if (times > 1) problems.push(`${show(letter)} is there ${times} times`)
    if (times === 0 && !gone.has(letter) && !deleted.has(letter)) problems.push(`${show(letter)} is lost`)
  }
  for (const line of START.split('\n')) {
    if (line && disk.split(line).length > 2) problems.push(`${JSON.stringify(line)} is there twice`)
  }
  if (problems.length > 0) {
    throw new Error(`${problems.join('\n')}\nthe file has ${show(disk)}\n\n${steps.join('\n')}`)
  }
}

function show(text: string): string {
  const readable = [...text].map((letter) => {
    const code = letter.charCodeAt(0)
    return code >= FIRST_LETTER ? `<${code - FIRST_LETTER}>` : letter
  })
  return JSON.stringify(readable.join(''))
}
