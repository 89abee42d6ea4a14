import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packageRoot } from '../../src/drivers/package-root.ts'
import { CrashCourse, type Ground } from '../support/crash-matrix/course.ts'
import { crashCases, shownCase } from '../support/crash-matrix/points.ts'
import { startRedis } from '../support/redis.ts'
import { bundleRoles } from '../support/role-process.ts'

/**
 * All of them: OMEGA_CRASHES=all. The same ones again: OMEGA_SEED=1234. One kind: OMEGA_CRASH='ec2 RunInstances'. Logs:
 * OMEGA_SCHEDULE_LOGS=FOLDER.
 */
const SEED = Number(process.env.OMEGA_SEED ?? Math.floor(Math.random() * 2 ** 31))
const wanted = process.env.OMEGA_CRASH ?? ''
const all = crashCases(SEED).filter((one) => shownCase(one).includes(wanted))
const COUNT = process.env.OMEGA_CRASHES === 'all' ? all.length : Number(process.env.OMEGA_CRASHES ?? 24)
/** They wait more than they work. */
const AT_ONCE = 3
const MINUTES = 60_000

let ground: Ground
const dir = mkdtempSync(join(tmpdir(), 'omega-crash-matrix-'))

beforeAll(async () => {
  const [redis, program] = await Promise.all([startRedis(), bundleRoles(dir)])
  const logs = process.env.OMEGA_SCHEDULE_LOGS
  ground = { redis, program, templatesFolder: join(packageRoot, 'templates'), ...(logs && { logs }) }
})
afterAll(async () => {
  await ground?.redis.close()
  rmSync(dir, { recursive: true, force: true })
})

it(
  'a master killed at any moment of any trouble: no machine too many, none forgotten, nobody left without an answer',
  async () => {
    const cases = all.slice(0, COUNT)
    const failures: string[] = []
    let begun = 0
    const lane = async (number: number) => {
      for (let one = cases[begun++]; one; one = cases[begun++]) {
        const [name, block] = [`crash${process.pid}x${begun}`, `127.${40 + number}.${begun % 250}`]
        await CrashCourse.run(ground, one, name, block).catch((error: Error) => failures.push(error.message))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => lane(number)))
    expect(failures.join('\n\n'), `OMEGA_SEED=${SEED}`).toBe('')
  },
  Math.max(10, COUNT / 4) * MINUTES,
)
