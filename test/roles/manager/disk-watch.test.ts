import { beforeEach, describe, expect, it } from 'vitest'
import type { ContainerDisk, DiskRoom } from '../../../src/core/container-disk.ts'
import { createLog } from '../../../src/drivers/log.ts'
import { DiskWatch } from '../../../src/roles/manager/disk-watch.ts'
import type { Owned } from '../../../src/roles/manager/inventory.ts'

const MIB = 2 ** 20
const MINUTE = 60_000
let now: number
let limit: ContainerDisk['limit']
/** MiB of each container, and what its counter says. */
let used: Map<string, number>
let written: Map<string, number | undefined>
let room: DiskRoom | undefined
let looks: string[]
let said: string[]
let owned: Owned[]

const container = (name: string): Owned => {
  const mark = { sandboxId: `sb_${name}`, subdomain: name, name, port: 1, expiresAt: 0, stopped: false }
  return { key: name, template: 't', domain: 'd', state: 'running', createdAt: 0, mark, at: undefined }
}
const watchOf = (limitMiB = 1000) =>
  new DiskWatch({
    disk: {
      get limit() {
        return limit
      },
      written: async (key) => {
        const count = written.get(key)
        return count === undefined ? undefined : count * MIB
      },
      used: async (key) => {
        looks.push(key)
        return (used.get(key) ?? 0) * MIB
      },
      room: async () => room,
    },
    containers: {
      owned: () => owned,
      stop: async (id, cause) => {
        said.push(`stop ${id} ${cause}`)
        for (const each of owned) if (each.mark.sandboxId === id) each.state = 'stopped'
        return undefined as never
      },
    },
    limitBytes: limitMiB * MIB,
    tell: async ({ key }, bytes, leftMs) => {
      said.push(`tell ${key} ${bytes / MIB}${leftMs === undefined ? '' : ` ${leftMs / MINUTE}`}`)
    },
    now: () => now,
    log: createLog('test', 'silent', 2),
  })
/** Its processes write so much more, and it is looked at two seconds later. */
const write = async (watch: DiskWatch, key: string, mib: number, keeps = mib) => {
  used.set(key, (used.get(key) ?? 0) + keeps)
  written.set(key, (written.get(key) ?? 0) + mib)
  return turn(watch)
}
const turn = async (watch: DiskWatch, ms = 2_000) => {
  now += ms
  await watch.turn()
  return { said: said.splice(0), looks: looks.splice(0) }
}

beforeEach(() => {
  ;[now, limit, looks, said] = [1_000_000, 'watched', [], []]
  used = new Map([['a', 10]])
  written = new Map([['a', 0]])
  owned = [container('a')]
  room = undefined
})

