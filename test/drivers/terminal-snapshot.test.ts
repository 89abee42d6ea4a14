import type { Terminal } from '@xterm/headless'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ScreenSize, type Snapshot, TerminalScreen } from '../../src/drivers/terminal-screen.ts'
import { failures, pageTerminal, stateOf, written } from '../support/terminal-state.ts'

const quiet = { onAnswer: () => undefined, onTitle: () => undefined, onFolder: () => undefined }

const n = (max: number) => fc.integer({ min: 0, max }).map(String)
const color = fc.oneof(
  fc.constantFrom('30', '35', '97', '42', '107', '39', '49'),
  n(255).map((value) => `38;5;${value}`),
  n(255).map((value) => `48;5;${value}`),
  fc.tuple(n(255), n(255), n(255)).map((rgb) => `38;2;${rgb.join(';')}`),
  fc.tuple(n(255), n(255), n(255)).map((rgb) => `48;2;${rgb.join(';')}`),
  fc.constantFrom('58;5;9', '58;2;1;2;3', '59'),
)
const look = fc.constantFrom(...'0 1 2 3 4 4:3 4:5 5 7 8 9 21 22 23 24 25 27 28 29 53 55'.split(' '))
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ minLength: 1, maxLength: 12 }) },
  fc.constantFrom('漢字', 'é', 'ö', '😀', 'a😀b', '한', '─│┌', 'abcdefghijklmnopqrstuvwxyz'),
)
const piece = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 4, arbitrary: fc.constantFrom('\r\n', '\n', '\r', '\b', '\t', '\x0e', '\x0f', '\x0b') },
  { weight: 4, arbitrary: fc.tuple(n(14), n(24)).map(([row, column]) => `\x1b[${row};${column}H`) },
  {
    weight: 5,
    arbitrary: fc
      .array(fc.oneof(color, look), { minLength: 0, maxLength: 4 })
      .map((codes) => `\x1b[${codes.join(';')}m`),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(n(9), fc.constantFrom(...'@ABCDEFGILMPSTXZ`ade'))
      .map(([count, final]) => `\x1b[${count}${final}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(n(3), fc.constantFrom('J', 'K', '?J', '?K'))
      .map(([how, final]) => (final.startsWith('?') ? `\x1b[?${how}${final[1]}` : `\x1b[${how}${final}`)),
  },
  { weight: 2, arbitrary: fc.tuple(n(9), n(14)).map(([top, bottom]) => `\x1b[${top};${bottom}r`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(1, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1006, 1016, 1047, 1048, 1049, 2004),
        fc.constantFrom('h', 'l'),
      )
      .map(([mode, on]) => `\x1b[?${mode}${on}`),
  },
  fc.constantFrom(
    '\x1b[4h',
    '\x1b[4l',
    '\x1b[20h',
    '\x1b[20l',
    '\x1b[!p',
    '\x1bc',
    '\x1b#8',
    '\x1b[3g',
    '\x1b[g',
    '\x1bH',
  ),
  {
    weight: 2,
    arbitrary: fc.constantFrom('\x1b7', '\x1b8', '\x1bM', '\x1bD', '\x1bE', '\x1b[s', '\x1b[u', '\x1b=', '\x1b>'),
  },
  fc.constantFrom(
    '\x1b(0',
    '\x1b)0',
    '\x1b(B',
    '\x1b*A',
    '\x1b+4',
    '\x1bn',
    '\x1bo',
    '\x1b[1"q',
    '\x1b[0"q',
    '\x1b[3 q',
    '\x1b[6 q',
    '\x1b[0 q',
  ),
  fc.tuple(n(3), fc.constantFrom("'}", "'~", ' @', ' A')).map(([count, final]) => `\x1b[${count}${final}`),
)
const stream = fc.array(piece, { minLength: 1, maxLength: 80 }).map((pieces) => pieces.join(''))
const sizes = fc.record({ cols: fc.integer({ min: 2, max: 24 }), rows: fc.integer({ min: 2, max: 14 }) })

function snapshot(screen: TerminalScreen): Promise<Snapshot> {
  return new Promise((resolve) => screen.snapshot(resolve))
}

/** Output as it comes, and sizes the terminal gets in between. */
type Event = string | ScreenSize
const events = fc.array(fc.oneof({ weight: 3, arbitrary: stream }, { weight: 1, arbitrary: sizes }), { maxLength: 5 })
/** Half of a wide character that was overwritten is painted and empty, which output can only make look the same. */
const withoutWide = (output: string) => output.replace(/[漢字한😀]/gu, 'w')
const narrow = stream.map(withoutWide)
const narrowEvents = events.map((list) => list.map((one) => (typeof one === 'string' ? withoutWide(one) : one)))

async function happens(terminal: Terminal, event: Event | Uint8Array): Promise<void> {
  if (typeof event === 'string' || event instanceof Uint8Array) await written(terminal, event)
  else terminal.resize(event.cols, event.rows)
}

/** Compares a terminal that saw all with one that joined in behind `cut` bytes of the first output. */
async function joins(size: ScreenSize, before: Event[], output: string, at: number, after: Event[]): Promise<void> {
  const bytes = Buffer.from(output)
  const cut = at % (bytes.length + 1)
  const live = pageTerminal(size)
  const screen = new TerminalScreen(size, quiet)
  for (const event of [...before, bytes.subarray(0, cut)]) {
    if (typeof event === 'string') screen.write(Buffer.from(event), () => undefined)
    else if (event instanceof Uint8Array) screen.write(event, () => undefined)
    else screen.resize(event)
    await happens(live, event)
  }
  const { bytes: restoring, ...sizeThen } = await snapshot(screen)
  const joined = pageTerminal(sizeThen)
  await written(joined, restoring)
  expect(stateOf(joined)).toEqual(stateOf(live))
  for (const event of [bytes.subarray(cut), ...after]) {
    await happens(live, event)
    await happens(joined, event)
    expect(stateOf(joined, true)).toEqual(stateOf(live, true))
  }
  expect(failures.splice(0)).toEqual([])
  for (const one of [live, screen, joined]) one.dispose()
}

/** The same cases each time, so that a failure is of what was changed; OMEGA_SEED tries others. */
const runs = { numRuns: 300, seed: Number(process.env.OMEGA_SEED ?? 1) }

describe('a snapshot', () => {
  it('makes another terminal the same, for what comes later too, wherever the output is cut', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, stream, fc.nat(), (size, output, at) => joins(size, [], output, at, [])),
      runs,
    )
  })

  it('is the same for a terminal that has changed its size', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, events, stream, fc.nat(), (size, before, output, at) =>
        joins(size, before, output, at, []),
      ),
      runs,
    )
  })

  it('is the same for later sizes too, which move what is wrapped', async () => {
    await fc.assert(fc.asyncProperty(sizes, narrowEvents, narrow, fc.nat(), narrowEvents, joins), runs)
  })
})
