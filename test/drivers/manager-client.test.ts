import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { ContainerRequest } from '../../src/core/container.ts'
import type { Host } from '../../src/core/host.ts'
import { ManagerClient } from '../../src/drivers/manager-client.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A manager that says nothing to the first `silent` creates; `alive`: it answers other questions. */
async function manager(silent: number, alive: boolean): Promise<{ host: Host; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.method ?? '')
    const creates = asked.filter((method) => method === 'PUT').length
    const answers = request.method === 'PUT' ? creates > silent : alive
    if (!answers) return
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.method === 'PUT' ? { port: 20_001 } : { containers: [] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { host: { address: '127.0.0.1', apiUrl } as Host, asked }
}

const request = { sandboxId: 'sb_1' } as ContainerRequest

it('asks a manager again that is busy and alive', async () => {
  const { host, asked } = await manager(2, true)
  const client = new ManagerClient('secret', { askMs: 300, withinMs: 60_000 })
  expect(await client.ensure(host, request)).toEqual({ port: 20_001 })
  expect(asked).toEqual(['PUT', 'GET', 'PUT', 'GET', 'PUT'])
})

it('but not for ever', async () => {
  const { host, asked } = await manager(99, true)
  const client = new ManagerClient('secret', { askMs: 300, withinMs: 700 })
  await expect(client.ensure(host, request)).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(asked).toEqual(['PUT', 'GET', 'PUT'])
})

it('and not one that answers nothing at all', async () => {
  const { host, asked } = await manager(99, false)
  const client = new ManagerClient('secret', { askMs: 300, withinMs: 60_000 })
  await expect(client.ensure(host, request)).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(asked).toEqual(['PUT', 'GET'])
})
