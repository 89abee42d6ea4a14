import { createHash } from 'node:crypto'
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { OmegaError } from '../../../core/errors.ts'
import type { PortsEvents } from '../../../core/wire/operations/ports.ts'
import { frameKey } from '../../../drivers/credentials.ts'
import { isHotReload } from '../activity/counted-requests.ts'
import { answerPage, answerProblem, guardHeaders, refuseUpgrade } from '../problem-answer.ts'
import type { AppConnections } from './app-connections.ts'
import type { Asked, Disguises } from './disguise.ts'
import { type PreviewTarget, pageOriginOf, reasonOf, requestHeaders, responseHeaders } from './message-headers.ts'
import { isFrameLoad, OBSERVER_PATH, sendWatched } from './watched-page.ts'

/** How an app refuses a name. */
const refusals = new Set([400, 403, 421])
/** So did webpack-dev-server before its version 5: a 200 with this for its text. */
const OLD_REFUSAL = String('Invalid Host header'.length)

export interface PreviewOptions {
  connections: AppConnections
  disguises: Disguises
  /** The observer's script, with `__OMEGA__` for what it is told; undefined when it was not built. */
  observer: string | undefined
  onUnwatched: (data: PortsEvents['preview.unwatched']) => void
  /** An app has answered what a person or their page has asked of it. */
  onAnswered: () => void
}

/** What listens in the sandbox, shown to browsers: HTTP and WebSocket as they are, without our credentials in either. */
export class Preview {
  readonly #options: PreviewOptions
  readonly #observerUrl: string

  constructor(options: PreviewOptions) {
    this.#options = options
    const version = createHash('sha256')
      .update(options.observer ?? '')
      .digest('base64url')
      .slice(0, 8)
    this.#observerUrl = `${OBSERVER_PATH}?${version}`
  }

  /** Sends a request on to the app and its answer back, both as streams. */
  request(target: PreviewTarget, request: IncomingMessage, response: ServerResponse, navigation: boolean): void {
    if (request.url?.split('?')[0] === OBSERVER_PATH) {
      this.#sendObserver(target, response)
      return
    }
    const watched = this.#options.observer !== undefined && isFrameLoad(target, request)
    const asked: Asked = {
      port: target.port,
      target: request.url ?? '/',
      kind:
        navigation && !['empty', 'script', 'style'].includes(String(request.headers['sec-fetch-dest']))
          ? 'page'
          : 'part',
    }
    const mayRepeat = isSafe(request) && !hasBody(request)
    const { disguises } = this.#options
    const asking = new Set<ClientRequest>()

    const deliver = (answer: IncomingMessage) => {
      answer.on('error', () => response.destroy())
      if (!isHotReload(request)) this.#options.onAnswered()
      try {
        if (watched) {
          sendWatched(target, answer, response, this.#observerUrl, (reason) =>
            this.#options.onUnwatched({ port: target.port, reason }),
          )
          return
        }
        response.writeHead(answer.statusCode ?? 502, reasonOf(answer), responseHeaders(target, answer))
      } catch (error) {
        answer.destroy()
        fail(error as NodeJS.ErrnoException)
        return
      }
      // Server-sent events: the head must not wait for the first event.
      response.flushHeaders()
      answer.pipe(response)
    }
    const fail = (error: NodeJS.ErrnoException) => {
      if (response.headersSent || response.destroyed) {
        response.destroy()
        return
      }
      request.resume()
      if (isRefused(error)) disguises.forget(target.port)
      const problem = nothingThere(target.port, error)
      if (navigation) answerPage(response, problem.status, 'Starting...', `${problem.message} This page asks again.`, 1)
      else answerProblem(response, problem, false)
    }
    const ask = (asLocalhost: boolean, reuse: boolean, onAnswer: (answer: IncomingMessage) => void) => {
      const { method, url: path } = request
      const headers = requestHeaders(target, request, { asLocalhost, toRead: watched })
      if (!reuse) headers.push('Connection', 'close')
      const upstream = this.#options.connections.open({ port: target.port, method, path, headers, reuse })
      asking.add(upstream)
      let settled = false
      upstream.on('response', (answer) => {
        settled = true
        onAnswer(answer)
      })
      const broken = (error: NodeJS.ErrnoException) => {
        if (settled) return
        settled = true
        request.unpipe(upstream)
        // Closed by the app just as we took it.
        if (reuse && upstream.reusedSocket && !response.destroyed) ask(asLocalhost, false, onAnswer)
        else fail(error)
      }
      upstream.on('error', broken)
      upstream.on('upgrade', (_answer, socket) => {
        socket.destroy()
        broken(Object.assign(new Error('it switched protocols unasked'), { code: 'ERR_UNASKED_UPGRADE' }))
      })
      upstream.on('close', () => {
        asking.delete(upstream)
        broken(new Error('it said nothing'))
      })
      if (mayRepeat) upstream.end()
      else request.pipe(upstream)
    }

    const disguised = disguises.wears(asked)
    ask(disguised, mayRepeat, (answer) => {
      if (disguised || !mayRepeat || !looksRefused(answer) || !disguises.mayHelp(asked)) {
        deliver(answer)
        return
      }
      ask(true, false, (second) => {
        const helped = !looksRefused(second) && (second.statusCode ?? 500) < 500
        if (helped) disguises.helped(asked)
        else disguises.didNotHelp(asked)
        const [good, other] = helped ? [second, answer] : [answer, second]
        other.on('error', () => undefined).destroy()
        deliver(good)
      })
    })
    const abandon = () => {
      for (const upstream of asking) upstream.destroy()
    }
    response.on('finish', () => {
      // Answered before all was said: the rest is for nobody, but the browser's next request comes behind it.
      if (request.complete) return
      request.unpipe()
      request.resume()
      abandon()
    })
    response.on('close', () => {
      if (!response.writableFinished) abandon()
    })
    request.on('error', abandon)
  }

