import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { OmegaError } from '../../core/errors.ts'
import type { ExecEnd, ExecLine } from '../../core/wire/exec.ts'
import { guardHeaders } from './problem-answer.ts'
import type { Command } from './terminals/terminal.ts'

/** Commands at once; a script gone wrong stops here. */
const MAX_COMMANDS = 64
/** From asking a command's processes to end to making them. */
const KILL_GRACE_MS = 2_000

/** Something of the commands' number. */
export interface Running {
  kill(): void
}

export interface Listeners {
  /** After the last output. */
  onEnd: (end: ExecEnd) => void
}

/** Runs commands for scripts: their output goes out as it comes, and a caller who leaves takes the command along. */
export class Commands {
  readonly #running = new Set<Running>()
  readonly #onRun: () => () => void

  /** `onRun` is called for each that runs on pipes, and what it returns at its end. */
  constructor(onRun: () => () => void) {
    this.#onRun = onRun
  }

  /** Counts one more until the returned function is called. Throws TOO_MANY_REQUESTS. */
  count(one: Running): () => void {
    if (this.#running.size >= MAX_COMMANDS) {
      throw new OmegaError('TOO_MANY_REQUESTS', `${MAX_COMMANDS} commands run already. Wait for one to end.`)
    }
    this.#running.add(one)
    return () => void this.#running.delete(one)
  }

  /** Starts one with its output as pipes, and its input if that is wanted. Throws before anything has begun. */
  start({ command, cwd, env }: Command, input: boolean, { onEnd }: Listeners): RunningCommand {
    const [file = ''] = checkWords(command)
    let child: ChildProcess | undefined
    const uncount = this.count({ kill: () => child && kill(child) })
    try {
      child = begin(file, command.slice(1), { cwd, env }, input)
    } catch (error) {
      uncount()
      throw error
    }
    let ended = false
    const over = this.#onRun()
    const end = (line: ExecEnd) => {
      uncount()
      over()
      if (!ended) onEnd(line)
      ended = true
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'there is no such program' : (error.code ?? error.message)
      end({ error: `${JSON.stringify(file)} cannot be started: ${reason}.` })
    })
    // `close` comes after the last output; shells give 128 + number for a death by signal.
    child.once('close', (code, signal) => {
      end(signal ? { exit: 128 + constants.signals[signal], signal } : { exit: code ?? 0 })
    })
    return new RunningCommand(child)
  }

  /** Answers with NDJSON, a line for each piece of output and one for the end. Throws before the answer has begun. */
  run(command: Command, response: ServerResponse): void {
    // Who asked has left already, or may not ask any more.
    if (response.destroyed) return
    const say = (line: ExecLine) => response.write(`${JSON.stringify(line)}\n`)
    const onEnd = (line: ExecEnd) => {
      if (response.writableEnded) return
      say(line)
      response.end()
    }
    const running = this.start(command, false, { onEnd })
    response.writeHead(200, { ...guardHeaders, 'content-type': 'application/x-ndjson' })
    response.flushHeaders()
    forward(running.stdout, response, (data) => say({ stream: 'stdout', data }))
    forward(running.stderr, response, (data) => say({ stream: 'stderr', data }))
    response.once('close', () => {
      if (!response.writableFinished) running.kill()
    })
  }

  /** Ends all of them. */
  close(): void {
    for (const one of this.#running) one.kill()
  }
}

/** A command with pipes, in a process group of its own. */
export class RunningCommand implements Running {
  readonly #child: ChildProcess

  constructor(child: ChildProcess) {
    this.#child = child
    // It ended, or reads no more of it: that is its business.
    child.stdin?.on('error', () => undefined)
  }

  get stdout(): Readable {
    return this.#child.stdout as Readable
  }

  get stderr(): Readable {
    return this.#child.stderr as Readable
  }

  /** `taken` is called when the program's pipe has it, or will never have. */
  write(bytes: Uint8Array, taken: () => void): void {
    const { stdin } = this.#child
    if (stdin?.writable) stdin.write(bytes, taken)
    else taken()
  }

  /** The input is over. */
  end(): void {
    this.#child.stdin?.end()
  }

  /** To all of its processes, as a terminal's Ctrl-C goes. */
  signal(signal: NodeJS.Signals): void {
    signalGroup(this.#child, signal)
  }

  /** Asks its processes to end, then makes them. What they write meanwhile is thrown away. */
  kill(): void {
    kill(this.#child)
  }
}

function kill(child: ChildProcess): void {
  child.stdout?.resume()
  child.stderr?.resume()
  signalGroup(child, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_GRACE_MS)
  child.once('close', () => clearTimeout(timer))
}

/** Throws INVALID_REQUEST for what is no command. */
export function checkWords(command: readonly string[]): readonly string[] {
  if (command.every((part) => !part.includes('\0')) && command[0]) return command
  throw new OmegaError('INVALID_REQUEST', 'A command is at least one word, and no word holds a NUL.')
}

/** Throws for what the kernel takes in no case; that there is no such program is told by an event. */
function begin(file: string, args: string[], { cwd, env }: Pick<Command, 'cwd' | 'env'>, input: boolean): ChildProcess {
  try {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] })
    if (child.pid !== undefined) dieFirst(child.pid)
    return child
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'E2BIG' && code !== 'ENAMETOOLONG') throw error
    throw new OmegaError(
      'TOO_LARGE',
      `The kernel takes no command that long (${code}): a word has less than 128 KiB, all words and the environment together less than some 2 MiB. Write it to a file and run that.`,
    )
  }
}

/** When memory is short it dies before the worker does. Not asynchronously: what it starts shall have it, too. */
function dieFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '600')
  } catch {
    // Not on Linux, or it has ended.
  }
}

/** Waits with reading while the caller does not read. */
function forward(output: Readable, response: ServerResponse, say: (base64: string) => boolean): void {
  output.on('data', (chunk: Buffer) => {
    if (response.destroyed || say(chunk.toString('base64'))) return
    output.pause()
    response.once('drain', () => output.resume())
  })
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Gone already.
  }
}
