import { describe, expect, it } from 'vitest'
import { runSchedule } from './schedule.ts'

/** More than this: OMEGA_SCHEDULES=100000. A single one again: OMEGA_SEED=1234. */
const SCHEDULES = Number(process.env.OMEGA_SCHEDULES ?? 10_000)
const ONE_SEED = process.env.OMEGA_SEED

describe('pages, worker and file', () => {
  it('agree in the end, and no acknowledged keystroke is lost or doubled, whatever happens', {
    timeout: 900_000,
  }, async () => {
    const first = ONE_SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(ONE_SEED)
    const count = ONE_SEED === undefined ? SCHEDULES : 1
    console.log(`seeds ${first} to ${first + count - 1}`)
    for (let seed = first; seed < first + count; seed++) {
      await runSchedule(seed).catch((error: unknown) => {
        throw new Error(`OMEGA_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`)
      })
    }
    expect(count).toBeGreaterThan(0)
  })
})
