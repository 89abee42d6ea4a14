import { OmegaError } from '../core/errors.ts'

/** `NAME=VALUE` of an `--env`. */
export function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
  throw new OmegaError('INVALID_REQUEST', `--env is ${JSON.stringify(pair)}. Allowed is NAME=VALUE.`)
}

/** For an option that may be given more than once. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}
