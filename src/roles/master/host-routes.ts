import { Type } from 'typebox'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import { NewHost } from '../../core/host.ts'
import { quote } from '../../core/names.ts'
import { HostList, HostView } from '../../core/wire/http.ts'
import { Registered } from '../../core/wire/manager.ts'
import { derive } from '../../drivers/credentials.ts'
import type { WebApp } from '../../drivers/web-app.ts'
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

/** For managers, who come with the join token: register, and be heard of. */
export function registerManagerRoutes(app: WebApp, store: FleetStore, secret: string): void {
  app.post(
    '/v1/hosts',
    { schema: { summary: 'Join the fleet', tags: ['managers'], body: NewHost, response: { 200: Registered } } },
    async (request) => {
      await store.register(request.body)
      return { hostKey: derive(secret, `host/${request.body.address}`) }
    },
  )

  app.post(
    '/v1/hosts/:id/beat',
    { schema: { summary: 'Be heard of', tags: ['managers'], params: byAddress, response: { 204: Type.Null() } } },
    async (request, reply) => {
      if (!(await store.beat(request.params.id))) throw unknown(request.params.id)
      return reply.code(204).send(null)
    },
  )
}
