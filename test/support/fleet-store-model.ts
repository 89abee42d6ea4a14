import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FleetState } from '../../src/core/fleet-state.ts'
import type { FleetStore } from '../../src/core/fleet-store.ts'
import { newHost, newSandbox, type StoreRig } from './fleet-store-conformance.ts'

/** A step of a random run: how it is done by the pure state and by the store. */
interface Step {
  shown: string
  model(state: FleetState, now: number): unknown
  store(store: FleetStore): Promise<unknown>
}

const ids = fc.constantFrom('1', '2', '3', '4', '5', '6')
const addresses = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3')
const names = fc.constantFrom('name-1', 'name-2', 'sub3', 'sb_4')
const living = fc.constantFrom('running', 'asleep', 'stopped')
const keys = fc.constantFrom('k1', 'k2')

type StepName = Exclude<
  { [Name in keyof FleetStore]: Name extends keyof FleetState ? Name : never }[keyof FleetStore],
  | 'find'
  | 'list'
  | 'findHost'
  | 'listHosts'
  | 'events'
  | 'settings'
  | 'feed'
  | 'feedEnd'
  | 'moves'
  | 'bookmark'
  | 'drainInTurn'
  | 'lease'
  | 'endLease'
>

/** The step of this name with these arguments, on both. */
function step<Name extends StepName>(name: Name, ...args: Parameters<FleetStore[Name]>): Step {
  const call = (target: object, list: unknown[]) => {
    const method = (target as Record<string, (...list: unknown[]) => unknown>)[name]
    return method?.apply(target, list)
  }
  return {
    shown: `${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`,
    model: (state, now) => call(state, [now, ...args]),
    store: async (store) => call(store, args),
  }
}

/** `find` of the pure state needs no time. */
const find = (word: string): Step => ({
  shown: `find(${word})`,
  model: (state) => state.find(word),
  store: (store) => store.find(word),
})

