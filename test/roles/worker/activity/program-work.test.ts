import { spawn } from 'node:child_process'
import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/core/manual-clock.ts'
import { type ProcessTimes, parseTimes, processTimes } from '../../../../src/drivers/process-times.ts'
import { ProgramWork } from '../../../../src/roles/worker/activity/program-work.ts'

const WORKER = 10
const SERVER = 20
let clock: ManualClock
let running: ProcessTimes[]
let looks: number

const process = (pid: number, parent: number, usedMs = 0, more: Partial<ProcessTimes> = {}): ProcessTimes => ({
  pid,
  parent,
  session: pid,
  started: `${pid}`,
  usedMs,
  ...more,
})
const work = (isolated = true) =>
  new ProgramWork({
    clock,
    ownPid: WORKER,
    isolated,
    servers: () => [SERVER],
    processes: async () => {
      looks++
      return running.map((one) => ({ ...one }))
    },
  })
/** Another second of processor time. */
const use = (pid: number, ms: number) => {
  for (const one of running) if (one.pid === pid) one.usedMs += ms
}

beforeEach(() => {
  clock = new ManualClock()
  looks = 0
  // init, the worker, a shell with a dev server, a language server with a child.
  running = [process(1, 0), process(WORKER, 1), process(30, WORKER), process(31, 30), process(SERVER, WORKER)]
  running.push(process(21, SERVER))
})

describe('programs', () => {
  it('work above 2 % of one core, and rest below', async () => {
    const programs = work()
    await clock.pass(10_000)
    use(31, 190)
    expect(await programs.worked()).toBe(false)
    await clock.pass(10_000)
    use(31, 210)
    expect(await programs.worked()).toBe(true)
    await clock.pass(10_000)
    expect(await programs.worked()).toBe(false)
  })

  it('are not the worker, nor the language servers and what these have started', async () => {
    const programs = work()
    running.push(process(22, 1, 0, { session: SERVER }))
    for (const pid of [WORKER, SERVER, 21, 22]) {
      await clock.pass(10_000)
      use(pid, 9_000)
      expect(await programs.worked()).toBe(false)
    }
  })

  it('are all of a container, also those that have left their terminals', async () => {
    const programs = work()
    running.push(process(40, 1))
    await clock.pass(10_000)
    use(40, 5_000)
    expect(await programs.worked()).toBe(true)
  })

  it('are only those below the worker on a machine of somebody else', async () => {
    const programs = work(false)
    running.push(process(40, 1))
    await clock.pass(10_000)
    use(40, 5_000)
    use(1, 5_000)
    expect(await programs.worked()).toBe(false)
    await clock.pass(10_000)
    use(31, 5_000)
    expect(await programs.worked()).toBe(true)
  })

  it('count that began since, and what short ones have left to their parents', async () => {
    const programs = work()
    await clock.pass(10_000)
    running.push(process(50, 30, 800))
    expect(await programs.worked()).toBe(true)
    await clock.pass(10_000)
    // It ends: the kernel adds its time to the shell's. That was counted already.
    running = running.filter(({ pid }) => pid !== 50)
    use(30, 800)
    expect(await programs.worked()).toBe(false)
    await clock.pass(10_000)
    // A test runner's many short children, none of which was seen.
    use(30, 900)
    expect(await programs.worked()).toBe(true)
  })

  it('that end do not hide the work of others', async () => {
    const programs = work()
    use(31, 60_000)
    await clock.pass(10_000)
    await programs.worked()
    // Its parent has ended before, so nobody got its time.
    running = running.filter(({ pid }) => pid !== 31 && pid !== 30)
    running.push(process(60, WORKER, 500))
    await clock.pass(10_000)
    expect(await programs.worked()).toBe(true)
  })

  it('are not taken for later ones of the same id', async () => {
    const programs = work()
    use(31, 60_000)
    await clock.pass(10_000)
    await programs.worked()
    running = running.filter(({ pid }) => pid !== 31)
    running.push(process(31, WORKER, 700, { started: 'later' }))
    await clock.pass(10_000)
    expect(await programs.worked()).toBe(true)
  })

  it('are looked at only when somebody asks, and not twice in a moment', async () => {
    const programs = work()
    await clock.pass(3_600_000)
    expect(looks).toBe(0)
    await Promise.all([programs.worked(), programs.worked()])
    await clock.pass(1_000)
    use(31, 30)
    expect(await programs.worked()).toBe(false)
    expect(looks).toBe(1)
    // It was not lost, only not looked at.
    await clock.pass(9_000)
    use(31, 400)
    expect(await programs.worked()).toBe(true)
  })

  it('are measured anew after a sleep: its time would thin out their work', async () => {
    const programs = work()
    await clock.pass(10_000)
    await programs.worked()
    programs.forget()
    await clock.pass(3_600_000)
    use(31, 2_000)
    expect(await programs.worked()).toBe(false)
    await clock.pass(10_000)
    use(31, 2_000)
    expect(await programs.worked()).toBe(true)
  })
})

describe('/proc', () => {
  it('is read whatever a process calls itself', () => {
    const stat =
      '42 (a) R 1 (b) S 7 42 40 34816 42 4194304 1 2 3 4 50 6 700 80 20 0 1 0 98765 1 2 3 4 5 6 7 8 9 10 11 12 13 14'
    expect(parseTimes(stat)).toEqual({ pid: 42, parent: 7, session: 40, started: '98765', usedMs: 8_360 })
    expect(parseTimes('')).toBeUndefined()
  })

  it.runIf(globalThis.process.platform === 'linux')('tells what a child of ours has used', async () => {
    const child = spawn('sh', ['-c', 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; read _'])
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const found = (await processTimes()).find(({ pid }) => pid === child.pid)
    child.stdin.end('\n')
    expect(found?.parent).toBe(globalThis.process.pid)
    expect(found?.usedMs).toBeGreaterThanOrEqual(50)
  })
})
