import type { IncomingMessage } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { WebSocket } from 'ws'
import { fromProblem, OmegaError } from '../core/errors.ts'
import {
  EXEC_WINDOW_BYTES,
  type ExecBegin,
  type ExecControl,
  type ExecEnd,
  ExecStream,
  type ExecTold,
} from '../core/wire/exec.ts'

/** Input goes in pieces of at most this, so that a signal never waits behind a large one. */
const PIECE_BYTES = 64 * 1024

/** A sandbox that sleeps or is stopped is started first. */
const ANSWER_WITHIN_MS = 60_000

export interface ExecStreams {
  stdout: Writable
  stderr: Writable
  /** Given, it is passed on until it ends. */
  stdin?: Readable
}

/** A command that runs in a sandbox. */
export interface RemoteCommand {
  /** How it ended, after the last byte of its output was handed on. Rejects when the connection broke before. */
  readonly ended: Promise<ExecEnd>
  control(control: ExecControl): void
  /** Leaves it: it ends. */
  leave(): void
}

/**
 * Runs a command over the master's WebSocket. Neither direction is gathered: output is read as it is written on, and
 * input is read as the command takes it. Rejects with what the master or the sandbox refused it for.
 */
export async function execRemotely(
  address: string,
  token: string,
  begin: ExecBegin,
  streams: ExecStreams,
): Promise<RemoteCommand> {
  const socket = new WebSocket(address.replace(/^http/, 'ws'), {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: ANSWER_WITHIN_MS,
  })
  await opened(socket, address)
  socket.send(JSON.stringify(begin))
  const command = new Remote(socket, streams)
  await command.started
  return command
}

class Remote implements RemoteCommand {
  readonly started: Promise<void>
  readonly ended: Promise<ExecEnd>
  readonly #socket: WebSocket
  readonly #streams: ExecStreams
  /** Sent, and not taken yet. */
  #waiting = 0
  #goOn: () => void = () => undefined
  #blocked = 0

  constructor(socket: WebSocket, streams: ExecStreams) {
    this.#socket = socket
    this.#streams = streams
    let hasStarted: () => void = () => undefined
    let fail: (error: Error) => void = () => undefined
    const failed = new Promise<never>((_resolve, reject) => {
      fail = reject
    })
    failed.catch(() => undefined)
    this.started = Promise.race([new Promise<void>((resolve) => (hasStarted = resolve)), failed])
    const end = new Promise<ExecEnd>((resolve) => {
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) return this.#output(data)
        const told = JSON.parse(data.toString()) as ExecTold
        if ('started' in told) {
          hasStarted()
          if (streams.stdin) void this.#feed(streams.stdin).catch(fail)
        } else if ('taken' in told) {
          this.#waiting -= told.taken
          this.#goOn()
        } else if ('problem' in told) fail(fromProblem(told.problem) ?? endedEarly())
        else resolve(told)
      })
    })
    socket.on('close', () => fail(endedEarly()))
    socket.on('error', () => undefined)
    this.ended = Promise.race([end, failed])
    this.ended.catch(() => undefined)
  }

  control(control: ExecControl): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(control))
  }

  leave(): void {
    this.#socket.terminate()
  }

  #output(message: Buffer): void {
    const output = message[0] === ExecStream.stderr ? this.#streams.stderr : this.#streams.stdout
    if (output.write(message.subarray(1)) || output.destroyed) return
    // Nothing more is read until it is written; the sandbox waits, too.
    this.#blocked++
    this.#socket.pause()
    output.once('drain', () => {
      if (--this.#blocked === 0) this.#socket.resume()
    })
  }

  async #feed(input: Readable): Promise<void> {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES)
        while (this.#waiting + piece.length > EXEC_WINDOW_BYTES)
          await new Promise<void>((resolve) => (this.#goOn = resolve))
        if (this.#socket.readyState !== WebSocket.OPEN) return
        this.#waiting += piece.length
        this.#socket.send(piece)
      }
    }
    this.control({ end: true })
  }
}

function opened(socket: WebSocket, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        if (text.length < 65_536) text += chunk
      })
      response.once('close', () => {
        socket.on('error', () => undefined)
        socket.terminate()
        reject(
          problemIn(text) ??
            new OmegaError('BAD_GATEWAY', `${new URL(address).origin} answered ${response.statusCode}.`),
        )
      })
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new OmegaError(
          'UNREACHABLE',
          `${new URL(address).origin} cannot be reached (${error.code ?? error.message}). Is it running?`,
        ),
      )
    })
  })
}

function problemIn(text: string): OmegaError | undefined {
  try {
    return fromProblem(JSON.parse(text))
  } catch {
    return undefined
  }
}

function endedEarly(): OmegaError {
  return new OmegaError('BAD_GATEWAY', 'The connection to the sandbox ended before the command did.')
}