  /** The same for a WebSocket: once the app has agreed, bytes are moved and not looked at. */
  upgrade(target: PreviewTarget, request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const { disguises } = this.#options
    const asked: Asked = { port: target.port, target: request.url ?? '/', kind: 'socket' }
    let upstream: ClientRequest | undefined
    const abandon = () => upstream?.destroy()
    socket.on('close', abandon)

    const join = (answer: IncomingMessage, appSocket: Duplex, appHead: Uint8Array) => {
      socket.off('close', abandon)
      const headers = [...responseHeaders(target, answer), 'Connection', 'Upgrade', 'Upgrade', 'websocket']
      socket.write(headOf(answer, headers))
      socket.write(appHead)
      appSocket.write(head)
      appSocket.on('error', () => socket.destroy())
      socket.on('error', () => appSocket.destroy())
      appSocket.on('close', () => socket.destroy())
      socket.on('close', () => appSocket.destroy())
      socket.pipe(appSocket).pipe(socket)
    }
    /** Not switched: its answer ends with the connection. */
    const refuse = (answer: IncomingMessage) => {
      socket.write(headOf(answer, [...responseHeaders(target, answer), 'Connection', 'close']))
      answer.on('error', () => socket.destroy())
      answer.pipe(socket)
    }
    const fail = (error: Error) => {
      if (!socket.destroyed && socket.writable) refuseUpgrade(socket, nothingThere(target.port, error))
    }
    const ask = (asLocalhost: boolean, refused: (give: () => void, answer?: IncomingMessage) => void) => {
      const headers = requestHeaders(target, request, { asLocalhost, toRead: false })
      headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket')
      const { method, url: path } = request
      upstream = this.#options.connections.open({ port: target.port, method, path, headers, reuse: false })
      let answered = false
      upstream.on('upgrade', (answer, appSocket, appHead) => {
        answered = true
        if (asLocalhost) disguises.helped(asked)
        join(answer, appSocket, appHead)
      })
      upstream.on('response', (answer) => {
        answered = true
        refused(() => refuse(answer), answer)
      })
      upstream.on('error', (error: NodeJS.ErrnoException) => {
        if (answered) return
        if (isRefused(error)) fail(error)
        else refused(() => fail(error))
      })
      upstream.end()
    }

    const disguised = disguises.wears(asked)
    ask(disguised, (give, answer) => {
      // Next.js refuses with a word on the bare connection: no HTTP, and no status.
      const looks = answer === undefined || refusals.has(answer.statusCode ?? 0)
      if (disguised || !looks || socket.destroyed || !disguises.mayHelp(asked)) give()
      else {
        ask(true, (_giveSecond, second) => {
          second?.on('error', () => undefined).destroy()
          disguises.didNotHelp(asked)
          give()
        })
      }
    })
  }

  #sendObserver(target: PreviewTarget, response: ServerResponse): void {
    const { claim, host, port } = target
    const told = { ide: pageOriginOf(target), key: frameKey(claim.token, host.name), port }
    const script = this.#options.observer?.replace('__OMEGA__', () => JSON.stringify(told)) ?? ''
    const headers = { ...guardHeaders, 'content-type': 'text/javascript; charset=utf-8' }
    // Its address changes with it; asked for at every page, it must not cost a round trip each time.
    response.writeHead(200, { ...headers, 'cache-control': 'private, max-age=3600' }).end(script)
  }
}

function isSafe(request: IncomingMessage): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

function looksRefused({ statusCode = 0, headers }: IncomingMessage): boolean {
  return refusals.has(statusCode) || (statusCode === 200 && headers['content-length'] === OLD_REFUSAL)
}

function isRefused(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNREFUSED' || error.name === 'AggregateError'
}

function nothingThere(port: number, error: NodeJS.ErrnoException): OmegaError {
  const isHttp = !error.code?.startsWith('HPE_') && !error.code?.startsWith('ERR_')
  const sentence = isRefused(error)
    ? `Nothing listens on port ${port} yet. If the app is starting, it will be here in a moment; otherwise look at its terminal.`
    : isHttp
      ? `The app on port ${port} broke off (${error.code ?? error.message}). Look at its terminal.`
      : `What listens on port ${port} did not answer in HTTP that a browser would take (${error.message}). Is it a web server?`
  return new OmegaError('BAD_GATEWAY', sentence, { port })
}

function headOf(answer: IncomingMessage, headers: string[]): string {
  let head = `HTTP/1.1 ${answer.statusCode} ${reasonOf(answer)}\r\n`
  for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
  return `${head}\r\n`
}
