import type { Readable } from 'node:stream'
import type { WebSocket } from 'ws'
import { OmegaError, toProblem } from '../../core/errors.ts'
import {
  EXEC_WINDOW_BYTES,
  type ExecBegin,
  type ExecControl,
  type ExecEnd,
  ExecStream,
  type ExecTold,
  parseExecBegin,
  parseExecControl,
} from '../../core/wire/exec.ts'
import type { openPty, Pty } from '../../drivers/pty.ts'
import { asOmegaError } from '../../drivers/web-app.ts'
import { type Commands, checkWords, type RunningCommand } from './exec.ts'
import type { Command } from './terminals/terminal.ts'

/** Output that the caller has not read, above which the command waits, and below which it goes on. */
const HIGH_WATER_BYTES = 512 * 1024
const LOW_WATER_BYTES = 128 * 1024

export interface ExecChannelOptions {
  commands: Commands
  openPty: typeof openPty
  /** What these words run with; rejects when there is no such folder. */
  commandOf: (request: ExecBegin) => Promise<Command>
}

/** What a channel does with its command, on pipes or on a terminal. */
type Program = Pick<RunningCommand, 'write' | 'end' | 'signal' | 'kill'> & { resize?: Pty['resize'] }

/** Serves one command over a WebSocket: input, signals and sizes in, output and its end out (core/wire/exec.ts). */
export function serveExec(socket: WebSocket, options: ExecChannelOptions): void {
  let state: 'new' | 'starting' | Program | 'over' = 'new'
  /** Input that came and was not taken yet. */
  let untaken = 0

  const tell = (message: ExecTold) => socket.send(JSON.stringify(message), { compress: false })
  const finish = (message: ExecTold) => {
    state = 'over'
    tell(message)
    socket.close(1000)
  }
  const refuse = (error: unknown) => {
    if (typeof state === 'object') state.kill()
    if (state !== 'over') finish({ problem: toProblem(asOmegaError(error)) })
  }
  const onEnd = (end: ExecEnd) => {
    if (state !== 'over') finish(end)
  }

  const begin = async (text: string) => {
    const request = parseExecBegin(text)
    if (!request)
      throw new OmegaError('INVALID_REQUEST', 'The first message must say what is to be run; see PROTOCOL.md.')
    state = 'starting'
    const command = await options.commandOf(request)
    if (socket.readyState !== socket.OPEN) return
    state = request.tty
      ? startOnTerminal(command, request.tty, socket, options, onEnd)
      : startOnPipes(command, request.stdin === true, socket, options, onEnd)
    tell({ started: true })
  }

  const take = (program: Program, bytes: Buffer) => {
    untaken += bytes.length
    if (untaken > EXEC_WINDOW_BYTES) {
      throw new OmegaError(
        'INVALID_REQUEST',
        `More than ${EXEC_WINDOW_BYTES} bytes of input came before they were taken.`,
      )
    }
    program.write(bytes, () => {
      untaken -= bytes.length
      if (state !== 'over' && socket.readyState === socket.OPEN) tell({ taken: bytes.length })
    })
  }

  socket.on('message', (data: Buffer, isBinary: boolean) => {
    try {
      if (state === 'over') return
      if (typeof state === 'object' && isBinary) return take(state, data)
      if (typeof state === 'object') return obey(state, parseExecControl(data.toString()))
      if (state === 'new' && !isBinary) return void begin(data.toString()).catch(refuse)
      throw new OmegaError('INVALID_REQUEST', 'Say what is to be run first, and wait until it has started.')
    } catch (error) {
      refuse(error)
    }
  })
  // The caller has left, and takes the command along.
  socket.on('close', () => {
    if (typeof state === 'object') state.kill()
    state = 'over'
  })
  socket.on('error', () => socket.terminate())
}

function obey(program: Program, control: ExecControl | undefined): void {
  if (!control) throw new OmegaError('INVALID_REQUEST', 'What was asked of the command is not known; see PROTOCOL.md.')
  if ('signal' in control) program.signal(control.signal)
  else if ('resize' in control) program.resize?.(control.resize.cols, control.resize.rows)
  else program.end()
}

function startOnPipes(
  command: Command,
  input: boolean,
  socket: WebSocket,
  { commands }: ExecChannelOptions,
  onEnd: (end: ExecEnd) => void,
): Program {
  const running = commands.start(command, input, { onEnd })
  const forward = (output: Readable, stream: number) => {
    output.on('data', (chunk: Buffer) => {
      if (send(socket, stream, chunk, () => output.resume())) output.pause()
    })
  }
  forward(running.stdout, ExecStream.stdout)
  forward(running.stderr, ExecStream.stderr)
  return running
}

function startOnTerminal(
  { command, cwd, env }: Command,
  { cols, rows }: { cols: number; rows: number },
  socket: WebSocket,
  { commands, openPty }: ExecChannelOptions,
  onEnd: (end: ExecEnd) => void,
): Program {
  checkWords(command)
  let pty: Pty | undefined
  const uncount = commands.count({ kill: () => pty?.kill() })
  try {
    pty = openPty(
      { command, cwd, env, cols, rows },
      {
        onData: (chunk) => {
          if (send(socket, ExecStream.stdout, chunk, () => pty?.resume())) pty?.pause()
        },
        onExit: (exit) => {
          uncount()
          onEnd({ exit })
        },
      },
    )
  } catch (error) {
    uncount()
    throw error
  }
  const terminal = pty
  return {
    write: (bytes, taken) => {
      terminal.write(bytes)
      taken()
    },
    // A terminal's input has no end; ^D is a key like others.
    end: () => undefined,
    // Keys bring the signals that a person wants; what else comes is meant to end it.
    signal: () => terminal.kill(),
    kill: () => terminal.kill(),
    resize: (columns, lines) => terminal.resize(columns, lines),
  }
}

/** True when the caller is so far behind that nothing more should come until `resume` is called. */
function send(socket: WebSocket, stream: number, chunk: Uint8Array, resume: () => void): boolean {
  if (socket.readyState !== socket.OPEN) return false
  const message = Buffer.allocUnsafe(chunk.length + 1)
  message[0] = stream
  message.set(chunk, 1)
  let waits = false
  socket.send(message, { binary: true, compress: false }, () => {
    if (socket.bufferedAmount <= LOW_WATER_BYTES) resume()
  })
  waits = socket.bufferedAmount > HIGH_WATER_BYTES
  return waits
}
