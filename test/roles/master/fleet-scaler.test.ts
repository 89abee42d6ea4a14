import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { statusOf } from '../../../src/roles/master/scaling-status.ts'
import { newLaunch } from '../../support/launch-store-conformance.ts'
import { ScalingFleet } from '../../support/scaling-fleet.ts'

let fleet: ScalingFleet
beforeEach(async () => {
  fleet = await ScalingFleet.open()
})
afterEach(() => fleet.close())

const states = async () => (await fleet.launches.list()).map(({ state }) => state)
const status = () => statusOf(fleet.store)

describe('scaling out', () => {
  it('launches once for all who wait, and shrinks to nothing', async () => {
    expect(await fleet.serve(['a', 'b', 'c'])).toBe(true)
    expect(fleet.provider.highWater).toBe(2)
    expect(await states()).toEqual(['joined', 'joined'])
    await fleet.remove(['a', 'b', 'c'])
    await fleet.pass(240)
    expect(fleet.provider.running).toEqual([])
    expect([await states(), await fleet.store.listHosts()]).toEqual([[], []])
  })

  it('stops at the cap, and says so to those who wait', async () => {
    expect(await fleet.serve(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 90)).toBe(false)
    expect(fleet.provider.highWater).toBe(3)
    expect(await status()).toEqual({ coming: 0, blocked: 'the fleet has its 3 hosts (--max-hosts)' })
    await fleet.remove(['a'])
    expect(await fleet.serve(['g'])).toBe(true)
  })

  it('takes the next offering when one is not to be had, under another token', async () => {
    fleet.provider.answers.push('offering')
    expect(await fleet.serve(['a'])).toBe(true)
    expect(fleet.provider.asked.map(({ offering, token }) => [offering.market, token.slice(-2)])).toEqual([
      ['spot', '-0'],
      ['on-demand', '-1'],
    ])
    // For some minutes nobody asks for the first one again.
    expect(await fleet.serve(['b', 'c'])).toBe(true)
    expect(fleet.provider.asked.at(-1)?.offering.market).toBe('on-demand')
    expect(fleet.provider.highWater).toBe(2)
  })

  it('asks again with the same token when nobody knows what was done', async () => {
    fleet.provider.answers.push('lost', 'later', 'lost')
    expect(await fleet.serve(['a'])).toBe(true)
    expect(new Set(fleet.provider.asked.map(({ token }) => token)).size).toBe(1)
    expect(fleet.provider.machines.size).toBe(1)
  })

  it('rests when the order is wrong, longer each time, and says why', async () => {
    fleet.provider.answers.push('never', 'never')
    expect(await fleet.serve(['a'], 50)).toBe(false)
    expect(fleet.provider.asked).toHaveLength(1)
    expect((await status()).blocked).toMatch(/Code-never: as commanded.*Nothing is launched for 60 s/)
    expect(await fleet.serve(['a'], 100)).toBe(false)
    expect(fleet.provider.asked).toHaveLength(2)
    expect(await fleet.serve(['a'], 200)).toBe(true)
  })

  it('ends a machine whose manager does not join, and does not launch the next at once', async () => {
    fleet.dead.add('i-1')
    expect(await fleet.serve(['a'], 470)).toBe(false)
    expect(fleet.provider.machines.size).toBe(1)
    expect(await fleet.serve(['a'], 200)).toBe(true)
    expect(fleet.provider.running.map(({ id }) => id)).toEqual(['i-2'])
    await fleet.pass(60)
    expect(await states()).toEqual(['joined'])
  })
})

