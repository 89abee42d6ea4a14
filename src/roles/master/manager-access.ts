import type { FastifyRequest } from 'fastify'
import { OmegaError } from '../../core/errors.ts'
import type { NewHost } from '../../core/host.ts'
import type { HostProvider, Machine } from '../../core/host-provider.ts'
import type { Launch, LaunchStore } from '../../core/launch.ts'
import { quote } from '../../core/names.ts'
import { bearerOf, derive, hashToken, sameSecret } from '../../drivers/credentials.ts'
import type { Logger } from '../../drivers/log.ts'

export interface ManagerAccessParts {
  secret: string
  /** Where the fleet gets hosts by itself. */
  scaling?: { launches: LaunchStore; provider: Pick<HostProvider, 'list'> }
  log: Logger
}

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

  constructor(parts: ManagerAccessParts) {
    this.#parts = parts
    this.#joinToken = derive(parts.secret, 'join')
  }

  keyOf(address: string): string {
    return derive(this.#parts.secret, `host/${address}`)
  }

  /** For everything but joining. */
  async check(request: FastifyRequest, address: string): Promise<void> {
    const token = bearerOf(request.headers.authorization)
    if (token !== undefined && sameSecret(token, this.#joinToken)) return
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

  /** After `checkJoin`: a host of a launch must be where its provider says. */
  async join({ headers }: FastifyRequest, host: NewHost): Promise<void> {
    const token = bearerOf(headers.authorization) ?? ''
    if (sameSecret(token, this.#joinToken)) return
    if (sameSecret(token, this.keyOf(host.address))) return this.#usesOwnKey(host.address)
    const { scaling, log } = this.#parts
    const launch = await this.#launchOf(token)
    if (!scaling || !launch) throw refused()
    // Of two machines with one tag, only the one on record is the launch's.
    const isIts = ({ id, launchId, state, address, publicAddress }: Machine) =>
      (launch.machineId === '' ? launchId === launch.id : id === launch.machineId) &&
      (state === 'running' || state === 'pending') &&
      [address, publicAddress].includes(host.address)
    if (!(await scaling.provider.list()).some(isIts)) {
      log.error({ launch: launch.id, address: host.address }, 'a host wants to join that its provider does not know so')
      throw new OmegaError(
        'FORBIDDEN',
        `The machine of ${launch.id} is not at ${quote(host.address)}, as its provider says. Its manager must give the machine's own address.`,
      )
    }
    if (!(await scaling.launches.join(launch.joinHash, host.address))) throw refused()
  }

  async #launchOf(token: string): Promise<Launch | undefined> {
    const { scaling, log } = this.#parts
    const [launchId = ''] = token.split('.')
    if (!scaling || !launchId.startsWith('ln_')) return undefined
    const launch = (await scaling.launches.list()).find(({ joinHash }) => joinHash === hashToken(token))
    if (!launch) log.error({ launch: launchId }, 'a join token was used that is none, or was used before')
    return launch
  }

  /** It got its key: the token of its launch has done its work. */
  async #usesOwnKey(address: string): Promise<void> {
    if (this.#known.has(address)) return
    await this.#parts.scaling?.launches.burn(address)
    this.#known.add(address)
  }
}
