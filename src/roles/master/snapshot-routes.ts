import { Type } from 'typebox'
import type { Snapshot } from '../../core/snapshot.ts'
import { NewSnapshot, SandboxView, SnapshotView, SnapshotViews } from '../../core/wire/http.ts'
import type { ManagerClient } from '../../drivers/manager-client.ts'
import { mayLackBody, type WebApp } from '../../drivers/web-app.ts'
import type { Lifecycle } from './lifecycle.ts'
import { byId } from './sandbox-routes.ts'
import type { States } from './states.ts'
import type { Stories } from './stories.ts'
import { sandboxView } from './views.ts'

const ONE = '/v1/sandboxes/:id/snapshots/:snapshot'
const byBoth = Type.Object({
  ...byId.properties,
  snapshot: Type.String({ minLength: 1, maxLength: 63, description: 'Id or name of a snapshot.' }),
})

export interface SnapshotParts {
  lifecycle: Lifecycle
  states: States
  stories: Stories
  managers: Pick<ManagerClient, 'snapshots' | 'takeSnapshot' | 'removeSnapshot'>
  domain: string
}

const viewOf = ({ id, name, createdAt, bytes }: Snapshot): SnapshotView => ({
  ...{ id, name, bytes },
  createdAt: new Date(createdAt).toISOString(),
})

/** `/v1/sandboxes/{id}/snapshots`: its files as they were, kept by its host's engine as long as the sandbox is there. */
export function registerSnapshotRoutes(
  app: WebApp,
  { lifecycle, states, stories, managers, domain }: SnapshotParts,
): void {
  app.get(
    '/v1/sandboxes/:id/snapshots',
    {
      schema: {
        summary: 'The snapshots of a sandbox, oldest first',
        tags: ['sandboxes'],
        params: byId,
        response: { 200: SnapshotViews },
      },
    },
    async (request) => {
      const sandbox = await lifecycle.find(request.params.id)
      const snapshots = await managers.snapshots(await states.hostOf(sandbox), sandbox.id)
      return { snapshots: snapshots.map(viewOf) }
    },
  )

  app.post(
    '/v1/sandboxes/:id/snapshots',
    {
      preValidation: mayLackBody,
      schema: {
        summary: 'Keep the files of a sandbox as they are now',
        description: 'All it has written, packages too, whatever state it is in; it goes on undisturbed.',
        tags: ['sandboxes'],
        params: byId,
        body: NewSnapshot,
        response: { 201: SnapshotView },
      },
    },
    async (request, reply) => {
      const sandbox = await lifecycle.find(request.params.id)
      const taken = await managers.takeSnapshot(await states.hostOf(sandbox), sandbox.id, request.body.name)
      await stories.note(sandbox.id, 'snapshot', { name: taken.name, bytes: taken.bytes })
      return reply.code(201).send(viewOf(taken))
    },
  )

  app.delete(
    ONE,
    {
      schema: {
        summary: 'Delete a snapshot',
        description: 'The sandbox, and forks that were made of it, stay as they are.',
        tags: ['sandboxes'],
        params: byBoth,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const sandbox = await lifecycle.find(request.params.id)
      await managers.removeSnapshot(await states.hostOf(sandbox), sandbox.id, request.params.snapshot)
      return reply.code(204).send(null)
    },
  )

  app.post(
    `${ONE}/restore`,
    {
      schema: {
        summary: 'Put the files of a sandbox back to those of a snapshot',
        description:
          'What was written since is gone, its processes are new ones; name, address, token and snapshots stay. Answers when it can be used.',
        tags: ['sandboxes'],
        params: byBoth,
        response: { 200: SandboxView },
      },
    },
    async (request) => {
      const sandbox = await lifecycle.find(request.params.id)
      return sandboxView(await states.restore(sandbox, request.params.snapshot), domain)
    },
  )
}
