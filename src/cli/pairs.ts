import { readFileSync } from 'node:fs'
import { OmegaError } from '../core/errors.ts'
import { explained } from '../drivers/project-errors.ts'

/** `NAME=VALUE` of an `--env`. */
export function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
  throw new OmegaError('INVALID_REQUEST', `--env is ${JSON.stringify(pair)}. Allowed is NAME=VALUE.`)
}

/** `a, b` as `['a', 'b']`. */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** For an option that may be given more than once. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

/** Variables of `--env-file`s and `--env`s; the later one wins, `--env` over files. */
export function variablesOf(files: readonly string[], pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries([...files.flatMap(readVariables), ...pairs.map(splitPair)])
}

function readVariables(file: string): [string, string][] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw explained(error, file)
  }
  return parseVariables(text, file)
}

/** Lines `NAME=VALUE` as in a .env file: `#` begins a comment, quotes are taken off, `export` is allowed before. */
export function parseVariables(text: string, file: string): [string, string][] {
  return text.split(/\r?\n/).flatMap((line, index): [string, string][] => {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#')) return []
    const [, name, value = ''] = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(trimmed) ?? []
    if (name === undefined) {
      throw new OmegaError('INVALID_REQUEST', `${file}:${index + 1} is no NAME=VALUE, comment or empty line.`)
    }
    const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?$/.exec(value) ?? []
    if (double !== undefined) {
      const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
      return [[name, double.replace(/\\(.)/g, (_all, char: string) => letters[char] ?? char)]]
    }
    return [[name, single ?? value.replace(/\s+#.*$/, '')]]
  })
}
