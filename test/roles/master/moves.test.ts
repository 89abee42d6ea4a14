import { afterEach, beforeEach, expect, it } from 'vitest'
import { OmegaError } from '../../../src/core/errors.ts'
import { ReconciledFleet } from '../../support/reconciled-fleet.ts'

const [A, B, C] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'] as const

let fleet: ReconciledFleet
beforeEach(async () => {
  fleet = await ReconciledFleet.open([A])
  for (const name of ['one', 'two']) await fleet.lifecycle.create({ name }, () => {})
  await open(B, 1)
})
afterEach(() => fleet.close())

async function open(address: string, capacity: number): Promise<void> {
  fleet.addHost(address)
  await fleet.store.register({ address, apiUrl: `http://${address}`, capacity, runtime: 'docker', version: '1' })
}
const counts = async () => (await fleet.store.listHosts()).map(({ containers }) => containers)
const code = (work: Promise<unknown>) => work.then(() => 'moved').catch((error) => error.code)

it('two at once to a host with one place: one moves, the other never leaves its own', async () => {
  const outcomes = await Promise.all(['one', 'two'].map((name) => code(fleet.moves.move(name))))
  expect(outcomes.sort()).toEqual(['NO_CAPACITY', 'moved'])
  expect(await counts()).toEqual([1, 1])
  expect(fleet.host(A).asked.filter((line) => line.startsWith('leave'))).toHaveLength(1)
  expect((await fleet.store.moves()).size).toBe(0)
})

it('two at once to two hosts with one place each: both move', async () => {
  await open(C, 1)
  const outcomes = await Promise.all(['one', 'two'].map((name) => code(fleet.moves.move(name))))
  expect([outcomes, await counts()]).toEqual([
    ['moved', 'moved'],
    [0, 1, 1],
  ])
})

it('what is on its way counts where it goes, and not any more when it stays', async () => {
  let arrive = (_error?: Error): void => undefined
  fleet.carried = new Promise((done, fail) => {
    arrive = (error) => (error ? fail(error) : done())
  })
  const moving = code(fleet.moves.move('one'))
  await expect.poll(counts).toEqual([2, 1])
  // So it does not seem empty to who gives empty hosts back, nor free to others.
  expect(await fleet.store.removeHost(B)).toBe('inUse')
  expect(await code(fleet.moves.move('two'))).toBe('NO_CAPACITY')
  arrive(new Error('the connection broke'))
  await moving
  expect(await counts()).toEqual([2, 0])
  expect(await fleet.stateOf('one')).toBe('running')
})

it('a master that ends in the middle: the place is free again once its lease is over', async () => {
  fleet.carried = new Promise(() => undefined)
  void fleet.moves.move('one').catch(() => undefined)
  await expect.poll(counts).toEqual([2, 1])
  await fleet.pass(10)
  expect(await counts()).toEqual([2, 1])
  await fleet.pass(90)
  expect(await counts()).toEqual([2, 0])
})

it('an answer that is lost after the effect: it has moved, and its only copy stays', async () => {
  const rehost = fleet.store.rehost.bind(fleet.store)
  fleet.store.rehost = async (...args) => {
    await rehost(...args)
    throw new OmegaError('STORE_UNAVAILABLE', 'The connection broke.')
  }
  const { id } = await fleet.lifecycle.find('one')
  expect((await fleet.moves.move('one')).host).toBe(B)
  expect([fleet.host(A).containers.has(id), fleet.host(B).containers.has(id)]).toEqual([false, true])
  expect(await counts()).toEqual([1, 1])
})

it('one that was paused for too long, and given up, ends nothing: what was written since is kept', async () => {
  let arrive = (): void => undefined
  fleet.carried = new Promise((done) => {
    arrive = done
  })
  const moving = code(fleet.moves.move('one'))
  await expect.poll(counts).toEqual([2, 1])
  await fleet.pass(180)
  const { id } = await fleet.lifecycle.find('one')
  expect(fleet.host(A).containers.get(id)).not.toHaveProperty('leaving')
  arrive()
  expect(await moving).toBe('CONFLICT')
  expect(fleet.host(A).containers.has(id)).toBe(true)
  expect((await fleet.lifecycle.find('one')).host).toBe(A)
  expect(await counts()).toEqual([2, 0])
})
