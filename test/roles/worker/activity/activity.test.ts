import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/core/manual-clock.ts'
import type { ActivityKind } from '../../../../src/core/wire/activity.ts'
import type { EventName } from '../../../../src/core/wire/operations.ts'
import { Activity } from '../../../../src/roles/worker/activity/activity.ts'
import { isHotReload, kindOf } from '../../../../src/roles/worker/activity/counted-requests.ts'
import { noticeOutput } from '../../../../src/roles/worker/activity/terminal-output.ts'
import { Warning } from '../../../../src/roles/worker/activity/warning.ts'
import { People } from '../../../../src/roles/worker/people/people.ts'
import type { Page } from '../../../../src/roles/worker/wire/page.ts'

const EPOCH = 1_795_690_550_000
let clock: ManualClock
let seen: ActivityKind[]
let activity: Activity

beforeEach(() => {
  clock = new ManualClock()
  seen = []
  activity = new Activity({
    clock,
    date: () => EPOCH + clock.now(),
    onActivity: (kind) => {
      seen.push(kind)
    },
  })
})

describe('activity', () => {
  it('begins with the start of the worker, and ages', async () => {
    expect([activity.idleMs, activity.last]).toEqual([0, { kind: 'start', at: EPOCH }])
    await clock.pass(60_000)
    expect([activity.idleMs, activity.last.kind]).toEqual([60_000, 'start'])
  })

  it('is the last thing that happened', async () => {
    await clock.pass(1_000)
    activity.note('keys')
    await clock.pass(500)
    activity.note('edit')
    await clock.pass(250)
    expect([activity.idleMs, activity.last]).toEqual([250, { kind: 'edit', at: EPOCH + 1_500 }])
    expect(seen).toEqual(['keys', 'edit'])
  })

  it('lasts as long as something is under way, and is of its end then', async () => {
    const end = activity.begin('exec')
    const other = activity.begin('upload')
    await clock.pass(3_600_000)
    other()
    await clock.pass(1_000)
    expect([activity.idleMs, activity.last.kind]).toEqual([0, 'exec'])
    end()
    end()
    await clock.pass(700)
    expect([activity.idleMs, activity.last]).toEqual([700, { kind: 'exec', at: EPOCH + 3_601_000 }])
  })

  it('knows when a person asked to keep the sandbox, whatever came later', async () => {
    expect(activity.keptAt).toBeUndefined()
    activity.note('keep')
    await clock.pass(10)
    activity.note('output')
    expect(activity.keptAt).toBe(EPOCH)
  })
})

describe('the output of terminals', () => {
  const open = () => {
    let say = () => {}
    let noticed = 0
    const got: string[] = []
    const sizes: number[][] = []
    const opens = noticeOutput(
      (_options, { onData }) => {
        say = () => onData(Buffer.from('x'))
        const nothing = () => undefined
        return {
          pid: 7,
          write: nothing,
          pause: nothing,
          resume: nothing,
          kill: nothing,
          program: nothing,
          resize: (...size) => sizes.push(size),
        }
      },
      clock,
      () => noticed++,
    )
    const options = { command: ['sh'], cwd: '/', env: {}, cols: 80, rows: 24 }
    const pty = opens(options, { onData: (chunk) => got.push(String(chunk)), onExit: () => undefined })
    return { pty, say: () => say(), noticed: () => noticed, got, sizes }
  }

  it('counts when a program wrote it', async () => {
    const { say, noticed, got } = open()
    await clock.pass(1_000)
    say()
    say()
    expect([noticed(), got.length]).toEqual([2, 2])
  })

  it('does not when a shell draws its prompt since it was opened, or anew since a page has another size', async () => {
    const { pty, say, noticed, got, sizes } = open()
    say()
    await clock.pass(10_000)
    pty.resize(100, 30)
    say()
    await clock.pass(900)
    say()
    expect([noticed(), got.length, sizes]).toEqual([0, 3, [[100, 30]]])
    await clock.pass(100)
    say()
    expect(noticed()).toBe(1)
  })
})

