import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ContainerSpec, EngineContainer } from './container.ts'
import { markOf, POOL_NAME, poolName } from './container-name.ts'
import { OmegaError } from './errors.ts'

/** Where the worker listens inside every container. */
export const WORKER_PORT = 8080

/** The capabilities root may still use inside: enough for packages and for changing users, nothing for the host. */
const capabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID'] as const

/** Docker's own list and the host's fingerprint (vendor, serial number). */
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
  '/sys/devices/virtual/dmi',
] as const
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const

const closed = { additionalProperties: false }
const exactly = <const T extends string>(values: readonly T[]) =>
  Type.Array(Type.Unsafe<T>({ enum: [...values] }), {
    minItems: values.length,
    maxItems: values.length,
    uniqueItems: true,
  })
const ulimit = <const N extends string>(name: N, soft: number, hard: number) =>
  Type.Object({ Name: Type.Literal(name), Soft: Type.Literal(soft), Hard: Type.Literal(hard) }, closed)

/**
 * The only kind of container omega makes: profile `standard`, in the words of Docker's `POST /containers/create`.
 * The schema is closed: a field that is not here, or another value, is refused before it reaches the engine.
 */
export const ContainerDescription = Type.Object(
  {
    name: Type.String({ pattern: POOL_NAME }),
    Image: Type.String({
      pattern: '^(omega-template-[a-z][a-z0-9-]{0,39}:[A-Za-z0-9_.-]{1,128}|sha256:[0-9a-f]{64})$',
    }),
    Hostname: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
    User: Type.Literal('1000:1000'),
    Env: Type.Tuple([
      Type.String({ pattern: '^OMEGA_DOMAIN=[a-z0-9.-]{1,253}$' }),
      Type.String({ pattern: '^OMEGA_CLAIM_HASH=[A-Za-z0-9_-]{43}$' }),
    ]),
    Labels: Type.Object(
      {
        'omega.fleet': Type.String({ minLength: 1, maxLength: 63 }),
        'omega.host': Type.String({ pattern: '^[0-9a-fA-F.:]{2,45}$' }),
        'omega.container': Type.String({ pattern: '^ct_[0-9a-z]{20}$' }),
        'omega.domain': Type.String({ pattern: '^[a-z0-9.-]{1,253}$' }),
        'omega.template': Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }),
      },
      closed,
    ),
    Healthcheck: Type.Object({ Test: exactly(['NONE']) }, closed),
    ExposedPorts: Type.Object({ '8080/tcp': Type.Object({}, closed) }, closed),
    HostConfig: Type.Object(
      {
        NetworkMode: Type.String({ pattern: '^omega(-[a-z0-9-]{1,63})?$' }),
        // Nothing, or a port of the loopback device: the world comes by the manager's door.
        PortBindings: Type.Union([
          Type.Object({}, closed),
          Type.Object(
            {
              '8080/tcp': Type.Tuple([
                Type.Object({ HostIp: Type.Literal('127.0.0.1'), HostPort: Type.Literal('') }, closed),
              ]),
            },
            closed,
          ),
        ]),
        RestartPolicy: Type.Object({ Name: Type.Literal('unless-stopped') }, closed),
        Init: Type.Boolean(),
        Privileged: Type.Literal(false),
        PublishAllPorts: Type.Literal(false),
        CapDrop: exactly(['ALL']),
        CapAdd: exactly(capabilities),
        SecurityOpt: exactly(['no-new-privileges']),
        IpcMode: Type.Literal('private'),
        CgroupnsMode: Type.Literal('private'),
        MaskedPaths: exactly(maskedPaths),
        ReadonlyPaths: exactly(readonlyPaths),
        Memory: Type.Integer({ minimum: 6 * 2 ** 20 }),
        MemorySwap: Type.Integer({ minimum: 6 * 2 ** 20 }),
        NanoCpus: Type.Integer({ minimum: 1e7 }),
        PidsLimit: Type.Integer({ minimum: 16, maximum: 1_000_000 }),
        OomScoreAdj: Type.Literal(500),
        // Only where the engine has quotas: elsewhere it refuses the option.
        StorageOpt: Type.Optional(Type.Object({ size: Type.String({ pattern: '^[1-9][0-9]{0,15}$' }) }, closed)),
        Ulimits: Type.Tuple([ulimit('nofile', 8192, 16_384), ulimit('core', 0, 0)]),
        LogConfig: Type.Object(
          {
            Type: Type.Literal('json-file'),
            Config: Type.Object({ 'max-size': Type.Literal('1m'), 'max-file': Type.Literal('2') }, closed),
          },
          closed,
        ),
      },
      closed,
    ),
  },
  closed,
)
export type ContainerDescription = Static<typeof ContainerDescription>

