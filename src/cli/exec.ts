import type { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { EXEC_SIGNALS, type ExecBegin, type ExecEnd, type ExecSignal } from '../core/wire/exec.ts'
import type { RemoteCommand } from '../drivers/exec-client.ts'
import type { Client } from './client.ts'
import { printable, say } from './output.ts'
import { splitPair } from './pairs.ts'

/** What shells give for a command that does not exist. */
const NOT_STARTED = 127
/** Ctrl-C this often leaves a command that does not end by it. */
const PATIENCE = 3

export interface ExecFlags {
  cwd?: string
  env?: string[]
  tty?: boolean
  /** False: what is piped in is left to others. */
  stdin?: boolean
}

/**
 * Runs a command in a sandbox as if it ran here: what is piped in reaches it, its output and signals are passed on, and
 * its exit code is given (128 + n after signal n, as shells do).
 */
export async function runInside(client: Client, path: string, cmd: string[], flags: ExecFlags): Promise<number> {
  const { stdin, stdout, stderr } = process
  if (flags.tty && !(stdin.isTTY && stdout.isTTY)) {
    throw new OmegaError('INVALID_REQUEST', '--tty needs a terminal on both sides; here input or output is none.')
  }
  const input = flags.tty || (flags.stdin !== false && !stdin.isTTY) ? stdin : undefined
  const begin: ExecBegin = {
    cmd,
    ...(flags.cwd === undefined ? {} : { cwd: flags.cwd }),
    ...(flags.env?.length ? { env: Object.fromEntries(flags.env.map(splitPair)) } : {}),
    ...(input ? { stdin: true } : {}),
    ...(flags.tty ? { tty: roomOf(stdout) } : {}),
  }
  // The command may be told of its first signal before we are told that it runs.
  const signals = new Signals()
  let release: () => void = () => undefined
  try {
    const command = await client.exec(path, begin, { stdout, stderr, ...(input ? { stdin: input } : {}) })
    signals.passTo(command)
    if (flags.tty) release = takeTerminal(command)
    return exitCodeOf(await command.ended)
  } finally {
    release()
    signals.close()
    stdin.destroy()
  }
}

/** The words of the command; flags of ours may stand between the sandbox and the `--`, too. */
export function commandAfter(given: readonly string[], command: Command): string[] {
  const dashes = given.indexOf('--')
  const ours = given[0]?.startsWith('-') && dashes > 0 ? given.slice(0, dashes) : []
  const { operands, unknown } = command.parseOptions([...ours])
  const words = dashes === ours.length ? given.slice(dashes + 1) : given.slice(ours.length)
  const strange = operands[0] ?? unknown[0]
  if (strange !== undefined) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `${JSON.stringify(strange)} is no option of exec. See \`omega sandbox exec --help\`.`,
    )
  }
  if (words.length > 0) return words
  throw new OmegaError('INVALID_REQUEST', 'No command was given. Put it after `--`: omega sandbox exec NAME -- CMD.')
}

function exitCodeOf(end: ExecEnd): number {
  if ('exit' in end) return end.exit
  say(`omega: ${printable(end.error)}`)
  return NOT_STARTED
}

/** Ctrl-C and `kill` mean the command, not the one who carries its output; those that come early wait for it. */
class Signals {
  readonly #caught = EXEC_SIGNALS.filter((signal) => signal !== 'SIGKILL')
  readonly #early: ExecSignal[] = []
  #command: RemoteCommand | undefined
  #interrupts = 0

  constructor() {
    for (const signal of this.#caught) process.on(signal, this.#pass)
  }

  passTo(command: RemoteCommand): void {
    this.#command = command
    for (const signal of this.#early) command.control({ signal })
  }

  close(): void {
    for (const signal of this.#caught) process.off(signal, this.#pass)
  }

  readonly #pass = (signal: NodeJS.Signals): void => {
    if (!this.#command) this.#early.push(signal as ExecSignal)
    else if (signal === 'SIGINT' && ++this.#interrupts >= PATIENCE) this.#command.leave()
    else this.#command.control({ signal: signal as ExecSignal })
  }
}

/** Every key goes to the sandbox as it is, and its terminal is as large as this one. */
function takeTerminal(command: RemoteCommand): () => void {
  const { stdin, stdout } = process
  const resize = () => command.control({ resize: roomOf(stdout) })
  stdin.setRawMode(true)
  stdout.on('resize', resize)
  return () => {
    stdout.off('resize', resize)
    stdin.setRawMode(false)
  }
}

function roomOf({ columns, rows }: { columns?: number; rows?: number }): { cols: number; rows: number } {
  const within = (value: number | undefined, otherwise: number) => Math.min(1000, Math.max(2, value || otherwise))
  return { cols: within(columns, 80), rows: within(rows, 24) }
}