describe('people', () => {
  const page = { id: 'p1', guest: { by: 'cookie', access: 'edit' }, belonging: () => ({ taken: () => undefined }) }
  const here = () => {
    const people = new People({ clock, tell: () => undefined })
    people.join(page as unknown as Page, { seat: 'a-seat-that-is-long-enough', name: 'Ada' })
    return (at: { path?: string; terminal?: string; idle: boolean }) => people.at(page as unknown as Page, at)
  }

  it('do something when they open another file or terminal, or come back', () => {
    const at = here()
    expect(at({ path: 'a', idle: false })).toBe(true)
    expect(at({ path: 'b', idle: false })).toBe(true)
    expect(at({ path: 'b', terminal: 'shell-1', idle: false })).toBe(true)
    at({ path: 'b', terminal: 'shell-1', idle: true })
    expect(at({ path: 'b', terminal: 'shell-1', idle: false })).toBe(true)
  })

  it('do nothing when their page says again where they are, is hidden, or idles', () => {
    const at = here()
    at({ path: 'a', idle: false })
    expect(at({ path: 'a', idle: false })).toBe(false)
    expect(at({ path: 'a', idle: true })).toBe(false)
    expect(at({ path: 'b', idle: true })).toBe(false)
  })
})

describe('HTTP requests', () => {
  it.each([
    ['PUT', '/_omega/file', 'upload'],
    ['GET', '/_omega/file', 'download'],
    ['GET', '/_omega/archive', 'download'],
    ['POST', '/_omega/shares', 'operation'],
    ['DELETE', '/_omega/shares/x', 'operation'],
  ])('%s %s counts', (method, path, kind) => {
    expect(kindOf(method, path)).toBe(kind)
  })

  it.each([
    ['GET', '/'],
    ['GET', '/_omega/ws'],
    ['GET', '/_omega/activity'],
    ['GET', '/_omega/logs'],
    ['GET', '/healthz'],
    ['GET', '/metrics'],
    ['HEAD', '/_omega/file'],
    ['POST', '/_omega/claim'],
    ['POST', '/_omega/warn'],
    ['POST', '/_omega/sleep'],
    ['POST', '/_omega/renamed'],
    ['POST', '/_omega/preview-link'],
  ])('%s %s does not', (method, path) => {
    expect(kindOf(method, path)).toBeUndefined()
  })

  it('of hot reload to an app are told apart', () => {
    const asks = (accept?: string) => isHotReload({ headers: accept === undefined ? {} : { accept } })
    expect([asks('text/event-stream'), asks('text/x-vite-ping')]).toEqual([true, true])
    expect([asks(), asks('*/*'), asks('text/html,application/xhtml+xml')]).toEqual([false, false, false])
  })
})

describe('a warning', () => {
  let told: [EventName, unknown][]
  let warning: Warning
  beforeEach(() => {
    told = []
    warning = new Warning({ clock, tell: (event, data) => void told.push([event, data]) })
  })

  it('is told with its time, and with what is left of it to who comes later', async () => {
    warning.give({ inMs: 120_000, then: 'asleep' })
    expect(told).toEqual([['sleep.warned', { inMs: 120_000, then: 'asleep' }]])
    await clock.pass(30_000)
    expect(warning.current).toEqual({ inMs: 90_000, then: 'asleep' })
    await clock.pass(300_000)
    expect(warning.current).toEqual({ inMs: 0, then: 'asleep' })
  })

  it.each(['asleep', 'stopped'] as const)('that it is %s ends with any activity, and is told once', (rest) => {
    warning.give({ inMs: 1, then: rest })
    warning.active('output')
    warning.active('output')
    expect(told.slice(1)).toEqual([['sleep.kept', {}]])
    expect(warning.current).toBeUndefined()
  })

  it('that it is deleted ends only when somebody asks for it', () => {
    warning.give({ inMs: 1, then: 'deleted' })
    warning.active('edit')
    expect(told).toHaveLength(1)
    warning.active('keep')
    expect(told.slice(1)).toEqual([['sleep.kept', {}]])
  })
})
