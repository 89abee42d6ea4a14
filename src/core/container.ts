import { type Static, Type } from 'typebox'
import type { ContainerDisk } from './container-disk.ts'
import { OmegaError } from './errors.ts'
import { GitSource } from './git-source.ts'
import type { Snapshot } from './snapshot.ts'

/** What one sandbox may use of its host. */
export interface Limits {
  memoryMiB: number
  /** CPUs, may be a fraction. */
  cpus: number
  /** Processes and threads. */
  pids: number
  /** Bytes it may write to its disk; absent or 0 for no limit. */
  diskBytes?: number
}

/** What the manager is asked to run for a sandbox. */
export const ContainerRequest = Type.Object(
  {
    sandboxId: Type.String({ pattern: '^sb_[0-9a-z]{26}$' }),
    subdomain: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
    name: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
    template: Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }),
    /** The zone, without a trailing dot. */
    domain: Type.String({ pattern: '^[a-z0-9.-]{1,253}$' }),
    /** The sandbox's own token; travels to the worker in its claim, never in the container's description. */
    token: Type.String({ minLength: 20, maxLength: 200 }),
    /** Where the worker sends a browser that has no session yet, e.g. `http://omega.localhost:8080`. */
    masterUrl: Type.String({ maxLength: 300 }),
    /** Variables for the sandbox's processes. */
    env: Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }), Type.String({ maxLength: 32_768 }), {
      additionalProperties: false,
    }),
    /** What its worker clones in the place of the template's files. */
    git: Type.Optional(GitSource),
    /** End of its life, milliseconds since the epoch; 0 or absent for never. */
    expiresAt: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  },
  { additionalProperties: false },
)
export type ContainerRequest = Static<typeof ContainerRequest>

/**
 * starting  its worker does not answer yet
 * running   its worker answers
 * asleep    frozen: its processes are there and get no time
 * stopped   only its files are there
 */
export const ContainerState = Type.Union([
  Type.Literal('starting'),
  Type.Literal('running'),
  Type.Literal('asleep'),
  Type.Literal('stopped'),
])
export type ContainerState = Static<typeof ContainerState>

/** Where a sandbox's container came from: made before it was asked for, made for it, or made of another one's files. */
export const ContainerOrigin = Type.Union([Type.Literal('pool'), Type.Literal('start'), Type.Literal('copy')])
export type ContainerOrigin = Static<typeof ContainerOrigin>

export const ContainerStatus = Type.Object({
  sandboxId: Type.String(),
  subdomain: Type.String(),
  name: Type.String(),
  template: Type.String(),
  state: ContainerState,
  /** The host port its door listens on. */
  port: Type.Integer(),
  /** When the container was made, milliseconds since the epoch. */
  createdAt: Type.Integer(),
  /** End of its life, 0 for never. */
  expiresAt: Type.Integer(),
  /** Whether the manager knows the sandbox's token, without which nobody can wake it; `PUT` tells it again. */
  hasToken: Type.Boolean(),
  /** How long each phase took, in milliseconds, when this call did it; absent when there was nothing to do. */
  timings: Type.Optional(Type.Record(Type.String(), Type.Number())),
  origin: Type.Optional(ContainerOrigin),
  /** On its way to another host: its processes have ended, and nobody wakes it here. */
  leaving: Type.Optional(Type.Literal(true)),
})
export type ContainerStatus = Static<typeof ContainerStatus>

/** What an engine is told to make. It is nobody's yet: a sandbox takes it later (see `ContainerMark`). */
export interface ContainerSpec {
  /** The engine's handle for it, see `newContainerKey`. */
  key: string
  template: string
  /** The zone, so that dev servers can be told which Host names to expect. */
  domain: string
  /** SHA-256 of the key in the only claim its worker shall take, base64url: whoever comes first with another is refused. */
  claimHash: string
  limits: Limits
}

