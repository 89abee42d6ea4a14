import { expect, it } from 'vitest'
import { hostLoad, type Measured } from '../../src/core/host-pressure.ts'

const GIB = 2 ** 30
const room = (free: number) => ({ freeBytes: free * GIB, totalBytes: 200 * GIB, freeFiles: 0.5 })
const measured = (more: Partial<Measured> = {}): Measured => ({ freeMemory: 0.5, load: 1.234, room: room(50), ...more })

it('tells shares in use, and nothing of a disk nobody can look at', () => {
  expect(hostLoad(measured())).toEqual({ memory: 0.5, disk: 0.75, load: 1.23 })
  expect(hostLoad({ freeMemory: 0.5, load: 0 })).toEqual({ memory: 0.5, load: 0 })
  expect(hostLoad({ freeMemory: -0.1, load: 0 })).toMatchObject({ memory: 1, pressure: 'memory' })
})

it('pressure ends a good way behind where it began', () => {
  const of = (more: Partial<Measured>, before?: 'memory' | 'disk' | 'load') => hostLoad(measured(more), before).pressure
  expect([of({ freeMemory: 0.06 }), of({ freeMemory: 0.04 })]).toEqual([undefined, 'memory'])
  expect([of({ freeMemory: 0.09 }, 'memory'), of({ freeMemory: 0.1 }, 'memory')]).toEqual(['memory', undefined])
  // 5 GiB of a disk of 200 are kept.
  expect([of({ room: room(5.1) }), of({ room: room(4.9) })]).toEqual([undefined, 'disk'])
  expect([of({ room: room(6) }, 'disk'), of({ room: room(6.3) }, 'disk')]).toEqual(['disk', undefined])
  expect(of({ room: { ...room(50), freeFiles: 0.01 } })).toBe('disk')
  expect([of({ load: 9.9 }), of({ load: 10 })]).toEqual([undefined, 'load'])
  expect([of({ load: 6 }, 'load'), of({ load: 5.9 }, 'load')]).toEqual(['load', undefined])
  // What it has most need of goes first, whatever it said before.
  expect(of({ load: 20, freeMemory: 0.01 }, 'load')).toBe('memory')
})
