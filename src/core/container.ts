import { type Static, Type } from 'typebox'

/** What one sandbox may use of its host. */
export interface Limits {
  memoryMiB: number
  /** CPUs, may be a fraction. */
  cpus: number
  /** Processes and threads. */
  pids: number
}

/** What the manager is asked to run for a sandbox. */
export const ContainerRequest = Type.Object(
  {
    sandboxId: Type.String({ pattern: '^sb_[0-9a-z]{26}$' }),
    subdomain: Type.String({ pattern: '^[a-z][a-z0-9-]{0,62}$' }),
    name: Type.String({ maxLength: 63 }),
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
  },
  { additionalProperties: false },
)
export type ContainerRequest = Static<typeof ContainerRequest>

export const ContainerStatus = Type.Object({
  sandboxId: Type.String(),
  subdomain: Type.String(),
  template: Type.String(),
  state: Type.Union([Type.Literal('starting'), Type.Literal('running'), Type.Literal('stopped')]),
  /** The host port the worker answers on. */
  port: Type.Integer(),
  /** How long each phase took when this call did it; absent when the container was there already. */
  timings: Type.Optional(Type.Record(Type.String(), Type.Number())),
})
export type ContainerStatus = Static<typeof ContainerStatus>

/** What an engine is told to make: everything a restarted manager needs comes back from `list`. */
export interface ContainerSpec {
  sandboxId: string
  subdomain: string
  template: string
  /** The host port to publish the worker on. */
  port: number
  /** The zone, so that dev servers can be told which Host names to expect. */
  domain: string
  /** SHA-256 of the token in the only claim its worker shall take, base64url: whoever comes first with another is refused. */
  claimHash: string
  limits: Limits
}

export interface EngineContainer {
  sandboxId: string
  subdomain: string
  template: string
  state: 'starting' | 'running' | 'stopped'
  port: number
  /** Whether a sandbox's claim was taken by its worker (see `confirm`); what is not claimed may be removed. */
  claimed: boolean
}

/**
 * Runs workers: Docker containers, or plain processes where no engine answers. It holds the only truth about what runs
 * on a host; a manager keeps none of its own. Effects are keyed by sandbox id.
 */
export interface ContainerEngine {
  readonly runtime: 'docker' | 'process'
  /**
   * Makes and starts it, unclaimed; what is there already is started if need be. `portTaken` asks for another port;
   * nothing is left behind then. `isNew` saves the look for one that is there,
   * for a caller who has just looked. Rejects with UNKNOWN_TEMPLATE, CREATE_FAILED or ENGINE_UNAVAILABLE.
   */
  start(
    spec: ContainerSpec,
    isNew?: boolean,
  ): Promise<
    { outcome: 'started' | 'existed'; port: number; timings: Record<string, number> } | { outcome: 'portTaken' }
  >
  /** Marks it as claimed, for good: a manager that was killed tells by this mark what was finished. */
  confirm(sandboxId: string): Promise<void>
  /** One container as it is now, with how often it was started again after its worker ended. */
  inspect(sandboxId: string): Promise<(EngineContainer & { restarts: number }) | undefined>
  /** Starts what is there but stopped. Nothing there, or running already, is no error. */
  resume(sandboxId: string): Promise<void>
  /** Stops it, keeping its files. */
  stop(sandboxId: string): Promise<void>
  /** Stops and deletes it with its files. Nothing there is no error. */
  remove(sandboxId: string): Promise<void>
  /** All containers of this host, running or not. */
  list(): Promise<EngineContainer[]>
  /** What it wrote to stdout and stderr, oldest first, at most `tail` lines. */
  logs(sandboxId: string, tail: number): Promise<string>
  /** Address and port at which this host reaches the worker. */
  reach(container: Pick<EngineContainer, 'sandboxId' | 'port'>): { address: string; port: number }
  /** Answers when containers can be started; rejects with ENGINE_UNAVAILABLE. */
  ping(): Promise<void>
  /** Names of the templates that can be started here. */
  templates(): Promise<string[]>
  close(): Promise<void>
}
