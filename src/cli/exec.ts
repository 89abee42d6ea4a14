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
  const command = await client.exec(path, begin, { stdout, stderr, ...(input ? { stdin: input } : {}) })
  const release = [passSignals(command), ...(flags.tty ? [takeTerminal(command)] : [])]
  try {
    return exitCodeOf(await command.ended)
  } finally {
    for (const undo of release) undo()
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

/** Ctrl-C and `kill` mean the command, not the one who carries its output. */
function passSignals(command: RemoteCommand): () => void {
  let interrupts = 0
  const pass = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && ++interrupts >= PATIENCE) return command.leave()
    command.control({ signal: signal as ExecSignal })
  }
  const caught = EXEC_SIGNALS.filter((signal) => signal !== 'SIGKILL')
  for (const signal of caught) process.on(signal, pass)
  return () => {
    for (const signal of caught) process.off(signal, pass)
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