describe('one sandbox', () => {
  it('is not looked at while it cannot have come to a mark', async () => {
    const watch = watchOf()
    expect(await turn(watch)).toEqual({ said: [], looks: ['a'] })
    for (let round = 0; round < 70; round++) expect(await write(watch, 'a', 10)).toEqual({ said: [], looks: [] })
    expect((await write(watch, 'a', 100)).said).toEqual(['tell a 810'])
  })

  it('is told once at 80 percent, stopped at its limit, and told again after it made room', async () => {
    const watch = watchOf()
    await turn(watch)
    expect((await write(watch, 'a', 850)).said).toEqual(['tell a 860'])
    expect((await write(watch, 'a', 50)).said).toEqual([])
    expect((await write(watch, 'a', 150, -500)).said).toEqual([])
    expect((await write(watch, 'a', 450)).said).toEqual(['tell a 860'])
    expect((await write(watch, 'a', 200)).said).toEqual(['stop sb_a disk'])
  })

  it('what is written and removed again stops nothing', async () => {
    const watch = watchOf()
    await turn(watch)
    for (let round = 0; round < 20; round++) expect((await write(watch, 'a', 900, 0)).said).toEqual([])
  })

  it('started again over its limit it has ten minutes, and little room', async () => {
    const watch = watchOf()
    await turn(watch)
    expect((await write(watch, 'a', 1200)).said).toEqual(['stop sb_a disk'])
    const start = () => {
      owned = [container('a')]
      written.set('a', 0)
    }
    await turn(watch)
    start()
    expect((await turn(watch)).said).toEqual(['tell a 1210 10'])
    expect((await write(watch, 'a', 50)).said).toEqual([])
    expect((await write(watch, 'a', 60)).said).toEqual(['stop sb_a disk'])
    await turn(watch)
    start()
    expect((await turn(watch)).said).toEqual(['tell a 1320 10'])
    expect((await turn(watch, 9 * MINUTE)).said).toEqual([])
    expect((await turn(watch, MINUTE)).said).toEqual(['stop sb_a disk'])
    await turn(watch)
    start()
    await turn(watch)
    expect((await write(watch, 'a', 1, -1000)).said).toEqual([])
    expect((await turn(watch, 11 * MINUTE)).said).toEqual([])
  })

  it('is looked at each minute where nobody counts, and each five where nothing is counted', async () => {
    const watch = watchOf()
    written.set('a', undefined)
    await turn(watch)
    used.set('a', 2000)
    expect(await turn(watch, MINUTE - 1)).toEqual({ said: [], looks: [] })
    expect((await turn(watch, 1)).said).toEqual(['stop sb_a disk'])
    owned = [container('b')]
    written.set('b', 0)
    await turn(watch)
    used.set('b', 2000)
    expect(await turn(watch, 4 * MINUTE)).toEqual({ said: [], looks: [] })
    expect((await turn(watch, MINUTE)).said).toEqual(['stop sb_b disk'])
  })

  it('a disk that shrinks without anybody writing has all looked at', async () => {
    const watch = watchOf()
    room = { freeBytes: 100_000 * MIB, totalBytes: 200_000 * MIB, freeFiles: 1 }
    await turn(watch)
    used.set('a', 1500)
    room = { ...room, freeBytes: 98_500 * MIB }
    expect((await turn(watch)).said).toEqual(['stop sb_a disk'])
  })

  it('frozen ones are left alone; with quotas nothing is stopped; without a limit nothing is looked at', async () => {
    owned = [{ ...container('a'), state: 'asleep' }]
    used.set('a', 5000)
    expect(await turn(watchOf())).toEqual({ said: [], looks: [] })
    owned = [container('a')]
    expect(await turn(watchOf(0))).toEqual({ said: [], looks: [] })
    limit = 'quota'
    used.set('a', 1000)
    expect((await turn(watchOf())).said).toEqual(['tell a 1000'])
  })
})

describe('the host', () => {
  const total = 100_000 * MIB

  it('takes no new sandboxes while its disk is almost full', async () => {
    const watch = watchOf()
    room = { freeBytes: 6_000 * MIB, totalBytes: total, freeFiles: 1 }
    await turn(watch)
    expect(() => watch.requireRoom()).not.toThrow()
    room = { ...room, freeBytes: 4_900 * MIB }
    await turn(watch)
    expect(() => watch.requireRoom()).toThrow(/disk of this host has 4.8 GiB of 97.7 GiB left/)
    expect(watch.status).toEqual({ limit: 'watched', freeBytes: 4_900 * MIB, short: true })
    room = { freeBytes: 90_000 * MIB, totalBytes: total, freeFiles: 0.01 }
    await turn(watch)
    expect(() => watch.requireRoom()).toThrow(/HOST_FULL|disk of this host/)
    room = { ...room, freeFiles: 0.5 }
    await turn(watch)
    expect(() => watch.requireRoom()).not.toThrow()
  })

  it('all but full, it stops who writes most, one a turn, and nobody who does not write', async () => {
    owned = [container('a'), container('b'), container('c')]
    for (const key of ['a', 'b', 'c']) written.set(key, 0)
    const watch = watchOf(100_000)
    room = { freeBytes: 90_000 * MIB, totalBytes: total, freeFiles: 1 }
    await turn(watch)
    room = { ...room, freeBytes: 1_000 * MIB }
    written.set('a', 50)
    written.set('b', 500)
    expect((await turn(watch)).said).toEqual(['stop sb_b host-disk'])
    written.set('a', 100)
    expect((await turn(watch)).said).toEqual(['stop sb_a host-disk'])
    expect((await turn(watch)).said).toEqual([])
  })
})
