import { spawn } from 'node:child_process'
import { OmegaError } from '../core/errors.ts'

export interface ProgramOptions {
  cwd: string
  env: Record<string, string>
  input?: string | Uint8Array
  /** Ends the program with all it has started. */
  signal?: AbortSignal
  /** More output than this ends the program; `cut` tells. */
  maxBytes?: number
  /** Each line of stderr as it comes, progress that overwrites itself included. */
  onProgress?: (line: string) => void
}

export interface Finished {
  /** 128 + number for a death by signal. */
  code: number
  stdout: Buffer
  /** Its end, without progress that was overwritten. */
  stderr: string
  cut: boolean
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024
const MAX_STDERR_CHARS = 64 * 1024
/** From asking a program to end to making it. */
const KILL_GRACE_MS = 2_000

/** Runs a program to its end, without a shell, in a process group of its own. Rejects when it cannot be started. */
export function runProgram(program: string, parameters: readonly string[], options: ProgramOptions): Promise<Finished> {
  const { cwd, env, input, signal, maxBytes = MAX_OUTPUT_BYTES, onProgress } = options
  return new Promise((resolve, reject) => {
    if (parameters.some((one) => one.includes('\0'))) {
      reject(new OmegaError('INVALID_REQUEST', 'No name holds a NUL.'))
      return
    }
    const child = spawn(program, parameters, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    let bytes = 0
    let cut = false
    let stderr = ''
    let grace: NodeJS.Timeout | undefined
    const stop = () => {
      signalGroup(child.pid, 'SIGTERM')
      grace ??= setTimeout(() => signalGroup(child.pid, 'SIGKILL'), KILL_GRACE_MS)
    }
    const ended = () => {
      clearTimeout(grace)
      signal?.removeEventListener('abort', stop)
    }
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop)
    child.stdout.on('data', (chunk: Buffer) => {
      if (cut) return
      bytes += chunk.length
      cut = bytes > maxBytes
      output.push(cut ? chunk.subarray(0, chunk.length - (bytes - maxBytes)) : chunk)
      if (cut) stop()
    })
    child.stderr.setEncoding('utf8')
    let line = ''
    child.stderr.on('data', (chunk: string) => {
      for (const piece of chunk.split(/(?<=[\r\n])/)) {
        line += piece
        if (!/[\r\n]$/.test(line)) continue
        if (onProgress && line.trim() !== '') onProgress(line.trim())
        if (!line.endsWith('\r')) stderr = (stderr + line).slice(-MAX_STDERR_CHARS)
        line = ''
      }
    })
    // Programs that do not want all of their input end before it is written.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    child.once('error', (error: NodeJS.ErrnoException) => {
      ended()
      const reason = error.code === 'ENOENT' ? 'is not installed here' : `cannot be started (${error.message})`
      reject(new OmegaError('NOT_FOUND', `The program ${program} ${reason}.`))
    })
    child.once('close', (code, killedBy) => {
      ended()
      stderr = (stderr + line).slice(-MAX_STDERR_CHARS)
      resolve({ code: killedBy === null ? (code ?? 1) : 143, stdout: Buffer.concat(output), stderr, cut })
    })
  })
}

/** Nobody to ask, nothing to page, no colour, English: what it says is read by a program. */
const settled = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_PAGER: 'cat',
  // A merge or rebase goes on with the message it has.
  GIT_EDITOR: 'true',
  GIT_SEQUENCE_EDITOR: 'true',
  LC_ALL: 'C.UTF-8',
  LANGUAGE: 'en',
}

/** Runs git. `lockless` for what only looks: it must not hold up others by refreshing the index. */
export function runGit(
  parameters: readonly string[],
  options: ProgramOptions & { lockless?: boolean },
): Promise<Finished> {
  const env = { ...options.env, ...settled, ...(options.lockless ? { GIT_OPTIONAL_LOCKS: '0' } : {}) }
  return runProgram('git', ['-c', 'core.quotePath=false', '-c', 'color.ui=false', ...parameters], { ...options, env })
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Gone already.
  }
}
