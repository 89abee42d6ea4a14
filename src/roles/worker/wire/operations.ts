import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { Attached, Operation, Requests } from '../../../core/wire/frames.ts'
import { RequestEnvelope, requestSchemas } from '../../../core/wire/requests.ts'
import type { ProjectFiles } from '../../../drivers/project-files.ts'
import type { Terminal } from '../terminals/terminal.ts'
import type { Terminals } from '../terminals/terminals.ts'

/** What of a connection its operations need. */
export interface Channels {
  /** Shows a terminal here; `begin` sends the replay and must be called once the answer is sent. */
  attach(terminal: Terminal): { attached: Attached; begin: () => void }
  detach(channel: number): void
  /** Throws NOT_FOUND. */
  terminalOf(channel: number): Terminal
  watch(path: string): Promise<void>
  unwatch(path: string): void
}

export interface Services {
  files: ProjectFiles
  terminals: Terminals
  hello: () => Promise<Requests['hello'][1]>
}

/** An operation's result, and what is to be sent right behind it. */
export interface Answer {
  ok: unknown
  after?: () => void
}

type Params<O extends Operation> = Requests[O][0]
type Handlers = {
  [O in Operation]: (params: Params<O>, services: Services, channels: Channels) => Promise<Answer> | Answer
}

const done: Answer = { ok: {} }

const handlers: Handlers = {
  hello: async (_params, { hello }) => ({ ok: await hello() }),
  'files.list': async ({ path }, { files }) => ({ ok: await files.list(path) }),
  'files.read': async ({ path }, { files }) => ({ ok: await files.read(path) }),
  'files.write': async ({ path, text, base }, { files }) => ({ ok: await files.write(path, text, base) }),
  'files.makeDirectory': async ({ path }, { files }) => {
    await files.makeDirectory(path)
    return done
  },
  'files.rename': async ({ from, to }, { files }) => {
    await files.rename(from, to)
    return done
  },
  'files.remove': async ({ path }, { files }) => {
    await files.remove(path)
    return done
  },
  'files.watch': async ({ path }, _services, channels) => {
    await channels.watch(path)
    return done
  },
  'files.unwatch': ({ path }, _services, channels) => {
    channels.unwatch(path)
    return done
  },
  'terminal.open': async ({ cols, rows }, { terminals }, channels) => show(await terminals.open(cols, rows), channels),
  'terminal.attach': ({ terminal, cols, rows }, { terminals }, channels) => {
    const found = terminals.get(terminal)
    found.resize(cols, rows)
    return show(found, channels)
  },
  'terminal.detach': ({ channel }, _services, channels) => {
    channels.detach(channel)
    return done
  },
  'terminal.resize': ({ channel, cols, rows }, _services, channels) => {
    channels.terminalOf(channel).resize(cols, rows)
    return done
  },
  'terminal.close': ({ terminal }, { terminals }) => {
    terminals.close(terminal)
    return done
  },
  'app.restart': async (_params, { terminals }) => {
    await terminals.startApp()
    return done
  },
  ping: () => done,
}

function show(terminal: Terminal, channels: Channels): Answer {
  const { attached, begin } = channels.attach(terminal)
  return { ok: attached, after: begin }
}

/** A request taken apart, or undefined when it has no number an answer could name. */
export function parseRequest(value: unknown): { id: number; op: string; params: unknown } | undefined {
  if (Value.Check(RequestEnvelope, value)) return value
  // Something is wrong with it, but it can be told so.
  const numbered = Type.Object({ id: RequestEnvelope.properties.id })
  return Value.Check(numbered, value) ? { id: value.id, op: '', params: undefined } : undefined
}

/** Checks a request's parameters and does it. Every refusal is an OmegaError. */
export async function perform(op: string, params: unknown, services: Services, channels: Channels): Promise<Answer> {
  if (!isOperation(op)) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `There is no operation ${quote(op)}. A request is {id, op, params}; the operations are ${Object.keys(handlers).join(', ')}.`,
    )
  }
  const schema: TSchema = requestSchemas[op]
  if (!Value.Check(schema, params)) {
    const [first] = Value.Errors(schema, params)
    throw new OmegaError('INVALID_REQUEST', `The parameters of ${op} are not valid: ${reasonOf(first)}.`)
  }
  // The schema has just shown that these are its parameters.
  const handler = handlers[op] as (params: unknown, services: Services, channels: Channels) => Promise<Answer> | Answer
  return handler(params, services, channels)
}

function isOperation(op: string): op is Operation {
  return Object.hasOwn(handlers, op)
}

function reasonOf(error: { instancePath: string; message: string } | undefined): string {
  return error ? `${error.instancePath || 'they'} ${error.message}` : 'they do not match the schema'
}
