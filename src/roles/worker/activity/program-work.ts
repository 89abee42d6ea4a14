import type { Clock } from '../../../core/clock.ts'
import type { ProcessTimes } from '../../../drivers/process-times.ts'

/** Share of one core above which programs work; dev servers that watch files stay well below. */
const WORKING_SHARE = 0.02
/** The kernel counts in ticks of 10 ms: a shorter look would take one of them for work. */
const SHORTEST_LOOK_MS = 3_000

export interface ProgramWorkOptions {
  clock: Pick<Clock, 'now'>
  /** All processes there are. */
  processes: () => Promise<readonly ProcessTimes[]>
  /** The worker's own. */
  ownPid: number
  /** Whether all processes there are belong to the sandbox; otherwise only the worker's descendants do. */
  isolated: boolean
  /** Process ids of what the worker runs for itself: these and all below them are not the sandbox's programs. */
  servers: () => readonly number[]
}

interface Sample {
  /** Of the clock. */
  at: number
  /** Of the sandbox's programs, by process id. */
  programs: ReadonlyMap<number, ProcessTimes>
}

/**
 * Whether the sandbox's programs work, by the processor time they have used between two questions. Nothing is measured
 * in between.
 */
export class ProgramWork {
  readonly #options: ProgramWorkOptions
  #before: Sample | undefined
  #asking: Promise<boolean> | undefined

  constructor(options: ProgramWorkOptions) {
    this.#options = options
    // What runs now has used nothing before.
    this.#before = { at: options.clock.now(), programs: new Map() }
  }

  /** Whether they have worked since the last look; false without another look when that was a moment ago. */
  worked(): Promise<boolean> {
    this.#asking ??= this.#look().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** Time passes from now on in which nothing can run: the next look only begins anew. */
  forget(): void {
    this.#before = undefined
  }

  async #look(): Promise<boolean> {
    const { clock, processes } = this.#options
    const before = this.#before
    if (before && clock.now() - before.at < SHORTEST_LOOK_MS) return false
    const programs = this.#programsAmong(await processes())
    const now: Sample = { at: clock.now(), programs }
    // Put to sleep while we looked: what was seen is of before.
    if (this.#before !== before) return false
    this.#before = now
    return before !== undefined && usedBetween(before, now) > WORKING_SHARE * (now.at - before.at)
  }

  #programsAmong(all: readonly ProcessTimes[]): Map<number, ProcessTimes> {
    const { ownPid, isolated, servers } = this.#options
    const byPid = new Map(all.map((process) => [process.pid, process]))
    const excluded = new Set(servers())
    const isProgram = (process: ProcessTimes): boolean => {
      if (process.pid === ownPid || excluded.has(process.session)) return false
      const seen = new Set<number>()
      for (let at: ProcessTimes | undefined = process; at; at = byPid.get(at.parent)) {
        if (excluded.has(at.pid)) return false
        if (at.pid === ownPid) return true
        if (seen.has(at.pid)) break
        seen.add(at.pid)
      }
      return isolated
    }
    return new Map(all.filter(isProgram).map((process) => [process.pid, process]))
  }
}

/**
 * Milliseconds of processor time. What a process has used goes over to its parent when it ends and is waited for, so what
 * was counted of it before is taken off again there.
 */
function usedBetween(before: Sample, now: Sample): number {
  /** Processor time that was counted before, of processes that have ended, by their parents. */
  const inherited = new Map<number, number>()
  for (const [pid, process] of before.programs) {
    if (now.programs.get(pid)?.started === process.started) continue
    inherited.set(process.parent, (inherited.get(process.parent) ?? 0) + process.usedMs)
  }
  let used = 0
  for (const [pid, process] of now.programs) {
    const earlier = before.programs.get(pid)
    if (earlier?.started !== process.started) used += process.usedMs
    else used += Math.max(0, process.usedMs - earlier.usedMs - (inherited.get(pid) ?? 0))
  }
  return used
}
