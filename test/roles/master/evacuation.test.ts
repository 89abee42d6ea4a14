import { expect, it } from 'vitest'
import type { Sandbox, SandboxState } from '../../../src/core/sandbox.ts'
import { createLog } from '../../../src/drivers/log.ts'
import { Evacuation } from '../../../src/roles/master/evacuation.ts'

const sandbox = (id: string, state: SandboxState = 'running', host = '10.0.0.1'): Sandbox => ({
  ...{ id, name: id, subdomain: id, template: 'react', state, host, port: 20_000 },
  ...{ createdAt: 0, updatedAt: 0, expiresAt: 0 },
})

function rig(sandboxes: Sandbox[]) {
  const asked: string[] = []
  const pending = new Map<string, { resolve(): void; reject(error: Error): void }>()
  const it = { now: 0, asked, pending, evacuation: undefined as unknown as Evacuation }
  const move = (id: string) => {
    asked.push(id)
    return new Promise<Sandbox>((resolve, reject) => {
      const found = sandboxes.find((each) => each.id === id) as Sandbox
      const resolved = () => resolve(Object.assign(found, { host: '10.0.0.2' }))
      pending.set(id, { resolve: resolved, reject })
    })
  }
  const log = createLog('test', 'silent', 2)
  it.evacuation = new Evacuation({ store: { list: async () => sandboxes }, moves: { move }, log, now: () => it.now })
  return it
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

it('moves a few at a time, those in use first, and each once', async () => {
  const sandboxes = [sandbox('s', 'asleep'), ...['a', 'b', 'c', 'd'].map((id) => sandbox(id))]
  sandboxes.push(sandbox('elsewhere', 'running', '10.0.0.9'), sandbox('new', 'placing'))
  const { asked, pending, evacuation } = rig(sandboxes)
  await evacuation.look('10.0.0.1', 'all')
  await evacuation.look('10.0.0.1', 'all')
  expect(asked).toEqual(['a', 'b', 'c'])
  pending.get('b')?.resolve()
  await turn()
  await evacuation.look('10.0.0.1', 'all')
  expect(asked).toEqual(['a', 'b', 'c', 'd'])
  for (const id of ['a', 'c', 'd']) pending.get(id)?.resolve()
  await turn()
  await evacuation.look('10.0.0.1', 'all')
  pending.get('s')?.resolve()
  await evacuation.settled()
  await evacuation.look('10.0.0.1', 'all')
  expect(asked).toEqual(['a', 'b', 'c', 'd', 's'])
})

it('leaves those in use alone when only resting ones are to go', async () => {
  const { asked, evacuation } = rig([sandbox('a'), sandbox('s', 'asleep'), sandbox('t', 'stopped')])
  await evacuation.look('10.0.0.1', 'resting')
  expect(asked).toEqual(['s', 't'])
})

it('one that found no place is tried again, not at once', async () => {
  const it = rig([sandbox('a')])
  await it.evacuation.look('10.0.0.1', 'all')
  it.pending.get('a')?.reject(new Error('no capacity'))
  await turn()
  await it.evacuation.look('10.0.0.1', 'all')
  expect(it.asked).toEqual(['a'])
  it.now = 5_000
  await it.evacuation.look('10.0.0.1', 'all')
  expect(it.asked).toEqual(['a', 'a'])
})
