import { type Part, roles } from './crashing-fleet.ts'
import { Random } from './random.ts'

/** One thing that somebody does to a fleet, or that befalls it. `of` counts the sandboxes there are. */
export type Deed =
  | { what: 'create'; name?: string }
  | { what: 'fork' | 'delete' | 'stop' | 'start'; of: number }
  | { what: 'rename'; of: number; name: string }
  | { what: 'crash'; part: Part }
  | { what: 'engine' | 'redis'; signal: 'SIGTERM' | 'SIGKILL' }
  | { what: 'flush' }

/** `afterMs`: when the next one comes, whatever became of this one; undefined: when this one has ended. */
export type Step = Deed & { afterMs?: number }

const names = ['anna', 'bert', 'cleo'] as const
const weights: [Deed['what'], number][] = [
  ['create', 30],
  ['fork', 9],
  ['delete', 16],
  ['stop', 9],
  ['start', 9],
  ['rename', 5],
  ['crash', 24],
  ['redis', 5],
  ['flush', 5],
  ['engine', 4],
]
const LEAST_STEPS = 4
const MOST_STEPS = 9

/** The schedule of a seed: always the same. */
export function scheduleOf(seed: number): Step[] {
  const random = new Random(seed)
  const steps: Step[] = [{ what: 'create' }]
  const wanted = LEAST_STEPS + random.below(MOST_STEPS - LEAST_STEPS + 1)
  while (steps.length < wanted) steps.push(deedOf(random))
  return steps.map((step) => (random.chance(0.6) ? { ...step, afterMs: random.below(250) } : step))
}

function deedOf(random: Random): Deed {
  const what = weighted(random)
  switch (what) {
    case 'create':
      return random.chance(0.4) ? { what, name: random.pick(names) } : { what }
    case 'rename':
      return { what, of: random.below(8), name: random.pick(names) }
    case 'crash':
      return { what, part: random.pick(roles) }
    case 'redis':
    case 'engine':
      return { what, signal: random.pick(['SIGTERM', 'SIGKILL'] as const) }
    case 'flush':
      return { what }
    default:
      return { what, of: random.below(8) }
  }
}

function weighted(random: Random): Deed['what'] {
  let left = random.below(weights.reduce((sum, [, weight]) => sum + weight, 0))
  for (const [what, weight] of weights) {
    left -= weight
    if (left < 0) return what
  }
  return 'create'
}

/** As it is printed when it fails. */
export function shownSchedule(steps: readonly Step[]): string {
  return steps
    .map(({ afterMs, ...deed }) => `${JSON.stringify(deed)}${afterMs === undefined ? '' : ` +${afterMs} ms`}`)
    .join('\n')
}