describe('agreement with the provider', () => {
  it('a machine that is gone takes its host and sandboxes with it', async () => {
    expect(await fleet.serve(['a'])).toBe(true)
    await fleet.provider.terminate(['i-1'])
    await fleet.pass(90)
    expect([await states(), await fleet.store.listHosts(), await fleet.store.list()]).toEqual([[], [], []])
    expect(await fleet.serve(['b'])).toBe(true)
  })

  it('ends machines nobody asked for, not one that is to be kept, and nothing while it cannot see all', async () => {
    const stranger = { state: 'running', launchedAt: fleet.now, isKept: false, token: 'x' } as const
    fleet.provider.machines.set('s-1', { ...stranger, id: 's-1', launchId: 'ln_unknown', address: '10.1.0.1' })
    fleet.provider.machines.set('s-2', { ...stranger, id: 's-2', address: '10.1.0.2', isKept: true })
    fleet.provider.isAway = true
    await fleet.pass(300)
    expect(fleet.provider.running).toHaveLength(2)
    fleet.provider.isAway = false
    await fleet.pass(500)
    expect(fleet.provider.running).toHaveLength(2)
    await fleet.pass(700)
    expect(fleet.provider.running.map(({ id }) => id)).toEqual(['s-2'])
  })

  it('a store that was emptied: machines with a host are taken in again, and the cap holds meanwhile', async () => {
    expect(await fleet.serve(['a', 'b', 'c', 'd', 'e'])).toBe(true)
    expect(fleet.provider.running).toHaveLength(3)
    await fleet.loseLaunches()
    expect(await fleet.launches.list()).toEqual([])
    expect(await fleet.serve(['f', 'g'], 200)).toBe(false)
    expect([await states(), fleet.provider.highWater]).toEqual([['joined', 'joined', 'joined'], 3])
    await fleet.pass(2_000)
    expect(fleet.provider.running).toHaveLength(3)
    expect((await fleet.store.list()).length).toBe(6)
  })

  it('a host that is lost is replaced when somebody needs a place, and takes part again when it is back', async () => {
    expect(await fleet.serve(['a'])).toBe(true)
    const [{ address } = { address: '' }] = await fleet.store.listHosts()
    fleet.muted.add(address)
    await fleet.pass(30)
    expect(await fleet.store.listHosts()).toMatchObject([{ state: 'silent' }])
    await fleet.pass(60)
    expect(await fleet.store.listHosts()).toMatchObject([{ state: 'lost', containers: 1 }])
    expect(await fleet.serve(['b'])).toBe(true)
    expect(fleet.provider.running).toHaveLength(2)
    fleet.muted.delete(address)
    await fleet.pass(5)
    expect((await fleet.store.listHosts()).map(({ state }) => state)).toEqual(['ready', 'ready'])
    expect((await fleet.store.list()).length).toBe(2)
    expect(await fleet.serve(['c', 'd'], 5)).toBe(true)
    expect(fleet.provider.running).toHaveLength(2)
  })

  it('a machine whose host stays lost is ended: soon without sandboxes, after a day with some', async () => {
    expect(await fleet.serve(['a', 'b', 'c'])).toBe(true)
    const hosts = await fleet.store.listHosts()
    for (const { address } of hosts) fleet.muted.add(address)
    const [empty] = hosts
    for (const { id, host } of await fleet.store.list()) if (host === empty?.address) await fleet.store.remove(id)
    await fleet.pass(200)
    expect(fleet.provider.running).toHaveLength(2)
    await fleet.pass(300)
    expect(fleet.provider.running.map(({ address }) => address)).toEqual(
      hosts.filter(({ address }) => address !== empty?.address).map(({ address }) => address),
    )
    fleet.now += 26 * 3_600_000
    await fleet.pass(120)
    expect([fleet.provider.running, await fleet.store.listHosts(), await fleet.store.list()]).toEqual([[], [], []])
  })

  it('a host that beats is not given up because the list does not name its machine', async () => {
    expect(await fleet.serve(['a'])).toBe(true)
    const machine = fleet.provider.machines.get('i-1')
    if (!machine) throw new Error('there is no machine')
    delete machine.launchId
    await fleet.pass(600)
    expect((await fleet.store.list()).length).toBe(1)
    expect(await states()).toEqual(['joined'])
  })

  it('two masters: one at a time, and one that was paused does nothing with its old turn', async () => {
    const second = fleet.another()
    expect(await fleet.serve(['a'])).toBe(true)
    // The first one is paused in the middle of its turn; the second takes over.
    fleet.now += 60_000
    await second.pass()
    const before = await fleet.launches.list()
    const stale = newLaunch('ln_stale')
    expect(await fleet.launches.order(stale, { maxHosts: 9, maxPerHour: 99 }, 1)).toEqual({ outcome: 'stale' })
    await fleet.scaler.pass()
    expect(await fleet.launches.list()).toEqual(before)
  })
})

