import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { InstanceMetadata } from '../../../src/drivers/instance-metadata.ts'
import { createLog } from '../../../src/drivers/log.ts'
import { LeaveWatch } from '../../../src/roles/manager/leave-watch.ts'

/** The paths and headers are EC2's: a token first, then 404 until the machine is taken back. */
let action: { status: number; body: string }
let tokens = 0
const server = createServer((request, response) => {
  if (request.method === 'PUT' && request.url === '/latest/api/token') {
    if (request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined) response.statusCode = 400
    response.end(`token-${++tokens}`)
    return
  }
  const isKnown = request.headers['x-aws-ec2-metadata-token'] === `token-${tokens}`
  const found = request.url === '/latest/meta-data/spot/instance-action' ? action : { status: 404, body: '' }
  response.writeHead(isKnown ? found.status : 401).end(isKnown ? found.body : '')
})
afterEach(() => void server.close())

it('hears that the machine is taken back, that it is not, and lives with nobody answering', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const metadata = new InstanceMetadata(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  let notices = 0
  const watch = new LeaveWatch({
    takenBackAt: () => metadata.takenBackAt(),
    onNotice: () => notices++,
    log: createLog('test', 'silent', 2),
  })
  action = { status: 404, body: 'Not Found' }
  await watch.look()
  expect([watch.leavesAt, notices]).toEqual([undefined, 0])
  action = { status: 200, body: '{"action":"terminate","time":"2026-11-27T08:22:00Z"}' }
  await watch.look()
  await watch.look()
  expect([watch.leavesAt, notices, tokens]).toEqual([Date.parse('2026-11-27T08:22:00Z'), 1, 1])
  // What cannot be understood, or asked, changes nothing; a token that is not taken any more is asked for again.
  action = { status: 200, body: '{"action":"terminate"}' }
  await watch.look()
  action = { status: 401, body: '' }
  await watch.look()
  expect([watch.leavesAt, notices]).toEqual([Date.parse('2026-11-27T08:22:00Z'), 1])
  action = { status: 404, body: '' }
  await watch.look()
  expect([watch.leavesAt, tokens]).toEqual([undefined, 2])
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await watch.look()
  expect(watch.leavesAt).toBeUndefined()
})
