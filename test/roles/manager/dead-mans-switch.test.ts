import { expect, it } from 'vitest'
import { createLog } from '../../../src/drivers/log.ts'
import { DeadMansSwitch } from '../../../src/roles/manager/dead-mans-switch.ts'

it('turns an empty host off that no master looks after, one with sandboxes much later', async () => {
  let [silentMs, sandboxes, offs] = [0, 0, 0]
  const deadMansSwitch = new DeadMansSwitch({
    afterMs: 1_000,
    silentMs: () => silentMs,
    sandboxes: () => sandboxes,
    powerOff: async () => void offs++,
    log: createLog('test', 'silent', 2),
  })
  const after = async (ms: number, count: number) => {
    silentMs = ms
    sandboxes = count
    await deadMansSwitch.look()
    return offs
  }
  expect(await after(1_000, 0)).toBe(0)
  expect(await after(47_000, 2)).toBe(0)
  expect(await after(1_001, 0)).toBe(1)
  expect(await after(48_001, 2)).toBe(2)
})
