import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'

/**
 * The one table of settings: it gives flags, environment variables, config file keys and help. Flag beats environment
 * (`OMEGA_` and the flag in capitals) beats config file beats default.
 */
interface Setting {
  flag: string
  /** Placeholder in help; absent for a switch. */
  value?: string
  kind: 'text' | 'port' | 'count' | 'number' | 'range' | 'choice' | 'switch'
  choices?: readonly string[]
  fallback?: string
  help: string
  /** Commands that take it: a role's name, `up`, or `client`. */
  for: readonly string[]
  secret?: boolean
}

const everyRole = ['master', 'manager', 'worker', 'dns', 'up'] as const

export const settings = [
  {
    flag: 'domain',
    value: 'NAME',
    kind: 'text',
    fallback: 'omega.localhost',
    help: 'zone below which sandboxes live',
    for: everyRole,
  },
  {
    flag: 'data-dir',
    value: 'DIR',
    kind: 'text',
    fallback: join(homedir(), '.omega'),
    help: 'where state, secret and logs are kept',
    for: [...everyRole, 'client'],
  },
  {
    flag: 'config',
    value: 'FILE',
    kind: 'text',
    help: 'JSON file of settings (default DATA_DIR/config.json if it exists)',
    for: everyRole,
  },
  {
    flag: 'redis',
    value: 'URL',
    kind: 'text',
    help: 'keep the state in Redis instead of the data directory',
    for: ['master', 'dns', 'up'],
    secret: true,
  },
  {
    flag: 'fleet',
    value: 'NAME',
    kind: 'text',
    fallback: 'omega',
    help: 'name of the fleet; begins every Redis key, in braces',
    for: everyRole,
  },
  {
    flag: 'secret',
    value: 'TEXT',
    kind: 'text',
    help: 'fleet secret all credentials derive from (default: DATA_DIR/secret, made at the first start)',
    for: ['master', 'manager', 'dns', 'up'],
    secret: true,
  },
  { flag: 'listen', value: 'ADDRESS', kind: 'text', help: 'address to listen on (default 127.0.0.1)', for: everyRole },
  {
    flag: 'port',
    value: 'PORT',
    kind: 'port',
    help: 'port of the role (of the master where there are several): master 8080, manager 7070, dns 53, worker 8080; 0 picks a free one',
    for: everyRole,
  },
  {
    flag: 'public-url',
    value: 'URL',
    kind: 'text',
    help: 'how browsers reach the master (default http://DOMAIN:PORT)',
    for: ['master', 'up'],
  },
  {
    flag: 'dns-url',
    value: 'URL',
    kind: 'text',
    help: "the dns role's HTTP API (default http://127.0.0.1:8053)",
    for: ['master', 'client'],
  },
  { flag: 'no-dns', kind: 'switch', help: 'publish no records: the zone is kept by other means', for: ['master'] },
  {
    flag: 'ttl',
    value: 'SECONDS',
    kind: 'count',
    fallback: '5',
    help: "how long resolvers may keep a sandbox's address",
    for: ['master', 'dns', 'up'],
  },
  {
    flag: 'manager-port',
    value: 'PORT',
    kind: 'port',
    fallback: '7070',
    help: "manager's port beside other roles",
    for: ['manager', 'up'],
  },
  {
    flag: 'master-url',
    value: 'URL',
    kind: 'text',
    help: 'the master a manager joins (default http://127.0.0.1:8080)',
    for: ['manager'],
  },
  {
    flag: 'address',
    value: 'IP',
    kind: 'text',
    fallback: '127.0.0.1',
    help: 'address browsers reach this host at; sandboxes are published on it',
    for: ['manager', 'up'],
  },
  {
    flag: 'api-url',
    value: 'URL',
    kind: 'text',
    help: 'how the master reaches this manager (default http://ADDRESS:PORT)',
    for: ['manager'],
  },
  {
    flag: 'join-token',
    value: 'TOKEN',
    kind: 'text',
    help: 'what a manager joins with (default: derived from the fleet secret)',
    for: ['manager'],
    secret: true,
  },
  {
    flag: 'capacity',
    value: 'COUNT',
    kind: 'count',
    help: 'sandboxes this host may hold (default: by its memory)',
    for: ['manager', 'up'],
  },
  {
    flag: 'runtime',
    value: 'KIND',
    kind: 'choice',
    choices: ['auto', 'docker', 'process'],
    fallback: 'auto',
    help: 'what runs sandboxes: docker, or plain processes without isolation',
    for: ['manager', 'up'],
  },
  {
    flag: 'docker-host',
    value: 'SOCKET',
    kind: 'text',
    help: 'Docker Engine socket or URL (default DOCKER_HOST or /var/run/docker.sock)',
    for: ['manager', 'up', 'template'],
  },
  {
    flag: 'sandbox-ports',
    value: 'FROM-TO',
    kind: 'range',
    fallback: '20000-29999',
    help: 'host ports of sandboxes',
    for: ['manager', 'up'],
  },
  {
    flag: 'sandbox-memory',
    value: 'MIB',
    kind: 'count',
    fallback: '2048',
    help: 'memory limit of a sandbox',
    for: ['manager', 'up'],
  },
  {
    flag: 'sandbox-cpus',
    value: 'COUNT',
    kind: 'number',
    fallback: '2',
    help: 'CPU limit of a sandbox',
    for: ['manager', 'up'],
  },
  {
    flag: 'sandbox-pids',
    value: 'COUNT',
    kind: 'count',
    fallback: '512',
    help: 'processes and threads of a sandbox',
    for: ['manager', 'up'],
  },
  {
    flag: 'dns-listen',
    value: 'ADDRESSES',
    kind: 'text',
    help: 'addresses for DNS queries, comma separated (default: as --listen)',
    for: ['dns', 'up'],
  },
  {
    flag: 'dns-port',
    value: 'PORT',
    kind: 'port',
    help: 'port for DNS queries, UDP and TCP (default 53; `omega up`: 5300)',
    for: ['dns', 'up'],
  },
  {
    flag: 'dns-http-port',
    value: 'PORT',
    kind: 'port',
    fallback: '8053',
    help: "port of the dns role's HTTP API",
    for: ['dns', 'up'],
  },
  {
    flag: 'nameserver',
    value: 'NAME=IP',
    kind: 'text',
    help: "the zone's name servers, comma separated (default ns1.DOMAIN at --dns-listen)",
    for: ['dns', 'up'],
  },
  { flag: 'root', value: 'DIR', kind: 'text', fallback: '.', help: "the project's folder", for: ['worker'] },
  { flag: 'template-dir', value: 'DIR', kind: 'text', help: 'folder with template.json', for: ['worker'] },
  {
    flag: 'state-dir',
    value: 'DIR',
    kind: 'text',
    help: 'where the worker keeps whose sandbox it is (default ~/.omega-worker)',
    for: ['worker'],
  },
  {
    flag: 'shared-machine',
    kind: 'switch',
    help: 'other sandboxes run on this machine too: take a free port for the app',
    for: ['worker'],
  },
  {
    flag: 'log-level',
    value: 'LEVEL',
    kind: 'choice',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    fallback: 'info',
    help: 'least important level that is logged',
    for: everyRole,
  },
  {
    flag: 'log-file',
    value: 'FILE',
    kind: 'text',
    help: 'log there instead of stderr (`omega up`: DATA_DIR/omega.log)',
    for: everyRole,
  },
  {
    flag: 'url',
    value: 'URL',
    kind: 'text',
    help: "the master's URL (default: as `omega login` or `omega up` left it)",
    for: ['client'],
  },
  { flag: 'token', value: 'TOKEN', kind: 'text', help: 'API token', for: ['client'], secret: true },
] as const satisfies readonly Setting[]

export type Flag = (typeof settings)[number]['flag']

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
    command.addOption(new Option(`--${setting.flag}${setting.value ? ` <${setting.value}>` : ''}`, shown))
  }
  return command
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
