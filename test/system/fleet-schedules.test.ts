import { afterAll, beforeAll, expect, it } from 'vitest'
import { CrashingFleet } from '../support/crashing-fleet.ts'
import { FleetModel } from '../support/fleet-model.ts'
import { scheduleOf, shownSchedule } from '../support/fleet-schedule.ts'

/** More than this: OMEGA_SCHEDULES=5000. A single one again: OMEGA_SEED=1234. Logs: OMEGA_SCHEDULE_LOGS=FOLDER. */
const SCHEDULES = Number(process.env.OMEGA_SCHEDULES ?? 200)
const ONE_SEED = process.env.OMEGA_SEED
const MINUTES = 60_000

let fleet: CrashingFleet
let model: FleetModel

beforeAll(async () => {
  fleet = await CrashingFleet.start(`model${process.pid % 1000}`)
  model = new FleetModel(fleet)
})
afterAll(async () => {
  model?.close()
  await fleet?.close()
})

it(
  'whatever is asked and whatever crashes: nothing is lost, nothing is left, all parts agree',
  async () => {
    const first = ONE_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(ONE_SEED)
    const count = ONE_SEED === undefined ? SCHEDULES : 1
    await model.settle()
    for (let seed = first; seed < first + count; seed++) {
      const steps = scheduleOf(seed)
      try {
        await model.run(steps)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(`OMEGA_SEED=${seed} (${seed - first + 1} of ${count}): ${why}\n${shownSchedule(steps)}`)
      }
    }
    console.log(`${count} schedules from seed ${first}: ${model.told()}`)
    expect(model.schedules).toBe(count)
  },
  Math.max(30, SCHEDULES / 4) * MINUTES,
)