const steps: fc.Arbitrary<Step | 'disturb'> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(ids, fc.array(addresses, { maxLength: 2 }))
      .map(([id, exclude]) => step('place', newSandbox(id), exclude)),
  },
  { weight: 2, arbitrary: fc.tuple(ids, names).map(([id, name]) => step('place', newSandbox(id, { name }))) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(ids, fc.integer({ min: 20_000, max: 20_002 }))
      .map(([id, port]) => step('confirm', `sb_${id}`, port)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(ids, fc.record({ maxSandboxes: fc.nat(4), host: addresses }, { requiredKeys: [] }))
      // None at all is no limit that can be set.
      .filter(([, { maxSandboxes }]) => maxSandboxes !== 0)
      .map(([id, limits]) => step('place', newSandbox(id), [], limits)),
  },
  { weight: 4, arbitrary: fc.tuple(ids, living).map(([id, state]) => step('mark', `sb_${id}`, state)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(ids, living, addresses, names)
      .map(([id, state, host, name]) =>
        step('adopt', { ...newSandbox(id, { name }), state, host, port: 20_003, createdAt: 5, updatedAt: 5 }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        ids,
        fc.oneof(
          names,
          ids.map((id) => `sub${id}`),
        ),
      )
      .map(([id, name]) => step('rename', `sb_${id}`, name)),
  },
  { weight: 1, arbitrary: fc.tuple(ids, fc.nat(9)).map(([id, at]) => step('setExpiry', `sb_${id}`, at)) },
  {
    weight: 1,
    arbitrary: fc.array(ids).map((list) =>
      step(
        'deletedAmong',
        list.map((id) => `sb_${id}`),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(ids, addresses, addresses, fc.integer({ min: 20_000, max: 20_009 }))
      .map(([id, from, to, port]) => step('rehost', `sb_${id}`, from, to, port)),
  },
  { weight: 3, arbitrary: fc.tuple(ids, addresses).map(([id, to]) => step('reserveMove', `sb_${id}`, to)) },
  { weight: 1, arbitrary: ids.map((id) => step('endMove', `sb_${id}`)) },
  { weight: 2, arbitrary: ids.map((id) => step('beginDelete', `sb_${id}`)) },
  { weight: 3, arbitrary: fc.tuple(ids, fc.boolean()).map(([id, lost]) => step('remove', `sb_${id}`, lost)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(addresses, fc.integer({ min: 0, max: 3 }))
      .map(([address, capacity]) => step('register', newHost(address, capacity))),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(addresses, fc.constantFrom(undefined, 'memory' as const), fc.boolean())
      .map(([address, pressure, tells]) =>
        step('beat', address, ...(tells ? [{ memory: 0.5, load: 1, ...(pressure && { pressure }) }] : [])),
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 3_600_000), fc.constantFrom(0, 3_600_000))
      .map(([ms, more]) => step('markSilent', ms, ms + more)),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(addresses, fc.boolean()).map(([address, draining]) => step('setDraining', address, draining)),
  },
  { weight: 1, arbitrary: addresses.map((address) => step('removeHost', address)) },
  {
    weight: 2,
    arbitrary: fc.tuple(ids, fc.jsonValue()).map(([id, value]) => step('record', `sb_${id}`, 'event', { value })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(keys, fc.constantFrom('a', 'b')).map(([key, print]) => step('beginOnce', key, print)),
  },
  { weight: 1, arbitrary: fc.tuple(keys, fc.string()).map(([key, answer]) => step('finishOnce', key, answer)) },
  { weight: 1, arbitrary: keys.map((key) => step('abandonOnce', key)) },
  {
    weight: 2,
    arbitrary: fc
      .dictionary(
        fc.constantFrom('a', 'b.c'),
        fc.record({ value: fc.oneof(fc.string(), fc.boolean(), fc.constant(null)), at: fc.nat(9) }),
        { maxKeys: 2 },
      )
      .map((changes) => step('changeSettings', 'owner', changes)),
  },
  {
    weight: 2,
    arbitrary: fc
      .oneof(
        names,
        ids.map((id) => `sub${id}`),
      )
      .map(find),
  },
  { weight: 1, arbitrary: fc.constant('disturb' as const) },
)

/** Random runs of steps: the store answers as FleetState does, and what the outside sees follows from its sandboxes. */
export function fleetStoreModel(name: string, openRig: () => Promise<StoreRig>): void {
  describe(`${name} against FleetState`, () => {
    it('gives the same answers, whatever the order of steps', { timeout: 120_000 }, async () => {
      const runs = fc.array(steps, { minLength: 20, maxLength: 80 })
      await fc.assert(
        fc.asyncProperty(runs, async (run) => {
          const rig = await openRig()
          try {
            await compareRun(run, rig)
          } finally {
            await rig.close()
          }
        }),
        { numRuns: 60, endOnFailure: false },
      )
    })
  })
}

async function compareRun(run: (Step | 'disturb')[], rig: StoreRig): Promise<void> {
  const state = new FleetState()
  const done: string[] = []
  for (const [now, step] of run.entries()) {
    if (step === 'disturb') {
      await rig.disturb()
      continue
    }
    done.push(step.shown)
    const expected = timeless(step.model(state, now + 10))
    expect(timeless(await step.store(now % 2 ? rig.store : rig.second)), done.join('\n')).toEqual(expected)
    const seen = await rig.look()
    expect(seen, done.join('\n')).toEqual({
      offered: Object.fromEntries(state.offered()),
      ports: Object.fromEntries(state.ports()),
    })
  }
  expect(timeless(byId(await rig.store.list()))).toEqual(timeless(byId(state.list())))
  expect(timeless(await rig.store.listHosts())).toEqual(timeless(state.listHosts()))
  for (const id of ['sb_1', 'sb_2', 'sb_3']) {
    expect(timeless(await rig.store.events(id))).toEqual(timeless(state.events(run.length + 10, id)))
  }
}

function byId<T extends { id: string }>(list: T[]): T[] {
  return [...list].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Without the times, which are the store's own, and loads, which a store that starts again need not know: states tell. */
function timeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(timeless)
  if (typeof value !== 'object' || value === null) return value
  const times = ['at', 'createdAt', 'updatedAt', 'registeredAt', 'lastBeatAt']
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'load')
      .map(([key, item]) => [key, times.includes(key) && typeof item === 'number' ? 0 : timeless(item)]),
  )
}
