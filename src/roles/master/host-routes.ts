import { BlockList, isIP } from 'node:net'
import { Type } from 'typebox'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import { type Host, NewHost } from '../../core/host.ts'
import { quote } from '../../core/names.ts'
import { HostList, HostView } from '../../core/wire/http.ts'
import { Beat, Registered } from '../../core/wire/manager.ts'
import { call } from '../../drivers/http-client.ts'
import type { Logger } from '../../drivers/log.ts'
import { mayLackBody, type WebApp } from '../../drivers/web-app.ts'
import type { Evacuation } from './evacuation.ts'
import type { Lifecycle } from './lifecycle.ts'
import { ALIVE_TIMEOUT_MS, type ManagerAccess } from './manager-access.ts'
import type { States } from './states.ts'
import { hostView } from './views.ts'

const byAddress = Type.Object({ id: Type.String({ maxLength: 45, description: "The host's address." }) })

const unknown = (address: string) =>
  new OmegaError('HOST_NOT_FOUND', `There is no host ${quote(address)}. \`omega host list\` shows those there are.`)

/** For operators: the hosts and their fill. */
export function registerHostRoutes(app: WebApp, store: FleetStore): void {
  app.get(
    '/v1/hosts',
    { schema: { summary: 'List hosts', tags: ['hosts'], response: { 200: HostList } } },
    async () => ({ hosts: (await store.listHosts()).map(hostView) }),
  )

  for (const draining of [true, false]) {
    app.post(
      `/v1/hosts/:id/${draining ? 'drain' : 'undrain'}`,
      {
        schema: {
          summary: draining ? 'Give a host no new sandboxes' : 'Give it sandboxes again',
          tags: ['hosts'],
          params: byAddress,
          response: { 200: HostView },
        },
      },
      async (request) => {
        const host = await store.setDraining(request.params.id, draining)
        if (!host) throw unknown(request.params.id)
        return hostView(host)
      },
    )
  }

  app.delete(
    '/v1/hosts/:id',
    { schema: { summary: 'Forget an empty host', tags: ['hosts'], params: byAddress, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const outcome = await store.removeHost(request.params.id)
      if (outcome === 'unknown') throw unknown(request.params.id)
      if (outcome === 'inUse') {
        throw new OmegaError('CONFLICT', 'The host still has sandboxes. Drain it and delete them first.')
      }
      return reply.code(204).send(null)
    },
  )
}

/** No browser is ever sent there: metadata services, every machine and none, groups. */
const unfit = new BlockList()
unfit.addSubnet('169.254.0.0', 16)
unfit.addSubnet('0.0.0.0', 8)
unfit.addSubnet('224.0.0.0', 3)
unfit.addSubnet('fe80::', 10, 'ipv6')
unfit.addSubnet('ff00::', 8, 'ipv6')
unfit.addAddress('::', 'ipv6')

/**
 * The join token is every manager's: it must not do to send others' sandboxes elsewhere. A known host may move to
 * another API address only when nobody answers at its old one.
 */
async function admit(host: NewHost, known: Host | undefined): Promise<void> {
  const family = isIP(host.address)
  if (family === 0 || unfit.check(host.address, family === 6 ? 'ipv6' : 'ipv4')) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `${quote(host.address)} cannot be a host's address. Allowed is an IP address that browsers can reach; give it with --address.`,
    )
  }
  if (!known || known.apiUrl === host.apiUrl) return
  const alive = await call(`${known.apiUrl}/healthz`, { timeoutMs: ALIVE_TIMEOUT_MS }).then(
    () => true,
    (error) => error instanceof OmegaError && !['UNREACHABLE', 'TIMEOUT'].includes(error.code),
  )
  if (alive) {
    throw new OmegaError(
      'CONFLICT',
      `The host ${host.address} has a manager already, at ${known.apiUrl}, and it answers. Stop that one first, or give this one another --address.`,
    )
  }
}

export interface ManagerParts {
  store: FleetStore
  lifecycle: Lifecycle
  states: States
  managerAccess: ManagerAccess
  evacuation: Evacuation
  domain: string
  log: Logger
}

/** For managers: register, and be heard of. */
export function registerManagerRoutes(
  app: WebApp,
  { store, lifecycle, states, managerAccess, evacuation, domain, log }: ManagerParts,
): void {
  app.post(
    '/v1/hosts',
    {
      preValidation: (request) => managerAccess.checkJoin(request),
      schema: { summary: 'Join the fleet', tags: ['managers'], body: NewHost, response: { 200: Registered } },
    },
    async (request) => {
      const { body: host } = request
      const known = await store.findHost(host.address)
      await managerAccess.join(request, host, known)
      await admit(host, known)
      await store.register(host)
      return { hostKey: managerAccess.keyOf(host.address), domain }
    },
  )

  /** Its provider takes the machine back in a moment: what is on it goes elsewhere. */
  const leave = async (address: string) => {
    const host = await store.findHost(address)
    if (host?.state === 'ready' || host?.state === 'pressured') {
      log.warn({ host: address, load: host.load }, 'the machine of a host is taken back: its sandboxes move')
      await store.setDraining(address, true)
    }
    await evacuation.look(address, 'all')
  }

  app.post(
    '/v1/hosts/:id/beat',
    {
      preValidation: async (request) => {
        await managerAccess.check(request, request.params.id)
        await mayLackBody(request)
      },
      schema: {
        summary: 'Be heard of, and tell how the host is and what became of sandboxes',
        description: 'A change may be told again until it was answered; a repeat does nothing.',
        tags: ['managers'],
        params: byAddress,
        body: Beat,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { load, changes = [] } = request.body
      if (!(await store.beat(id, load))) throw unknown(id)
      if (load?.leavesAt !== undefined) await leave(id)
      for (const change of changes) {
        const { state } = change
        if (state === 'kept') await lifecycle.keep(id, change)
        else await states.told(id, { ...change, state })
      }
      return reply.code(204).send(null)
    },
  )
}
