import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/core/manual-clock.ts'
import type { Port } from '../../../src/core/wire/operations/ports.ts'
import type { ListeningSocket } from '../../../src/drivers/listening-ports.ts'
import type { SocketOwner } from '../../../src/drivers/socket-owners.ts'
import { PortWatch } from '../../../src/roles/worker/preview/port-watch.ts'

const owner = (words: string[], session = 1): SocketOwner => ({ pid: 1, session, words, cwd: '/', parents: [] })

function make() {
  const clock = new ManualClock()
  const told: Port[][] = []
  const world = { sockets: [] as ListeningSocket[], owners: new Map<string, SocketOwner>(), looks: 0, searches: 0 }
  const watch = new PortWatch({
    clock,
    sockets: async () => {
      world.looks++
      return world.sockets
    },
    owners: async (inodes) => {
      world.searches++
      return new Map([...world.owners].filter(([inode]) => inodes.has(inode)))
    },
    isOurs: ({ port }) => port !== 8080,
    terminalOf: (session) => (session === 7 ? 'shell-1' : undefined),
    appPort: 40_001,
    firstEphemeral: async () => 32_768,
    onChange: (ports) => told.push(ports),
  })
  return { clock, told, world, watch }
}

describe('the watch over ports', () => {
  it('tells each change once, with who listens, and searches only for what is new', async () => {
    const { clock, told, world, watch } = make()
    world.owners.set('a', owner(['node', '/p/node_modules/.bin/vite'], 7))
    watch.start()
    await clock.pass(3_000)
    expect(told).toEqual([])
    world.sockets = [
      { port: 5173, inode: 'a' },
      { port: 5173, inode: 'a6' },
      { port: 8080, inode: 'own' },
      { port: 40_000, inode: 'x' },
      { port: 40_001, inode: 'y' },
    ]
    await clock.pass(3_000)
    expect(told).toEqual([
      [{ port: 5173, program: 'vite', terminal: 'shell-1' }, { port: 40_000, ephemeral: true }, { port: 40_001 }],
    ])
    expect(world.searches).toBe(1)
    world.sockets = []
    await clock.pass(1_000)
    expect(told.at(-1)).toEqual([])
  })

  it('looks once a second, and only as long as it is wanted', async () => {
    const { clock, world, watch } = make()
    await clock.pass(10_000)
    expect(world.looks).toBe(0)
    watch.start()
    watch.start()
    await clock.pass(10_000)
    expect(world.looks).toBe(10)
    watch.stop()
    await clock.pass(10_000)
    expect(world.looks).toBe(10)
    watch.hint()
    await clock.pass(10_000)
    expect(world.looks).toBe(10)
  })

  it('looks soon when a terminal speaks, and not more often than it makes sense when it does not stop', async () => {
    const { clock, told, world, watch } = make()
    watch.start()
    world.sockets = [{ port: 3000, inode: 'a' }]
    watch.hint()
    await clock.pass(100)
    expect(told).toHaveLength(1)
    world.looks = 0
    for (let ms = 0; ms < 1_000; ms++) {
      watch.hint()
      await clock.pass(1)
    }
    expect(world.looks).toBeLessThan(20)
    await clock.pass(5_000)
    expect(world.looks).toBeGreaterThanOrEqual(5)
  })
})