/** The master ends at each of its calls in turn, before the call has its effect or after it; another one goes on. */
describe('what nobody should rely on', () => {
  it('a second machine with the tag of a launch: it is ended, and what becomes of it is not the host’s fate', async () => {
    expect(await fleet.serve(['a'])).toBe(true)
    const [first] = fleet.provider.running
    if (!first) throw new Error('there is no machine')
    const copy = { ...first, id: 'i-copy', address: '10.0.9.9', token: 'another', launchedAt: fleet.now }
    fleet.provider.machines.set('i-copy', copy)
    await fleet.pass(1_500)
    expect(fleet.provider.running.map(({ id }) => id)).toEqual([first.id])
    expect((await fleet.store.listHosts()).map(({ state }) => state)).toEqual(['ready'])
    expect((await fleet.store.list()).length).toBe(1)
  })

  it('a machine whose host was removed by hand is ended', async () => {
    expect(await fleet.serve(['a'])).toBe(true)
    const [{ address } = { address: '' }] = await fleet.store.listHosts()
    await fleet.remove(['a'])
    fleet.muted.add(address)
    expect(await fleet.store.removeHost(address)).toBe('removed')
    await fleet.pass(300)
    expect(fleet.provider.running).toHaveLength(1)
    await fleet.pass(400)
    expect([fleet.provider.running, await fleet.launches.list()]).toEqual([[], []])
  })

  it('a token of a launch is good for nothing once its host is heard of, also at an address of before', async () => {
    expect(await fleet.serve(['a'])).toBe(true)
    expect((await fleet.launches.list())[0]?.joinHash).not.toBe('')
    await fleet.pass(120)
    expect((await fleet.launches.list())[0]?.joinHash).toBe('')
  })

  it('a host that is to end takes nobody any more, whoever says that it may', async () => {
    expect(await fleet.serve(['a'])).toBe(true)
    const [machine] = fleet.provider.running
    const [{ address } = { address: '' }] = await fleet.store.listHosts()
    const before = fleet.provider.terminate
    fleet.provider.terminate = async () => undefined
    Object.assign(fleet.provider.machines.get(machine?.id ?? '') ?? {}, { state: 'ending' })
    await fleet.pass(70)
    expect((await fleet.store.findHost(address))?.state).not.toBe('ready')
    await fleet.store.setDraining(address, false)
    await fleet.pass(10)
    expect((await fleet.store.findHost(address))?.state).not.toBe('ready')
    fleet.provider.terminate = before
  })
})

describe('a crash at any moment', () => {
  const faults = [[], ['lost'], ['offering'], ['later', 'lost']] as const
  it.each([false, true])(
    'leaks no machine and passes no limit (after the effect: %s)',
    async (after) => {
      let crashes = 0
      for (const answers of faults) {
        for (let call = 1; call <= 60; call += 1) {
          const one = await ScalingFleet.open()
          try {
            one.provider.answers.push(...answers)
            Object.assign(one, { crashAt: call * 3, crashAfter: after })
            const seed = `call ${call * 3}, ${answers.join(' ')}`
            expect([seed, await one.serve(['a', 'b', 'c'], 200)]).toEqual([seed, true])
            expect([seed, one.provider.highWater <= 3]).toEqual([seed, true])
            await one.remove(['a', 'b', 'c'])
            await one.pass(400)
            expect([seed, one.provider.running.length, (await one.launches.list()).length]).toEqual([seed, 0, 0])
            expect([seed, await one.store.listHosts()]).toEqual([seed, []])
            crashes += one.crashes
          } finally {
            await one.close()
          }
        }
      }
      expect(crashes).toBeGreaterThan(200)
    },
    300_000,
  )
})
