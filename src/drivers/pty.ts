import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { OmegaError } from '../core/errors.ts'
import { ExitMarker, leaderScript } from './exit-marker.ts'

export interface PtyOptions {
  command: string[]
  cwd: string
  env: Record<string, string>
  cols: number
  rows: number
}

export interface PtyListeners {
  onData: (chunk: Uint8Array) => void
  /** Once, after the last byte of output. A death by signal gives 128 + its number, as shells do. */
  onExit: (exitCode: number) => void
}

/** A process on a pseudo-terminal of its own: leader of its own session. */
export interface Pty {
  readonly pid: number
  /** Throws TOO_LARGE when its program has not read the last MAX_UNREAD_BYTES of input. */
  write(bytes: Uint8Array): void
  resize(cols: number, rows: number): void
  pause(): void
  resume(): void
  /** The name of what has the terminal now, such as `bash` or `vim`; undefined where that cannot be found out. */
  program(): string | undefined
  /** SIGHUP and SIGTERM to all processes of the session, SIGKILL to those left after a grace time. */
  kill(): void
}

/** Input a program does not read: room for a large paste, not for a flood. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024
/** How often a full input queue of the kernel is tried again. */
const RETRY_MS = 5
/** From asking a session's processes to end to making them. */
const KILL_GRACE_MS = 1_000
const MAX_NAME_CHARS = 40
/** What of node-pty's terminal is not in its types; the version is pinned, and the tests would notice. */
interface Inside {
  /** The only way to write without a queue that spins while the kernel's is full. */
  fd: number
  on(event: 'close', listener: () => void): void
}

/** Starts a command on a pseudo-terminal. node-pty is loaded with the first one. */
export function openPty(options: PtyOptions, listeners: PtyListeners): Pty {
  const { spawn } = createRequire(import.meta.url)('node-pty') as typeof import('node-pty')
  const token = `omega-${randomBytes(12).toString('hex')}`
  const marker = new ExitMarker(token)
  const { cwd, env, cols, rows } = options
  let terminal: import('node-pty').IPty
  try {
    terminal = spawn('sh', ['-c', leaderScript, token, ...options.command], {
      name: env.TERM ?? 'xterm-256color',
      cwd,
      env,
      cols,
      rows,
      encoding: null,
    })
  } catch (error) {
    throw new OmegaError('TOO_MANY_REQUESTS', `A terminal cannot be started: ${String(error)} Close some first.`)
  }
  const inside = terminal as unknown as Inside
  const { fd } = inside
  /** Its descriptor is closed and may be another file's by now. */
  let ended = false
  let exited = false
  let retry: NodeJS.Timeout | undefined
  let unread: Uint8Array[] = []
  let unreadBytes = 0

  const drain = () => {
    retry = undefined
    while (!ended && unread[0]) {
      const written = tryWrite(fd, unread[0])
      if (written === undefined) {
        retry = setTimeout(drain, RETRY_MS)
        return
      }
      unreadBytes -= written
      if (written === unread[0].length) unread.shift()
      else unread[0] = unread[0].subarray(written)
    }
  }

  // With `encoding: null` the chunks are Buffers, whatever the types say.
  const exit = (exitCode: number) => {
    if (exited) return
    exited = true
    listeners.onExit(exitCode)
  }
  terminal.onData((chunk) => {
    if (exited) return
    const { output, exitCode } = marker.push(chunk as unknown as Uint8Array)
    if (output.length > 0) listeners.onData(output)
    if (exitCode === undefined) return
    signalAll([terminal.pid], 'SIGKILL')
    exit(exitCode)
  })
  inside.on('close', () => {
    ended = true
    unread = []
    clearTimeout(retry)
  })
  // Without its last word: the leader itself was killed.
  terminal.onExit(({ exitCode, signal }) => exit(signal ? 128 + signal : exitCode))

  return {
    pid: terminal.pid,
    write(bytes) {
      if (ended || bytes.length === 0) return
      if (unreadBytes + bytes.length > MAX_UNREAD_BYTES) {
        throw new OmegaError('TOO_LARGE', 'The program in this terminal does not read its input; it is full.')
      }
      unread.push(bytes.slice())
      unreadBytes += bytes.length
      if (!retry) drain()
    },
    resize(columns, lines) {
      if (!ended) terminal.resize(columns, lines)
    },
    pause() {
      if (!ended) terminal.pause()
    },
    resume() {
      if (!ended) terminal.resume()
    },
    program() {
      return ended ? undefined : foregroundOf(terminal.pid)
    },
    kill() {
      this.resume()
      const session = sessionOf(terminal.pid)
      for (const signal of ['SIGHUP', 'SIGTERM', 'SIGCONT'] as const) signalAll(session, signal)
      setTimeout(() => signalAll(sessionOf(terminal.pid), 'SIGKILL'), KILL_GRACE_MS)
    },
  }
}

/** How many bytes the kernel took, or undefined when it takes none now. A terminal that is gone takes everything. */
function tryWrite(fd: number, bytes: Uint8Array): number | undefined {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? undefined : bytes.length
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The name of the leader of the foreground processes of a session's terminal (proc_pid_stat(5), field 8). */
function foregroundOf(leader: number): string | undefined {
  try {
    const group = Number(statusOf(leader)[5])
    const command = readFileSync(`/proc/${group}/cmdline`, 'utf8').split('\0')[0] ?? ''
    // Of a path only the name; a program that has named itself may hold slashes anywhere.
    const name = /^-?(?:\/\S*\/)?(.*)$/s.exec(command)?.[1] ?? ''
    return name.slice(0, MAX_NAME_CHARS) || readFileSync(`/proc/${group}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** The fields of /proc/PID/stat from the third on. */
function statusOf(pid: number | string): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** All processes whose session's leader is or was `leader` (proc_pid_stat(5), field 6), itself included. */
function sessionOf(leader: number): number[] {
  // Without procfs only its process group is known (kill(2): a negative number).
  if (!existsSync('/proc/self/stat')) return isAlive(leader) ? [-leader] : []
  const members: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if (Number(statusOf(name)[3]) === leader) members.push(Number(name))
    } catch {
      // Gone meanwhile.
    }
  }
  return members
}

function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // Gone meanwhile.
    }
  }
}
