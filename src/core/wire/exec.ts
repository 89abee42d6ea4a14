import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Problem } from '../errors.ts'

/** Running commands inside; PROTOCOL.md, section 6. POST for a command without input, a WebSocket for a whole one. */
export const EXEC_ADDRESS = '/_omega/exec'

/** Bytes of input that may be on their way: those the worker has not said are `taken`. */
export const EXEC_WINDOW_BYTES = 256 * 1024

/** Of a terminal. */
const size = { cols: Type.Integer({ minimum: 2, maximum: 1000 }), rows: Type.Integer({ minimum: 2, maximum: 1000 }) }
const strict = { additionalProperties: false } as const

export const ExecRequest = Type.Object(
  {
    cmd: Type.Array(Type.String({ maxLength: 131_072 }), { minItems: 1, maxItems: 1000 }),
    cwd: Type.Optional(Type.String({ maxLength: 4096, description: "Relative to the project's folder." })),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }), Type.String({ maxLength: 131_072 }), {
        additionalProperties: false,
        description: "Environment variables, over the sandbox's own.",
      }),
    ),
  },
  strict,
)
export type ExecRequest = Static<typeof ExecRequest>

/** One line of the answer to a POST (application/x-ndjson). Output is base64, since it may be any bytes. */
export type ExecLine = { stream: 'stdout' | 'stderr'; data: string } | ExecEnd

/** How a command ended: 128 + n after signal n, as shells say; `error` when it could not be started. */
export type ExecEnd = { exit: number; signal?: string } | { error: string }

/** The first message of a caller, text. */
export const ExecBegin = Type.Object(
  {
    ...ExecRequest.properties,
    /** Without it the input is empty. */
    stdin: Type.Optional(Type.Boolean()),
    /** Runs it on a terminal of this size; all its output is then `stdout`. */
    tty: Type.Optional(Type.Object(size, strict)),
  },
  strict,
)
export type ExecBegin = Static<typeof ExecBegin>

export const EXEC_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGKILL'] as const
export type ExecSignal = (typeof EXEC_SIGNALS)[number]

/** A caller's later text messages, after `started`; its binary ones are input. */
export const ExecControl = Type.Union([
  Type.Object({ signal: Type.Enum(EXEC_SIGNALS) }, strict),
  Type.Object({ resize: Type.Object(size, strict) }, strict),
  /** The input is over. */
  Type.Object({ end: Type.Literal(true) }, strict),
])
export type ExecControl = Static<typeof ExecControl>

/** The worker's text messages. After an end or a problem it closes. */
export type ExecTold = { started: true } | { taken: number } | ExecEnd | { problem: Problem }

/** The first byte of the worker's binary messages; the rest is output. */
export const ExecStream = { stdout: 1, stderr: 2 } as const

export function parseExecBegin(text: string): ExecBegin | undefined {
  return parse(ExecBegin, text)
}

export function parseExecControl(text: string): ExecControl | undefined {
  return parse(ExecControl, text)
}

function parse<Schema extends typeof ExecBegin | typeof ExecControl>(
  schema: Schema,
  text: string,
): Static<Schema> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(schema, value) ? (value as Static<Schema>) : undefined
  } catch {
    return undefined
  }
}