/** What a container's description needs to know of the host it will run on. */
export interface ContainerSite {
  fleet: string
  /** The host's address in the fleet; the containers of several managers on one engine are told apart by it. */
  host: string
  /** Whether the worker's port is published on loopback, for a host that cannot reach the containers' own network. */
  publish: boolean
  /** Name of the fleet's network. */
  network: string
  /** A template's image, or the id of one that was made of a container. */
  image: string
  /** Whether the engine can hold a container's layer to a size. */
  quota?: boolean
  /** Whether the engine has an init process to reap orphans with. */
  init: boolean
}

/** The whole of a sandbox's container, as the engine is told. No secret is in it: the token comes with the claim. */
export function describe(spec: ContainerSpec, site: ContainerSite): ContainerDescription {
  const { diskBytes = 0 } = spec.limits
  const memory = Math.floor(spec.limits.memoryMiB * 2 ** 20)
  return {
    name: poolName(spec.key),
    Image: site.image,
    Hostname: spec.template,
    User: '1000:1000',
    Env: [`OMEGA_DOMAIN=${spec.domain}`, `OMEGA_CLAIM_HASH=${spec.claimHash}`],
    Labels: {
      'omega.fleet': site.fleet,
      'omega.host': site.host,
      'omega.container': spec.key,
      'omega.domain': spec.domain,
      'omega.template': spec.template,
    },
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      NetworkMode: site.network,
      PortBindings: site.publish ? { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } : {},
      RestartPolicy: { Name: 'unless-stopped' },
      Init: site.init,
      Privileged: false,
      PublishAllPorts: false,
      CapDrop: ['ALL'],
      CapAdd: [...capabilities],
      SecurityOpt: ['no-new-privileges'],
      IpcMode: 'private',
      CgroupnsMode: 'private',
      MaskedPaths: [...maskedPaths],
      ReadonlyPaths: [...readonlyPaths],
      Memory: memory,
      MemorySwap: memory,
      NanoCpus: Math.round(spec.limits.cpus * 1e9),
      PidsLimit: spec.limits.pids,
      OomScoreAdj: 500,
      ...(site.quota && diskBytes > 0 ? { StorageOpt: { size: String(diskBytes) } } : {}),
      Ulimits: [
        { Name: 'nofile', Soft: 8192, Hard: 16_384 },
        { Name: 'core', Soft: 0, Hard: 0 },
      ],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
    },
  }
}

/** Throws INVALID_REQUEST naming the first field that is not as the profile says; gives the description back. */
export function checkDescription(value: unknown): ContainerDescription {
  if (Value.Check(ContainerDescription, value)) {
    const { Memory, MemorySwap } = value.HostConfig
    if (Memory === MemorySwap) return value
    throw refusal('/HostConfig/MemorySwap', 'must equal Memory')
  }
  const [first] = Value.Errors(ContainerDescription, value)
  throw refusal(first?.instancePath ?? '', first?.message ?? 'is not as the profile says')
}

function refusal(pointer: string, reason: string): OmegaError {
  return new OmegaError(
    'INVALID_REQUEST',
    `A container was about to be made outside the hardening profile: ${pointer || 'it'} ${reason}. Nothing was made; see docs/hardening.md.`,
    { pointer },
  )
}

/** A container of ours from its labels, its name and Docker's word for its state; undefined if it is none or is going. */
export function recognize(
  labels: Readonly<Record<string, string>>,
  name: string,
  state: string,
): Omit<EngineContainer, 'createdAt' | 'at'> | undefined {
  const key = labels['omega.container']
  if (!key || state === 'removing' || state === 'dead') return undefined
  return {
    key,
    template: labels['omega.template'] ?? '',
    domain: labels['omega.domain'] ?? '',
    state: stateOf(state),
    mark: markOf(name),
  }
}

function stateOf(state: string): EngineContainer['state'] {
  if (state === 'running') return 'running'
  if (state === 'paused') return 'asleep'
  return state === 'restarting' ? 'starting' : 'stopped'
}
