import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { WebApp } from './web-app.ts'

/** A connection that was switched to another protocol: bytes, and those that came with the request already. */
export interface Upgraded {
  socket: Duplex
  head: Buffer
}

/**
 * Lets routes of an application answer upgrades: they come as GETs, through the same hooks as all others. The returned
 * function takes the connection of such a request over from HTTP; undefined when it is none. What was taken ends with
 * the application.
 */
export function takeUpgrades(app: WebApp): (reply: FastifyReply) => Upgraded | undefined {
  const waiting = new WeakMap<IncomingMessage, Upgraded>()
  const taken = new Set<Duplex>()
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    waiting.set(request, { socket, head })
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket as never)
    // A refusal is the last that is said here.
    response.once('finish', () => socket.end())
    app.routing(request, response)
  })
  app.addHook('preClose', async () => {
    for (const socket of taken) socket.destroy()
  })
  return (reply) => {
    const upgraded = waiting.get(reply.request.raw)
    if (!upgraded) return undefined
    reply.hijack()
    reply.raw.detachSocket(upgraded.socket as never)
    const { socket } = upgraded
    taken.add(socket)
    socket.once('close', () => taken.delete(socket))
    return upgraded
  }
}
