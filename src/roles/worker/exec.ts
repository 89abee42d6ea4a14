import { type ChildProcess, spawn } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { OmegaError } from '../../core/errors.ts'
import type { ExecLine } from '../../core/wire/http.ts'
import { guardHeaders } from './problem-answer.ts'
import type { Command } from './terminals/terminal.ts'

/** Commands at once; a script gone wrong stops here. */
const MAX_COMMANDS = 64
/** From asking a command's processes to end to making them. */
const KILL_GRACE_MS = 2_000

/** Runs commands for scripts: their output goes out as it comes, and a caller who leaves takes the command along. */
export class Commands {
  readonly #running = new Set<ChildProcess>()

  /** Answers with NDJSON, a line for each piece of output and one for the end. Throws before the answer has begun. */
  run({ command, cwd, env }: Command, response: ServerResponse): void {
    if (this.#running.size >= MAX_COMMANDS) {
      throw new OmegaError('TOO_MANY_REQUESTS', `${MAX_COMMANDS} commands run already. Wait for one to end.`)
    }
    const [file = '', ...args] = command
    if (command.some((part) => part.includes('\0')) || file === '') {
      throw new OmegaError('INVALID_REQUEST', 'A command is at least one word, and no word holds a NUL.')
    }
    // Who asked has left already, or may not ask any more.
    if (response.destroyed) return
    const child = begin(file, args, { cwd, env })
    this.#running.add(child)
    response.writeHead(200, { ...guardHeaders, 'content-type': 'application/x-ndjson' })
    response.flushHeaders()
    const say = (line: ExecLine) => response.write(`${JSON.stringify(line)}\n`)
    forward(child.stdout, response, (data) => say({ stream: 'stdout', data }))
    forward(child.stderr, response, (data) => say({ stream: 'stderr', data }))

    const end = (line: ExecLine) => {
      this.#running.delete(child)
      if (response.writableEnded) return
      say(line)
      response.end()
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'there is no such program' : (error.code ?? error.message)
      end({ error: `${JSON.stringify(file)} cannot be started: ${reason}.` })
    })
    // `close` comes after the last output; shells give 128 + number for a death by signal.
    child.once('close', (code, signal) => {
      end(signal ? { exit: 128 + constants.signals[signal], signal } : { exit: code ?? 0 })
    })
    response.once('close', () => {
      if (!response.writableFinished) this.#kill(child)
    })
  }

  /** Ends all of them. */
  close(): void {
    for (const child of this.#running) this.#kill(child)
  }

  #kill(child: ChildProcess): void {
    child.stdout?.resume()
    child.stderr?.resume()
    signalGroup(child, 'SIGTERM')
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_GRACE_MS)
    child.once('close', () => clearTimeout(timer))
  }
}

/** Throws for what the kernel takes in no case; that there is no such program is told by an event. */
function begin(file: string, args: string[], { cwd, env }: Pick<Command, 'cwd' | 'env'>) {
  try {
    return spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'E2BIG' && code !== 'ENAMETOOLONG') throw error
    throw new OmegaError(
      'TOO_LARGE',
      `The kernel takes no command that long (${code}): a word has less than 128 KiB, all words and the environment together less than some 2 MiB. Write it to a file and run that.`,
    )
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
