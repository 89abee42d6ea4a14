import type { IncomingMessage, ServerResponse } from 'node:http'
import { OmegaError } from '../../core/errors.ts'
import { quote } from '../../core/names.ts'
import { ExecRequest } from '../../core/wire/http.ts'
import { type PreviewLink, PreviewLinkRequest } from '../../core/wire/requests.ts'
import { Claim } from '../../core/wire/worker.ts'
import type { ProjectFiles } from '../../drivers/project-files.ts'
import type { Commands } from './exec.ts'
import { type Gate, isNavigation } from './gate.ts'
import { isLocalPath, parseHost } from './host-name.ts'
import type { Identity } from './identity.ts'
import { readJson } from './json-body.ts'
import { sendPage } from './page.ts'
import { answerProblem, guardHeaders } from './problem-answer.ts'
import type { Command } from './terminal.ts'

export interface RoutesOptions {
  identity: Identity
  gate: Gate
  files: ProjectFiles
  commands: Commands
  /** What a command of these words runs with, in an absolute folder. */
  commandOf: (words: string[], cwd: string) => Command
  /** The app's output as text, its last lines. */
  logs: (tail: number) => string
  /** Prometheus text format. */
  metrics: () => Promise<string>
  onClaimed: () => void
  /** Folder of the built page. */
  pageDir: string
  log: { error(facts: object, message: string): void }
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/**
 * The worker's own routes; every request that comes here has passed the gate. Plain node:http: a worker is there for
 * each sandbox, and a framework would be a fifth of its memory for these few.
 */
export function createRoutes(options: RoutesOptions): Handler {
  const { identity, gate, files, commands } = options
  const table: Record<string, Handler> = {
    'GET /healthz': (_request, response) => answerJson(response, { status: 'ok' }),
    'GET /readyz': (_request, response) => {
      if (identity.claimed) answerJson(response, { status: 'ready' })
    },
    'GET /metrics': async (_request, response) => {
      answerText(response, await options.metrics(), 'text/plain; version=0.0.4; charset=utf-8')
    },
    'POST /_omega/claim': async (request, response) => {
      if (request.headers.origin !== undefined) throw new OmegaError('FORBIDDEN', 'Only a manager claims a worker.')
      if (identity.accept(await readJson(request, Claim))) options.onClaimed()
      answerJson(response, {})
    },
    'POST /_omega/preview-link': async (request, response) => {
      const { port, path = '/' } = await readJson(request, PreviewLinkRequest)
      if (!isLocalPath(path)) throw new OmegaError('INVALID_REQUEST', 'The path must begin with one slash.')
      const { claimed } = identity
      const host = parseHost(request.headers.host ?? '', claimed)
      const link: PreviewLink = { url: gate.previewLink(request, claimed, host, port, path) }
      answerJson(response, link)
    },
    'POST /_omega/exec': async (request, response) => {
      const { cmd, cwd = '' } = await readJson(request, ExecRequest)
      commands.run(options.commandOf(cmd, await files.folder(cwd)), response)
    },
    'GET /_omega/logs': (request, response) => {
      const tail = /[?&]tail=(\d{1,6})(?:&|$)/.exec(request.url ?? '')?.[1]
      answerText(response, options.logs(tail === undefined ? 1000 : Number(tail)), 'text/plain; charset=utf-8')
    },
  }

  return async (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? ''
    const method = request.method === 'HEAD' ? 'GET' : request.method
    try {
      const handler = table[`${method} ${path}`]
      if (handler) await handler(request, response)
      else if (Object.keys(table).some((route) => route.endsWith(` ${path}`)) || method !== 'GET') {
        throw new OmegaError('METHOD_NOT_ALLOWED', `${request.method} is not allowed at ${quote(path)}.`)
      } else await sendPage(options.pageDir, path, identity.claimed, request, response)
    } catch (error) {
      if (!(error instanceof OmegaError) && !response.destroyed) {
        options.log.error({ err: error, path }, 'a request failed')
      }
      // What is left of a body too long to read ends with its connection.
      if (!request.complete) response.setHeader('connection', 'close')
      answerProblem(response, error, isNavigation(request))
    }
  }
}

function answerJson(response: ServerResponse, body: object): void {
  answerText(response, JSON.stringify(body), 'application/json; charset=utf-8')
}

function answerText(response: ServerResponse, text: string, type: string): void {
  response
    .writeHead(200, { ...guardHeaders, 'content-type': type, 'content-length': Buffer.byteLength(text) })
    .end(text)
}
