import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import { bytesOf } from './byte-size.ts'
import { type Flag, type Setting, settings } from './settings.ts'

/** Settings by flag: texts as given; use the readers below. */
export class Config {
  readonly #values: Readonly<Partial<Record<Flag, string>>>

  constructor(values: Partial<Record<Flag, string>>) {
    this.#values = Object.freeze({ ...values })
  }

  text(flag: Flag): string | undefined {
    return this.#values[flag]
  }

  /** For settings that have a default. */
  need(flag: Flag): string {
    const value = this.#values[flag]
    if (value === undefined) throw new OmegaError('INVALID_REQUEST', `--${flag} is missing. ${helpOf(flag)}.`)
    return value
  }

  number(flag: Flag): number | undefined {
    const value = this.#values[flag]
    return value === undefined ? undefined : Number(value)
  }

  on(flag: Flag): boolean {
    return this.#values[flag] === 'true'
  }

  range(flag: Flag): [number, number] {
    const [from = 0, to = 0] = this.need(flag).split('-').map(Number)
    return [from, to]
  }

  /** The same with some settings replaced. */
  with(values: Partial<Record<Flag, string>>): Config {
    return new Config({ ...this.#values, ...values })
  }

  /** Everything but secrets, for the log. */
  redacted(): Record<string, string> {
    const table: readonly Setting[] = settings
    const isSecret = (flag: string) => table.find((setting) => setting.flag === flag)?.secret
    return Object.fromEntries(
      Object.entries(this.#values).map(([flag, value]) => [flag, isSecret(flag) ? '[redacted]' : value]),
    )
  }
}

/** Adds the flags that `command` takes for these audiences. */
export function addSettings(command: Command, audiences: readonly string[]): Command {
  for (const setting of settings as readonly Setting[]) {
    if (!setting.for.some((audience) => audiences.includes(audience))) continue
    const shown = setting.fallback === undefined ? setting.help : `${setting.help} (default ${setting.fallback})`
    const option = new Option(`--${setting.flag}${setting.value ? ` <${setting.value}>` : ''}`, shown)
    if (setting.repeats)
      option.argParser((value, before?: string) => (before === undefined ? value : `${before},${value}`))
    command.addOption(option)
  }
  return command
}

/** Of a command's flags those that are settings for this audience: a command may have one of its own by the same name. */
export function settingsAmong(flags: Record<string, unknown>, audience: string): Record<string, unknown> {
  const table: readonly Setting[] = settings
  const names = table.filter((setting) => setting.for.includes(audience)).map(({ flag }) => camelCase(flag))
  return Object.fromEntries(Object.entries(flags).filter(([name]) => names.includes(name)))
}

/** Flags over environment over file over defaults; every value is checked, whoever gave it. */
export function readConfig(flags: Record<string, unknown>, env: NodeJS.ProcessEnv = process.env): Config {
  const table: readonly Setting[] = settings
  const given = (setting: Setting): [string, string] | undefined => {
    // Commander turns `--no-dns` into dns: false.
    if (setting.flag.startsWith('no-') && flags[camelCase(setting.flag.slice(3))] === false) return ['true', 'flag']
    const flag = flags[camelCase(setting.flag)]
    if (typeof flag === 'string' || flag === true) return [String(flag), `--${setting.flag}`]
    const variable = `OMEGA_${setting.flag.replaceAll('-', '_').toUpperCase()}`
    const value = env[variable]
    return value === undefined || value === '' ? undefined : [value, variable]
  }
  const early = (flag: string) => table.filter((setting) => setting.flag === flag).map(given)[0]?.[0]
  const dataDir = early('data-dir') ?? join(homedir(), '.omega')
  const file = readFile(early('config'), join(dataDir, 'config.json'))
  const values: Partial<Record<string, string>> = {}
  for (const setting of table) {
    const fromFile = file.values[setting.flag]
    const found: [string, string] | undefined =
      given(setting) ?? (fromFile === undefined ? undefined : [fromFile, file.path])
    const value = found?.[0] ?? setting.fallback
    if (value === undefined) continue
    if (found) check(setting, value, found[1])
    values[setting.flag] = value
  }
  return new Config(values)
}

function readFile(given: string | undefined, usual: string): { path: string; values: Record<string, string> } {
  const path = given ?? usual
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (given === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return { path, values: {} }
    throw new OmegaError('INVALID_REQUEST', `The config file ${path} cannot be read: ${(error as Error).message}.`)
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new OmegaError('INVALID_REQUEST', `The config file ${path} is not JSON: ${(error as Error).message}.`)
  }
  const known = new Set<string>(settings.map(({ flag }) => flag))
  const values: Record<string, string> = {}
  for (const [key, value] of Object.entries(parsed as Record<string, unknown>)) {
    if (!known.has(key)) {
      throw new OmegaError(
        'INVALID_REQUEST',
        `${path} has the unknown setting ${quote(key)}. Settings are named as flags are, without "--".`,
      )
    }
    values[key] = String(value)
  }
  return { path, values }
}

function check(setting: Setting, value: string, source: string): void {
  const whole = /^\d+$/.test(value) ? Number(value) : Number.NaN
  const [from = 1, to = 0] = value.split('-').map(Number)
  const allowed: Record<Setting['kind'], [boolean, string]> = {
    text: [value.length > 0, 'some text'],
    port: [whole >= 0 && whole <= 65_535, 'a port from 0 to 65535'],
    count: [whole >= 0 && whole <= 1_000_000, 'a whole number from 0 to 1000000'],
    number: [Number(value) > 0 && Number(value) <= 1024, 'a number above 0'],
    size: [bytesOf(value) !== undefined, 'a size of 64m to 9999g (m or g), or 0 for no limit'],
    range: [/^\d+-\d+$/.test(value) && from >= 1 && from <= to && to <= 65_535, 'two ports as FROM-TO'],
    choice: [setting.choices?.includes(value) ?? false, `one of ${setting.choices?.join(', ')}`],
    switch: [value === 'true' || value === 'false', 'true or false'],
  }
  const [fine, sentence] = allowed[setting.kind]
  if (!fine) throw new OmegaError('INVALID_REQUEST', `${source} is ${quote(value)}. Allowed is ${sentence}.`)
}

function helpOf(flag: string): string {
  return (settings as readonly Setting[]).find((setting) => setting.flag === flag)?.help ?? ''
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
