import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { MessageReader } from './message-reader.ts'

export interface LanguageServerOptions {
  command: string[]
  cwd: string
  env: Record<string, string>
  /** A message above this ends the server. Bytes. */
  maxMessageBytes: number
}

export interface LanguageServerListeners {
  onMessage: (message: object) => void
  /** Once, when it is gone, whoever ended it: a sentence that says how. */
  onEnd: (reason: string) => void
}

/** A language server as a process: JSON messages behind a Content-Length each (LSP 3.18, base protocol). */
export interface LanguageServerProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  send(message: object): void
  /** MiB of memory it and its children have, or undefined where that cannot be told. */
  memory(): number | undefined
  kill(): void
}

/** What a server that does not read is sent at most. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024
const STDERR_KEPT = 2_000
const KILL_GRACE_MS = 1_000

/**
 * Behind the terminals for the processor, and before them when memory runs out: an editor without suggestions is better
 * than one without a shell.
 */
const MODEST = '{ echo 700 > /proc/self/oom_score_adj; } 2>/dev/null; exec nice -n 10 "$@"'

/** Starts a language server. Never throws: that it cannot be started is its end. */
export function startLanguageServer(
  { command, cwd, env, maxMessageBytes }: LanguageServerOptions,
  { onMessage, onEnd }: LanguageServerListeners,
): LanguageServerProcess {
  const child = spawn('sh', ['-c', MODEST, 'sh', ...command], { cwd, env, detached: true })
  let stderr = ''
  let ended = false
  /** What it did wrong, when that is why it ends. */
  let fault: string | undefined

  const end = (reason: string) => {
    if (ended) return
    ended = true
    const lastWords = stderr.trim().split('\n').at(-1)?.slice(0, 300)
    onEnd(fault ?? (lastWords ? `${reason} It said: ${lastWords}` : reason))
  }
  const kill = () => {
    if (ended) return
    child.stdin.destroy()
    signalGroup(child, 'SIGTERM')
    const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_GRACE_MS)
    child.once('close', () => clearTimeout(timer))
  }
  const reader = new MessageReader(maxMessageBytes, onMessage)
  child.stdout.on('data', (chunk: Buffer) => {
    if (ended || fault !== undefined) return
    fault = reader.push(chunk)
    if (fault !== undefined) signalGroup(child, 'SIGKILL')
  })
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT)
  })
  // A server that has died does not read; its end is told by `exit`.
  child.stdin.on('error', () => undefined)
  child.once('error', (error: NodeJS.ErrnoException) => end(`It cannot be started (${error.code ?? error.message}).`))
  child.once('exit', (code, signal) => {
    // What it has left behind must not go on without it.
    signalGroup(child, 'SIGKILL')
    end(signal ? `It was ended by ${signal}.` : `It ended with exit code ${code}.`)
  })

  return {
    pid: child.pid,
    send(message) {
      if (ended || fault !== undefined || !child.stdin.writable) return
      const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
      child.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]))
      if (child.stdin.writableLength <= MAX_UNREAD_BYTES) return
      fault = 'It does not read what it is sent.'
      signalGroup(child, 'SIGKILL')
    },
    memory: () => (child.pid === undefined || ended ? undefined : memoryOf(child.pid)),
    kill,
  }
}

/** Its own process group, so that what it has started goes as well. */
function signalGroup(child: ChildProcessWithoutNullStreams, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, constants.signals[signal])
  } catch {
    // Gone already.
  }
}

/** Resident memory of a process and its children in MiB; undefined without procfs. */
function memoryOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')
    const below = children.map((child) => (child === '' ? 0 : (memoryOf(Number(child)) ?? 0)))
    return below.reduce((sum, one) => sum + one, Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024)
  } catch {
    return undefined
  }
}
