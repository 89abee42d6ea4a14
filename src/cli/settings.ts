import { homedir } from 'node:os'
import { join } from 'node:path'
import { machineSettings } from './machine-settings.ts'
import { scalingSettings } from './scaling-settings.ts'

/**
 * The one table of settings: it gives flags, environment variables, config file keys and help. Flag beats environment
 * (`OMEGA_` and the flag in capitals) beats config file beats default.
 */
export interface Setting {
  flag: string
  /** Placeholder in help; absent for a switch. */
  value?: string
  kind: 'text' | 'port' | 'count' | 'number' | 'size' | 'range' | 'choice' | 'switch'
  choices?: readonly string[]
  fallback?: string
  help: string
  /** Commands that take it: a role's name, `up`, or `client`. */
  for: readonly string[]
  secret?: boolean
  /** May be given several times; the values are joined by commas. */
  repeats?: boolean
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
    for: [...everyRole, 'client', 'join-token'],
  },
  {
    flag: 'config',
    value: 'FILE',
    kind: 'text',
    help: 'JSON file of settings (default DATA_DIR/config.json if it exists)',
    for: [...everyRole, 'join-token'],
  },
  {
    flag: 'store',
    value: 'KIND',
    kind: 'choice',
    choices: ['embedded', 'redis'],
    help: 'where the state is kept (default: embedded, in the data directory; redis with --redis)',
    for: ['master', 'dns', 'up'],
  },
  {
    flag: 'redis',
    value: 'URL',
    kind: 'text',
    help: 'keep the state in Redis instead of the data directory: redis://, rediss://, redis+sentinel://HOST:PORT,HOST:PORT/NAME, redis+cluster://HOST:PORT,HOST:PORT',
    for: ['master', 'dns', 'up'],
    secret: true,
  },
  {
    flag: 'fleet',
    value: 'NAME',
    kind: 'text',
    fallback: 'omega',
    help: 'name of the fleet; begins every Redis key, in braces',
    for: [...everyRole, 'user-data', 'iam'],
  },
  {
    flag: 'secret',
    value: 'TEXT',
    kind: 'text',
    help: 'fleet secret all credentials derive from (default: DATA_DIR/secret, made at the first start)',
    for: ['master', 'manager', 'dns', 'up', 'join-token'],
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
    flag: 'max-sandboxes',
    value: 'COUNT',
    kind: 'count',
    help: 'sandboxes the fleet may have (default: as many as its hosts hold)',
    for: ['master', 'up'],
  },
  {
    flag: 'webhook',
    value: 'URL',
    kind: 'text',
    help: 'send events there, signed (docs/webhooks.md); may be repeated, or several with commas',
    for: ['master', 'up'],
    // A receiver's URL may carry its secret.
    secret: true,
    repeats: true,
  },
  ...scalingSettings,
  ...machineSettings,
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
    for: ['master', 'manager', 'up', 'user-data'],
  },
  {
    flag: 'sandbox-memory',
    value: 'MIB',
    kind: 'count',
    fallback: '2048',
    help: 'memory limit of a sandbox',
    for: ['master', 'manager', 'up', 'user-data'],
  },
  {
    flag: 'sandbox-cpus',
    value: 'COUNT',
    kind: 'number',
    fallback: '2',
    help: 'CPU limit of a sandbox',
    for: ['master', 'manager', 'up', 'user-data'],
  },
  {
    flag: 'sandbox-pids',
    value: 'COUNT',
    kind: 'count',
    fallback: '512',
    help: 'processes and threads of a sandbox',
    for: ['master', 'manager', 'up', 'user-data'],
  },
  {
    flag: 'disk',
    value: 'SIZE',
    kind: 'size',
    fallback: '5g',
    help: 'what a sandbox may write to its disk, as 500m or 5g; 0 for no limit',
    for: ['master', 'manager', 'up', 'user-data'],
  },
  {
    flag: 'warm',
    value: 'COUNT',
    kind: 'count',
    fallback: '2',
    help: 'containers kept ready of each template in use, so that a create is instant',
    for: ['manager', 'up'],
  },
  {
    flag: 'sleep-after',
    value: 'TIME',
    kind: 'text',
    fallback: '30m',
    help: 'a sandbox that nobody and nothing uses for this long is frozen, and wakes in milliseconds; 0 for never',
    for: ['master', 'manager', 'up', 'user-data'],
  },
  {
    flag: 'stop-after',
    value: 'TIME',
    kind: 'text',
    fallback: '1d',
    help: 'one that was frozen for this long is stopped, and starts when it is visited; 0 for never',
    for: ['master', 'manager', 'up', 'user-data'],
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
    flag: 'claim-hash',
    value: 'HASH',
    kind: 'text',
    help: 'hash of the token in the only claim to take; set by the manager that starts the worker',
    for: ['worker'],
  },
  {
    flag: 'app-port',
    value: 'PORT',
    kind: 'port',
    help: "port of the template's app (default: the template's own; 0 takes a free one, where sandboxes share a machine)",
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
