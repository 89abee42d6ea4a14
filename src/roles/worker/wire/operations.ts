import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import { operationParams, RequestEnvelope } from '../../../core/wire/operation-params.ts'
import type { Operation } from '../../../core/wire/operations.ts'
import { documentsOperations } from '../documents/operations.ts'
import { filesOperations } from '../files/operations.ts'
import { gitOperations } from '../git/operations.ts'
import { languageOperations } from '../language/operations.ts'
import { peopleOperations } from '../people/operations.ts'
import { portsOperations } from '../preview/operations.ts'
import { sandboxOperations } from '../sandbox/operations.ts'
import { searchOperations } from '../search/operations.ts'
import { terminalsOperations } from '../terminals/operations.ts'
import type { Call, Handlers } from './handlers.ts'

const handlers: Handlers<Operation> = {
  ...documentsOperations,
  ...filesOperations,
  ...languageOperations,
  ...peopleOperations,
  ...portsOperations,
  ...gitOperations,
  ...sandboxOperations,
  ...searchOperations,
  ...terminalsOperations,
}

/** A request taken apart, or undefined when it has no number an answer could name. */
export function parseRequest(value: unknown): { id: number; op: string; params: unknown } | undefined {
  if (Value.Check(RequestEnvelope, value)) return value
  // Something is wrong with it, but it can be told so.
  const numbered = Type.Object({ id: RequestEnvelope.properties.id })
  return Value.Check(numbered, value) ? { id: value.id, op: '', params: undefined } : undefined
}

/** Checks a request's parameters and does it. Every refusal is an OmegaError. */
export async function perform(op: string, params: unknown, mayChange: boolean, call: Call): Promise<unknown> {
  if (!isOperation(op)) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `There is no operation ${quote(op)}. A request is {id, op, params}; the operations are ${Object.keys(handlers).join(', ')}.`,
    )
  }
  const schema: TSchema = operationParams[op]
  if (!Value.Check(schema, params)) {
    const [first] = Value.Errors(schema, params)
    throw new OmegaError('INVALID_REQUEST', `The parameters of ${op} are not valid: ${reasonOf(first)}.`)
  }
  const handler = handlers[op]
  if (handler.changes && !mayChange) {
    throw new OmegaError(
      'FORBIDDEN',
      'You may look at this sandbox, but change nothing. Ask for a link that lets you edit.',
    )
  }
  if (handler.counts) call.services.activity.note('operation')
  // The schema has just shown that these are its parameters.
  return (handler.run as (params: unknown, call: Call) => unknown)(params, call)
}

function isOperation(op: string): op is Operation {
  return Object.hasOwn(handlers, op)
}

function reasonOf(error: { instancePath: string; message: string } | undefined): string {
  return error ? `${error.instancePath || 'they'} ${error.message}` : 'they do not match the schema'
}
