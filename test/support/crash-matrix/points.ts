import type { Fault } from '../local-ec2/server.ts'
import { Random } from '../random.ts'

/** Where a master is killed with -9: before a call to what it depends on has its effect, or after it and before the answer. */
export interface CrashPoint {
  /** `redis placed by script`, `ec2 ACTION`, `dns METHOD`, `manager METHOD`. */
  call: string
  /** The how-manieth of these calls. */
  nth: number
  when: 'before' | 'after'
}

/** What goes wrong beside it. */
export interface CloudFault {
  name: string
  requests: readonly Fault[]
  /** An instance is in no list for so long. */
  visibleAfterMs?: number
  /** The first machine ends while it boots, or nobody ever hears of it. */
  first?: 'dies' | 'mute'
}

/** All that a master does to the world between a create and an empty fleet. */
const calls: readonly [call: string, most: number][] = [
  ['redis beginOnce', 1],
  ['redis wait', 1],
  ['redis lease', 2],
  ['redis orderLaunch', 2],
  ['ec2 RunInstances', 2],
  ['redis changeLaunch', 4],
  ['ec2 DescribeInstances', 2],
  ['redis joinLaunch', 2],
  ['redis register', 2],
  ['redis burnLaunch', 1],
  ['redis place', 3],
  ['manager PUT', 2],
  ['dns PUT', 2],
  ['redis confirm', 2],
  ['redis record', 1],
  ['redis finishOnce', 1],
  ['redis beginDelete', 1],
  ['manager DELETE', 1],
  ['dns DELETE', 1],
  ['redis release', 2],
  ['redis drain', 1],
  ['ec2 TerminateInstances', 2],
  ['redis removeHost', 1],
  ['redis forgetLaunch', 2],
]

export const points: readonly CrashPoint[] = calls.flatMap(([call, most]) =>
  Array.from({ length: most }, (_, index) => index + 1).flatMap((nth) =>
    (['before', 'after'] as const).map((when) => ({ call, nth, when })),
  ),
)

const run = (more: Partial<Fault>): Fault[] => [{ action: 'RunInstances', times: 1, ...more }]
const end = (more: Partial<Fault>): Fault[] => [{ action: 'TerminateInstances', times: 1, ...more }]
const list = (more: Partial<Fault>): Fault[] => [{ action: 'DescribeInstances', times: 1, ...more }]

export const faults: readonly CloudFault[] = [
  { name: 'no fault', requests: [] },
  { name: 'no capacity', requests: run({ code: 'InsufficientInstanceCapacity', status: 500 }) },
  { name: 'no more of it for this account', requests: run({ code: 'VcpuLimitExceeded' }) },
  { name: 'throttled', requests: run({ code: 'RequestLimitExceeded', status: 503, times: 2 }) },
  { name: 'the order is wrong', requests: run({ code: 'UnauthorizedOperation', status: 403 }) },
  { name: 'launch cut before', requests: run({ cut: 'before' }) },
  { name: 'launch cut after', requests: run({ cut: 'after' }) },
  { name: 'slow', requests: run({ delayMs: 1_500 }) },
  { name: 'seen late', requests: [], visibleAfterMs: 1_500 },
  { name: 'nothing is told', requests: list({ code: 'InternalError', status: 500, times: 4 }) },
  { name: 'a boot dies', requests: [], first: 'dies' },
  { name: 'a host never joins', requests: [], first: 'mute' },
  { name: 'end cut before', requests: end({ cut: 'before' }) },
  { name: 'end cut after', requests: end({ cut: 'after' }) },
  { name: 'end refused', requests: end({ code: 'InternalError', status: 500, times: 2 }) },
]

export interface CrashCase {
  point: CrashPoint
  fault: CloudFault
}

/** All of them, in an order that the seed gives: each point comes once before any comes again, with another fault each time. */
export function crashCases(seed: number): CrashCase[] {
  const random = new Random(seed)
  const [allPoints, allFaults] = [shuffled(points, random), shuffled(faults, random)]
  return allFaults.flatMap((_, round) =>
    allPoints.flatMap((point, index) => {
      const fault = allFaults[(index + round) % allFaults.length]
      return fault ? [{ point, fault }] : []
    }),
  )
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  return items.flatMap(() => left.splice(random.below(left.length), 1))
}

export const shownCase = ({ point: { call, nth, when }, fault }: CrashCase) =>
  `kill -9 ${when} ${call} number ${nth}, ${fault.name}`
