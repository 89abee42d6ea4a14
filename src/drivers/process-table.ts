import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'

/**
 * Processes other than our children: who is alive, and is it still the same one? A process id alone says neither, since
 * the system gives it again; id and start time together do.
 */
export interface ProcessIdentity {
  pid: number
  /** Opaque: clock ticks since boot on Linux, `ps`'s start date elsewhere. */
  started: string
}

const run = promisify(execFile)

/** Start time out of a line of /proc/PID/stat; the name in it may contain anything, so it is read from its end. */
export function startedOf(stat: string): string | undefined {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie has ended; it only waits for its parent.
  return state === 'Z' || state === 'X' ? undefined : fields[18]
}

/** The live process of this id, or undefined. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (process.platform === 'linux') return identifyLinux(pid)
  try {
    const { stdout } = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)])
    const [state = '', ...date] = stdout.trim().split(/\s+/)
    return state === '' || state.startsWith('Z') ? undefined : { pid, started: date.join(' ') }
  } catch {
    return undefined
  }
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.started === identity.started
}

/**
 * Ends a process, its group and everything below it: asks first, and makes it so after `graceMs`. `folder` is where it
 * worked: what still has its working directory in there belongs to it too (a dev server that left its group).
 */
export async function endTree(identity: ProcessIdentity | undefined, folder: string, graceMs: number): Promise<void> {
  const members = () => [...(identity ? descendants(identity.pid) : []), ...workingIn(folder)]
  const seen = new Map(members().map((member) => [member.pid, member]))
  if (identity && (await isAlive(identity))) {
    signal(-identity.pid, 'SIGTERM')
    const deadline = performance.now() + graceMs
    while (performance.now() < deadline && (await isAlive(identity))) await pause(10)
    for (const member of members()) seen.set(member.pid, member)
    if (await isAlive(identity)) signal(-identity.pid, 'SIGKILL')
  }
  for (const member of seen.values()) if (await isAlive(member)) signal(member.pid, 'SIGKILL')
  for (let wait = 0; identity && wait < 200 && (await isAlive(identity)); wait++) await pause(10)
}

/**
 * Stops (or continues) a process and everything below it, as a container's freezer does: by signals, which a program
 * cannot refuse. Linux; elsewhere only its group.
 */
export function haltTree(identity: ProcessIdentity, folder: string, halt: boolean): void {
  const name = halt ? 'SIGSTOP' : 'SIGCONT'
  const below = [...descendants(identity.pid), ...workingIn(folder)].map(({ pid }) => pid)
  const all = new Set([-identity.pid, identity.pid, ...below])
  for (const pid of all) signal(pid, name)
}

/** Whether it was stopped by a signal. */
export function isHalted(identity: ProcessIdentity): boolean {
  try {
    const stat = readFileSync(`/proc/${identity.pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
  } catch {
    return false
  }
}

function identifyLinux(pid: number): ProcessIdentity | undefined {
  try {
    const started = startedOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))
    return started === undefined ? undefined : { pid, started }
  } catch {
    return undefined
  }
}

function allPids(): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? Number(name) : []))
}

/** Children, their children and so on, as they are now (Linux; elsewhere the group has to do). */
function descendants(root: number): ProcessIdentity[] {
  const parents = new Map<number, number>()
  for (const pid of allPids()) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // It ended while we were reading.
    }
  }
  const below = new Set([root])
  for (let grown = true; grown; ) {
    grown = false
    for (const [pid, parent] of parents) {
      if (below.has(parent) && !below.has(pid)) {
        below.add(pid)
        grown = true
      }
    }
  }
  below.delete(root)
  return [...below].flatMap((pid) => identifyLinux(pid) ?? [])
}

function workingIn(folder: string): ProcessIdentity[] {
  return allPids().flatMap((pid) => {
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`)
      return pid !== process.pid && (cwd === folder || cwd.startsWith(`${folder}/`)) ? (identifyLinux(pid) ?? []) : []
    } catch {
      return []
    }
  })
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