/** Whose a container is: written on it when a sandbox takes it, and kept by the engine through any restart. */
export interface ContainerMark {
  sandboxId: string
  subdomain: string
  name: string
  /** The host port its door listens on. */
  port: number
  /** End of its life, 0 for never. */
  expiresAt: number
  /** Stopped on purpose: it is not started again until somebody asks for it. */
  stopped: boolean
  /** Another container is about to take its place: it counts only as long as that one is not there. */
  replaced?: boolean
  /** On its way to another host: nothing starts it here until it is told to stay. */
  leaving?: boolean
}

export interface EngineContainer {
  key: string
  template: string
  domain: string
  state: ContainerState
  createdAt: number
  /** Undefined while it is nobody's. */
  mark: ContainerMark | undefined
  /** Where this host reaches the worker; undefined while it does not run. */
  at: { address: string; port: number } | undefined
}

/** How long the phases of a start took, in milliseconds. */
export type Timings = Record<string, number>

/** The snapshots of a host's sandboxes. What is there already, or is not, is no error. */
export interface SnapshotStore {
  /** Keeps the files of a container as they are now, asleep, stopped or running; whole or not at all. */
  take(key: string, snapshot: Omit<Snapshot, 'bytes'>): Promise<Snapshot>
  /** All of them, oldest first. */
  list(): Promise<Snapshot[]>
  /** Containers that were made of it stay as they are. */
  remove(id: string): Promise<void>
  /** All of these as one archive for another host's `unpack`; CONFLICT where the engine cannot. */
  pack(ids: readonly string[]): Promise<AsyncIterable<Uint8Array>>
  /** Snapshots of another host become this one's. */
  unpack(sandboxId: string, archive: AsyncIterable<Uint8Array>): Promise<void>
}

/** The engine will never start it again; its files can still be copied. */
export class StuckContainer extends OmegaError {}

/**
 * Runs workers: Docker containers, or plain processes where no engine answers. It holds the only truth about what runs
 * on a host; a manager keeps none of its own. A container is told by its key; one that is not there is no error for
 * `stop` and `remove`, and SANDBOX_NOT_FOUND for the rest. An engine that is away rejects with ENGINE_UNAVAILABLE.
 */
export interface ContainerEngine {
  readonly runtime: 'docker' | 'process'
  /** How full its containers' layers are; undefined where they are not told apart. */
  readonly disk?: ContainerDisk | undefined
  readonly snapshots: SnapshotStore
  /** Makes and starts one that is nobody's. Rejects with UNKNOWN_TEMPLATE or CREATE_FAILED, and leaves nothing then. */
  start(spec: ContainerSpec): Promise<{ container: EngineContainer; timings: Timings }>
  /** Makes and starts another one, which is nobody's, with the files of a container as they are now or of a snapshot. */
  copy(source: string, spec: ContainerSpec): Promise<{ container: EngineContainer; timings: Timings }>
  /** Writes the mark on it, in place of the one before. */
  mark(key: string, mark: ContainerMark): Promise<void>
  /** One container as it is now, with how often it was started again after its worker ended. */
  inspect(key: string): Promise<(EngineContainer & { restarts: number }) | undefined>
  /** Starts one that is stopped, wakes one that is asleep; gives it as it is then. May reject with StuckContainer. */
  resume(key: string): Promise<EngineContainer>
  /** Takes the time from its processes, leaving them as they are. Asleep or stopped already is no error. */
  freeze(key: string): Promise<void>
  /** Ends its processes, keeping its files; whether it is started again by itself is for its mark to say. */
  stop(key: string): Promise<void>
  /** Stops and deletes it with its files. */
  remove(key: string): Promise<void>
  /** All containers of this host, running or not. */
  list(): Promise<EngineContainer[]>
  /** What it wrote to stdout and stderr, oldest first, at most `tail` lines. */
  logs(key: string, tail: number): Promise<string>
  /** Answers when containers can be started. */
  ping(): Promise<void>
  /** Removes what copies and snapshots have left and nothing is made of any more. */
  sweep(): Promise<void>
  /** Names of the templates that can be started here. */
  templates(): Promise<string[]>
  close(): Promise<void>
}
