import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../../../src/drivers/log.ts'
import { Idleness } from '../../../src/roles/manager/idleness.ts'
import type { Owned } from '../../../src/roles/manager/inventory.ts'

const MINUTE = 60_000
let now = 0
let idleMs = 0
let people = 0
let keptAt = 0
let refuses = false
let freeMemory = 1
let said: string[]
let asked: number
let worker: Server
let container: Owned
let idleness: Idleness

beforeEach(async () => {
  ;[now, idleMs, people, keptAt, refuses, freeMemory, said, asked] = [1_000_000, 0, 0, 0, false, 1, [], 0]
  worker = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (request.url === '/_omega/activity') asked++
      else said.push(`${request.url?.slice('/_omega/'.length)} ${body}`)
      if (request.url === '/_omega/sleep' && refuses) response.statusCode = 409
      response.end(
        JSON.stringify({ idleMs, people, ...(keptAt > 0 ? { keptAt } : {}), last: { kind: 'input', at: 0 } }),
      )
    })
  })
  await new Promise<void>((resolve) => worker.listen(0, '127.0.0.1', resolve))
  const at = { address: '127.0.0.1', port: (worker.address() as AddressInfo).port }
  const mark = { sandboxId: 'sb_1', subdomain: 's', name: 'n', port: 1, expiresAt: 0, stopped: false }
  container = { key: 'ct_1', template: 't', domain: 'd', state: 'running', createdAt: 0, mark, at }
  const change = (word: string, state: Owned['state']) => async (id: string, cause?: string) => {
    said.push(`${word} ${id} ${cause}`)
    container.state = state
    return undefined as never
  }
  idleness = new Idleness({
    containers: {
      owned: () => [container],
      workerOf: () => ({ ...at, host: 's.d:1', token: 'a token' }),
      freeze: change('freeze', 'asleep'),
      stop: change('stop', 'stopped'),
    },
    onKept: (id, at) => said.push(`kept ${id} ${at}`),
    sleepAfterMs: 30 * MINUTE,
    stopAfterMs: 60 * MINUTE,
    freeMemory: () => freeMemory,
    now: () => now,
    log: createLog('test', 'silent', 2),
  })
})
afterEach(() => worker.close())

const after = async (minutes: number, idleMinutes: number) => {
  now += minutes * MINUTE
  idleMs = idleMinutes * MINUTE
  await idleness.turn()
  return said.splice(0)
}

it('leaves one alone that is used, and asks it once a minute at most', async () => {
  for (let turn = 0; turn < 12; turn++) expect(await after(0.1, 0)).toEqual([])
  expect(asked).toBe(2)
})

it('warns its people, freezes it, and stops it when it has slept for long', async () => {
  people = 1
  expect(await after(1, 20)).toEqual([])
  expect(await after(9, 29)).toEqual(['warn {"inMs":60000,"then":"asleep"}'])
  expect(await after(1, 29.5)).toEqual([])
  expect(await after(1, 30.5)).toEqual(['sleep {"then":"asleep","unlessActiveWithinMs":900000}', 'freeze sb_1 idle'])
  expect(await after(1, 0)).toEqual([])
  expect(await after(58, 0)).toEqual([])
  expect(await after(2, 0)).toEqual(['stop sb_1 idle'])
  expect(await after(500, 0)).toEqual([])
})

it('warns nobody where nobody is, and again after it was used', async () => {
  expect(await after(1, 29)).toEqual([])
  people = 1
  expect(await after(1, 29)).toEqual(['warn {"inMs":60000,"then":"asleep"}'])
  expect(await after(1, 1)).toEqual([])
  expect(await after(28, 29)).toEqual(['warn {"inMs":60000,"then":"asleep"}'])
})

it('does not freeze one that was used between the question and the answer', async () => {
  refuses = true
  expect(await after(1, 31)).toEqual(['sleep {"then":"asleep","unlessActiveWithinMs":900000}'])
  expect(container.state).toBe('running')
})

it('tells the pages when its life ends', async () => {
  container.mark.expiresAt = now + 60 * MINUTE
  expect(await after(45, 0)).toEqual([])
  expect(await after(6, 0)).toEqual(['warn {"inMs":540000,"then":"deleted"}'])
  expect(await after(1, 0)).toEqual([])
})

it('stops one whose time is over and which no master deletes', async () => {
  container.mark.expiresAt = now + MINUTE
  now += 10 * MINUTE
  await idleness.turn()
  expect(container.state).toBe('running')
  now += 2 * MINUTE
  await idleness.turn()
  expect(said.at(-1)).toBe('stop sb_1 ttl')
  const before = said.length
  await idleness.turn()
  expect(said).toHaveLength(before)
})

it('tells of one whose people want it kept once they know of its end, until it has more time', async () => {
  container.mark.expiresAt = now + 20 * MINUTE
  keptAt = now
  expect(await after(12, 0)).toEqual(['warn {"inMs":480000,"then":"deleted"}'])
  expect(await after(1, 0)).toEqual([])
  keptAt = now + 1
  expect(await after(1, 0)).toEqual([`kept sb_1 ${keptAt}`])
  expect(await after(1, 0)).toEqual([`kept sb_1 ${keptAt}`])
  container.mark.expiresAt = now + 60 * MINUTE
  expect(await after(1, 0)).toEqual([])
  expect(await after(52, 0)).toEqual(['warn {"inMs":420000,"then":"deleted"}'])
  expect(await after(1, 0)).toEqual([])
})

it('stops one that sleeps when memory is short, and none that runs', async () => {
  freeMemory = 0.05
  expect(await after(1, 0)).toEqual([])
  container.state = 'asleep'
  freeMemory = 0.5
  expect(await after(1, 0)).toEqual([])
  freeMemory = 0.05
  expect(await after(1, 0)).toEqual(['stop sb_1 memory'])
})
