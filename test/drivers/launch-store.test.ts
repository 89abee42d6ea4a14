import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll } from 'vitest'
import { EmbeddedLaunchStore } from '../../src/drivers/embedded-launch-store.ts'
import { connectRedis } from '../../src/drivers/redis/connection.ts'
import { RedisLaunchStore } from '../../src/drivers/redis/launch-store.ts'
import { launchStoreConformance } from '../support/launch-store-conformance.ts'
import { type PrivateRedis, startRedis } from '../support/redis.ts'

let server: PrivateRedis
let fleets = 0
beforeAll(async () => {
  server = await startRedis('--appendfsync', 'no')
})
afterAll(() => server.close())

launchStoreConformance('launches, embedded', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'omega-launches-'))
  let store = await EmbeddedLaunchStore.open(dir)
  return {
    store,
    async reopen() {
      await store.close()
      store = await EmbeddedLaunchStore.open(dir)
      return store
    },
    async close() {
      await store.close()
      rmSync(dir, { recursive: true })
    },
  }
})

launchStoreConformance('launches, in Redis', async () => {
  const fleet = `fleet-${++fleets}`
  const open = () => new RedisLaunchStore(connectRedis(server.url, pino({ level: 'silent' })), fleet)
  let store = open()
  return {
    store,
    async reopen() {
      await store.close()
      store = open()
      return store
    },
    close: () => store.close(),
  }
})
