import { connect } from 'node:net'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { createWebApp } from '../../src/drivers/web-app.ts'

it('gives a request half a minute to arrive, and looks for late ones often', async () => {
  const app = createWebApp({ log: pino({ level: 'silent' }), ready: async () => {} })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { server } = app
  // Node looks for late requests every `connectionsCheckingInterval`: 30 s if nobody says so.
  const options = server as typeof server & { connectionsCheckingInterval: number }
  expect([server.headersTimeout, server.requestTimeout, options.connectionsCheckingInterval]).toEqual([
    10_000, 30_000, 5_000,
  ])
  await app.close()
})

it('lets an answer take longer than its request may', async () => {
  const app = createWebApp({ log: pino({ level: 'silent' }), ready: async () => {} })
  app.get('/late', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200)
    reply.raw.write('begun')
    // The limit is for requests: the answer's socket has none.
    reply.raw.end(String(reply.raw.socket?.timeout))
  })
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(Number(url.port), url.hostname)
  socket.end('GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect((await socket.toArray()).join('')).toMatch(/begun[\s\S]*\b0\b/)
  await app.close()
})
