import { setTimeout as sleep } from 'node:timers/promises'
import { type IPty, spawn } from 'node-pty'
import { WireClient } from '../test/support/worker.ts'
import { bearerOf, hostOf, Installation } from './support/installation.ts'
import { median, quantile, type Row, timed } from './support/measure.ts'

export const title = 'from keystroke to echo in a sandbox against a raw pty on the host'

const KEYS = 600
const FLOODS = 3
const flood = 'seq 1 1000000\r'

/** A shell to type into, and what it says. */
interface Shell {
  type(text: string): void
  /** Resolves when the text has come since the call. */
  sees(text: string): Promise<void>
  close(): Promise<void>
}

export async function run(): Promise<Row[]> {
  const omega = await Installation.start()
  const shells: Shell[] = []
  try {
    const sandbox = await omega.create('static')
    const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
    await client.opened
    const ours = await remoteShell(client)
    shells.push(ours)
    const theirs = localShell()
    shells.push(theirs)
    for (const shell of shells) await prepare(shell)
    // The sandbox's own start is over.
    await sleep(2_000)
    const [keysOurs, keysTheirs]: [number[], number[]] = [[], []]
    for (let key = 0; key < KEYS; key++) {
      const char = 'abcdefghijklmnopqrstuvwxyz'[key % 26] ?? 'a'
      for (const [shell, times] of [
        [ours, keysOurs],
        [theirs, keysTheirs],
      ] as const) {
        times.push(await echo(shell, char))
        // A person pauses; both sides have gone to sleep by the next key.
        await sleep(4 + (key % 7))
      }
      if (key % 50 === 49) for (const shell of shells) await clearLine(shell)
    }
    const [floodOurs, floodTheirs]: [number[], number[]] = [[], []]
    for (let round = 0; round < FLOODS; round++) {
      floodOurs.push(await timed(() => overflow(ours)))
      floodTheirs.push(await timed(() => overflow(theirs)))
    }
    const times = (share: number) => ({
      measured: quantile(keysOurs, share),
      baseline: quantile(keysTheirs, share),
      unit: 'ms',
    })
    return [
      { what: 'keystroke to echo, p50', ...times(0.5), budget: { atMost: 2, of: 'difference' } },
      { what: 'keystroke to echo, p95', ...times(0.95) },
      { what: 'seq 1 1000000 to the prompt', measured: median(floodOurs), baseline: median(floodTheirs), unit: 'ms' },
    ]
  } finally {
    for (const shell of shells) await shell.close()
    await omega.close()
  }
}

async function echo(shell: Shell, char: string): Promise<number> {
  return timed(async () => {
    const seen = shell.sees(char)
    shell.type(char)
    await seen
  })
}

async function overflow(shell: Shell): Promise<void> {
  const end = shell.sees('1000000\r\n')
  shell.type(flood)
  await end
  const prompt = shell.sees('ready> ')
  shell.type('\r')
  await prompt
}

async function clearLine(shell: Shell): Promise<void> {
  const prompt = shell.sees('ready> ')
  shell.type('\x03')
  await prompt
}

/** A prompt that no start-up file changes, and that what is typed does not hold. */
async function prepare(shell: Shell): Promise<void> {
  const prompt = shell.sees('ready> ')
  shell.type("PS1='rea''dy> '; PS0=; PROMPT_COMMAND=(); unset HISTFILE; bind 'set enable-bracketed-paste off'\r")
  await prompt
}

async function remoteShell(client: WireClient): Promise<Shell> {
  const { channel } = await client.request('terminal.open', { cols: 80, rows: 24 })
  return {
    type: (text) => client.type(channel, text),
    sees: async (text) => {
      client.output.set(channel, '')
      await client.until(() => {
        const output = client.output.get(channel) ?? ''
        if (output.includes(text)) return true
        // A flood is not kept: only what may be the beginning of the text.
        client.output.set(channel, output.slice(-text.length))
        return false
      })
    },
    close: async () => client.end(),
  }
}

function localShell(): Shell {
  const pty: IPty = spawn('bash', ['--norc', '--noprofile'], { cols: 80, rows: 24, name: 'xterm-256color' })
  let output = ''
  let check: () => void = () => undefined
  pty.onData((data) => {
    output += data
    check()
  })
  return {
    type: (text) => pty.write(text),
    sees: (text) =>
      new Promise((resolve) => {
        output = ''
        check = () => {
          if (output.includes(text)) {
            check = () => undefined
            resolve()
          } else output = output.slice(-text.length)
        }
      }),
    close: () =>
      new Promise((resolve) => {
        pty.onExit(() => resolve())
        pty.kill('SIGKILL')
      }),
  }
}
