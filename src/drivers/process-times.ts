import { readdir, readFile } from 'node:fs/promises'

/** USER_HZ: what proc(5) counts in, the same on every Linux that Node.js runs on. */
const TICK_MS = 10

/** What a process has used of the processor. */
export interface ProcessTimes {
  pid: number
  parent: number
  /** Id of its session: the process id of the leader. */
  session: number
  /** Clock ticks since boot; distinguishes it from a later process of the same id. */
  started: string
  /** Milliseconds of user and system time: its own and that of its children that have ended and were waited for. */
  usedMs: number
}

/** All processes that can be seen, from /proc/PID/stat; none where the kernel does not tell. */
export async function processTimes(): Promise<ProcessTimes[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')))
  return all.flatMap((stat) => parseTimes(stat) ?? [])
}

/** A line of /proc/PID/stat. The name in parentheses may contain anything, so it is read from its end; '' gives undefined. */
export function parseTimes(stat: string): ProcessTimes | undefined {
  const pid = Number.parseInt(stat, 10)
  // From field 3 of proc_pid_stat(5) on: state, ppid, pgrp, session, ..., utime (14), stime, cutime, cstime, ..., starttime (22).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [, parent, , session] = fields
  const started = fields[19]
  if (!(pid > 0) || started === undefined) return undefined
  const ticks = fields.slice(11, 15).reduce((sum, text) => sum + Number(text), 0)
  return { pid, parent: Number(parent), session: Number(session), started, usedMs: ticks * TICK_MS }
}
