import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { StuckContainer } from '../../src/core/container.ts'
import { DockerEngine } from '../../src/drivers/docker-engine.ts'
import { markOf, specOf } from '../support/container-engine-suite.ts'
import { PrivateEngine } from '../support/private-engine.ts'
import { buildStubImage } from '../support/stub-image.ts'

const TEMPLATE = 'stub-stuck'
const TRIES = 15

let own: PrivateEngine
let engine: DockerEngine

beforeAll(async () => {
  own = await PrivateEngine.start()
  buildStubImage(TEMPLATE, {}, own.host)
  engine = new DockerEngine({ dockerHost: own.host, fleet: 'stuck', host: '127.0.0.1', publish: false })
  await engine.ensureNetwork()
}, 60_000)
afterAll(() => own?.close(), 60_000)

it('says of a container that an engine which was killed cannot start any more that it is stuck; its files are copied', async () => {
  const spec = specOf(TEMPLATE)
  await engine.start(spec)
  await engine.mark(spec.key, markOf())
  // How far a start is after which time depends on the machine.
  let said: unknown
  for (let attempt = 1; attempt <= TRIES && !(said instanceof StuckContainer); attempt++) {
    await engine.stop(spec.key)
    const starting = engine.resume(spec.key).catch((error: unknown) => error)
    await sleep(40 + 10 * attempt)
    await own.restart('SIGKILL')
    await starting
    said = await engine.resume(spec.key).catch((error: unknown) => error)
  }
  expect(said).toBeInstanceOf(StuckContainer)
  const copy = specOf(TEMPLATE)
  const { container } = await engine.copy(spec.key, copy)
  expect(container.state).toMatch(/running|starting/)
  await engine.remove(spec.key)
  await engine.remove(copy.key)
  expect(await engine.list()).toEqual([])
}, 120_000)
