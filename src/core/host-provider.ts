/** What may be asked of a provider: a kind of machine, where, and on which terms. */
export interface Offering {
  /** As the provider calls it: `m7i.large`. */
  type: string
  /** A zone or a subnet; the provider's choice if absent. */
  place?: string
  /** `spot` is cheaper and may be taken back. */
  market: 'spot' | 'on-demand'
  /** US dollars an hour, as the operator estimates it; 0 if absent. */
  hourly?: number
}

/** One machine to be launched. Everything that must be known again after a crash is derived from the launch's record. */
export interface LaunchOrder {
  launchId: string
  offering: Offering
  /** The same token never makes two machines. */
  token: string
  /** A script its first boot runs as root. */
  userData: string
}

/**
 * pending   accepted, not running yet
 * running   it costs money
 * stopped   it has its disk and nothing else
 * ending    it is on its way out
 * gone      there is nothing left of it
 */
export type MachineState = 'pending' | 'running' | 'stopped' | 'ending' | 'gone'

/** A machine as its provider has it. */
export interface Machine {
  id: string
  /** What it was launched for; undefined where the tag is missing. */
  launchId?: string
  state: MachineState
  /** Addresses it can be reached at from inside the provider's network, and from outside. */
  address?: string
  publicAddress?: string
  /** Milliseconds since the epoch. */
  launchedAt: number
  /** An operator said that it stays. */
  isKept: boolean
  /** Why it ended, in the provider's words. */
  reason?: string
}

/**
 * What a provider's refusal means for the next attempt:
 *
 * offering  this kind is not to be had there now: the next one
 * account   the account may not have more of it: nothing of this kind for a while, and the operator should know
 * later     not now (throttled, out of order, no answer): the same order with the same token again
 * never     the order itself is wrong: nothing until the operator has put it right
 */
export type RefusalKind = 'offering' | 'account' | 'later' | 'never'

export class LaunchRefused extends Error {
  override readonly name = 'LaunchRefused'
  readonly kind: RefusalKind
  /** The provider's own word for it. */
  readonly code: string

  constructor(kind: RefusalKind, code: string, message: string) {
    super(message)
    this.kind = kind
    this.code = code
  }
}

/** Where hosts come from. It keeps nothing: what it was asked for is on record elsewhere. */
export interface HostProvider {
  readonly name: string
  /** Rejects with LaunchRefused; after `later` nobody knows whether there is a machine. */
  launch(order: LaunchOrder): Promise<Machine>
  /** All machines of this fleet, those that are going too. Rejects when it could not see all of them: never a part. */
  list(): Promise<Machine[]>
  /** Ends machines for good; one that has ended is no error. */
  terminate(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}
