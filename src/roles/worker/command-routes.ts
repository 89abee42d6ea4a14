import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { OmegaError } from '../../core/errors.ts'
import { EXEC_ADDRESS, ExecRequest } from '../../core/wire/exec.ts'
import { SETUP_ADDRESS, SETUP_WAIT_MAX, SetupView } from '../../core/wire/setup.ts'
import type { openPty } from '../../drivers/pty.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { Gate } from './admission/gate.ts'
import type { Commands } from './exec.ts'
import { serveExec } from './exec-channel.ts'
import type { FirstClone } from './git/first-clone.ts'
import type { Services } from './services.ts'
import { followLines, lastLines } from './terminals/app-log.ts'
import type { Command, Terminal } from './terminals/terminal.ts'

export interface CommandRoutesOptions {
  gate: Gate
  services: Pick<Services, 'files'>
  commands: Commands
  openPty: typeof openPty
  /** A caller says something over a command's WebSocket: keys, a signal, a size. */
  onCall: () => void
  /** What a command of these words runs with, in an absolute folder. */
  commandOf: (words: string[], cwd: string) => Command
  firstClone: Pick<FirstClone, 'settled'>
  /** The terminal of the template's app. */
  app: () => Terminal
}

/** What scripts ask of a sandbox: commands, with input or without, and the app's output. */
export function registerCommandRoutes(app: WebApp, options: CommandRoutesOptions): void {
  const { gate, services, commands, openPty } = options
  const commandOf = async ({ cmd, cwd = '', env = {} }: ExecRequest): Promise<Command> => {
    const command = options.commandOf(cmd, await services.files.folder(cwd))
    return { ...command, env: { ...command.env, ...env } }
  }

  app.post(EXEC_ADDRESS, { schema: { body: ExecRequest } }, async (request, reply) => {
    commands.run(await commandOf(request.body), reply.raw)
    reply.hijack()
  })

  // To open a socket is to read, as far as the gate can see.
  const mayRun = async (request: FastifyRequest) => {
    if (gate.guestOf(request.raw).access === 'edit') return
    throw new OmegaError('FORBIDDEN', 'You may look at this sandbox, but run nothing in it.')
  }
  app.get(EXEC_ADDRESS, { websocket: true, onRequest: mayRun }, (socket: WebSocket) => {
    socket.on('message', options.onCall)
    serveExec(socket, { commands, openPty, commandOf })
  })

  app.get<{ Querystring: { tail?: string; follow?: string } }>('/_omega/logs', async (request, reply) => {
    const tail = /^\d{1,6}$/.test(request.query.tail ?? '') ? Number(request.query.tail) : 1000
    reply.type('text/plain; charset=utf-8')
    if (request.query.follow !== '1') return reply.send(lastLines(await options.app().text(), tail))
    const lines = followLines(options.app(), tail)
    reply.raw.once('close', () => lines.destroy())
    // The head goes out at once, whatever the app has to say.
    reply.raw.flushHeaders()
    return reply.send(lines)
  })

  app.get<{ Querystring: { wait?: string } }>(
    SETUP_ADDRESS,
    { schema: { response: { 200: SetupView } } },
    ({ query }) => options.firstClone.settled(Math.min(Number(query.wait) || 0, SETUP_WAIT_MAX) * 1000),
  )
}
