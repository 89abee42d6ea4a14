import type { FastifyRequest } from 'fastify'
import { OmegaError } from '../../core/errors.ts'
import type { Host, NewHost } from '../../core/host.ts'
import type { HostProvider, Machine } from '../../core/host-provider.ts'
import type { Launch, LaunchStore } from '../../core/launch.ts'
import { quote } from '../../core/names.ts'
import { bearerOf, derive, hashToken, sameSecret } from '../../drivers/credentials.ts'
import { call } from '../../drivers/http-client.ts'
import type { Logger } from '../../drivers/log.ts'
import { isLaunchToken } from './launch-token.ts'

export interface ManagerAccessParts {
  secret: string
  /** Where the fleet gets hosts by itself. */
  scaling?: { launches: LaunchStore; provider: Pick<HostProvider, 'list'> }
  log: Logger
}

/** Longer than a manager that is there takes to answer, shorter than one that joins wants to wait. */
export const ALIVE_TIMEOUT_MS = 1_500
const MACHINES_KNOWN_MS = 5_000

const refused = () =>
  new OmegaError(
    'UNAUTHENTICATED',
    'The join token is missing, wrong, or was used already. `omega host join-token` prints one that is good.',
  )

/**
 * Who may speak for a host: whoever has the fleet's join token, the host's own key, which it got when it joined, or, to
 * join, the one-use token of the launch that made its machine.
 */
export class ManagerAccess {
  readonly #parts: ManagerAccessParts
  readonly #joinToken: string
  /** Hosts that have shown their own key. */
  readonly #known = new Set<string>()
  #machines: { at: number; list: Promise<Machine[]> } | undefined

  constructor(parts: ManagerAccessParts) {
    this.#parts = parts
    this.#joinToken = derive(parts.secret, 'join')
  }

  keyOf(address: string): string {
    return derive(this.#parts.secret, `host/${address}`)
  }

  /** For everything but joining: the join token is every manager's, and says nothing of whose word this is. */
  async check(request: FastifyRequest, address: string): Promise<void> {
    const token = bearerOf(request.headers.authorization)
    if (token === undefined || !sameSecret(token, this.keyOf(address))) throw refused()
    await this.#usesOwnKey(address)
  }

  /** Before what it says is looked at: whether it has a token for joining at all. `body` is not checked yet. */
  async checkJoin({ headers, body }: FastifyRequest): Promise<void> {
    const token = bearerOf(headers.authorization)
    const { address } = (body ?? {}) as { address?: unknown }
    if (token === undefined) throw refused()
    if (sameSecret(token, this.#joinToken)) return
    if (typeof address === 'string' && sameSecret(token, this.keyOf(address))) return
    if (!(await this.#launchOf(token))) throw refused()
  }

  /**
   * After `checkJoin`. With the join token nobody gets the key of a manager that has it and answers; a key is good where
   * its host is known, or its provider has a machine there; a host of a launch must be where its provider says.
   */
  async join({ headers }: FastifyRequest, host: NewHost, known: Host | undefined): Promise<void> {
    const token = bearerOf(headers.authorization) ?? ''
    if (sameSecret(token, this.#joinToken)) return this.#checkVacant(known)
    const { scaling, log } = this.#parts
    if (sameSecret(token, this.keyOf(host.address))) {
      if (!known && scaling && !(await this.#isMachine(host.address))) throw refused()
      return this.#usesOwnKey(host.address)
    }
    const launch = await this.#launchOf(token)
    if (!scaling || !launch) throw refused()
    // Of two machines with one tag, only the one on record is the launch's.
    const isIts = ({ id, launchId }: Machine) =>
      launch.machineId === '' ? launchId === launch.id : id === launch.machineId
    if (!(await scaling.provider.list()).some((each) => isIts(each) && runsAt(each, host.address))) {
      log.error({ launch: launch.id, address: host.address }, 'a host wants to join that its provider does not know so')
      throw new OmegaError(
        'FORBIDDEN',
        `The machine of ${launch.id} is not at ${quote(host.address)}, as its provider says. Its manager must give the machine's own address.`,
      )
    }
    if (!(await scaling.launches.join(launch.joinHash, host.address))) throw refused()
  }

  /** One that answers to its key has it, and needs no other: somebody else asks for it. */
  async #checkVacant(known: Host | undefined): Promise<void> {
    if (!known) return
    const has = await call(`${known.apiUrl}/v1/containers`, {
      token: this.keyOf(known.address),
      timeoutMs: ALIVE_TIMEOUT_MS,
    }).then(
      () => true,
      () => false,
    )
    if (!has) return
    throw new OmegaError(
      'CONFLICT',
      `The host ${known.address} has a manager already, at ${known.apiUrl}, which answers to its own key. Stop that one first, or give this one another --address.`,
    )
  }

  async #isMachine(address: string): Promise<boolean> {
    const { scaling } = this.#parts
    if (!scaling) return false
    // A whole fleet may come at once, to a store that was emptied.
    if (!this.#machines || Date.now() - this.#machines.at > MACHINES_KNOWN_MS) {
      this.#machines = { at: Date.now(), list: scaling.provider.list() }
    }
    return (await this.#machines.list).some((each) => runsAt(each, address))
  }

  async #launchOf(token: string): Promise<Launch | undefined> {
    const { scaling, log } = this.#parts
    const [launchId = ''] = token.split('.')
    if (!scaling || !isLaunchToken(this.#parts.secret, token)) return undefined
    const launch = (await scaling.launches.list()).find(({ joinHash }) => joinHash === hashToken(token))
    if (!launch) log.error({ launch: launchId }, 'a join token was used before')
    return launch
  }

  /** It got its key: the token of its launch has done its work. */
  async #usesOwnKey(address: string): Promise<void> {
    if (this.#known.has(address)) return
    await this.#parts.scaling?.launches.burn(address)
    this.#known.add(address)
  }
}

const runsAt = ({ state, ...machine }: Machine, address: string) =>
  (state === 'running' || state === 'pending') && [machine.address, machine.publicAddress].includes(address)
