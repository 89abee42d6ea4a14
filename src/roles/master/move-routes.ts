import { Type } from 'typebox'
import { SandboxView } from '../../core/wire/http.ts'
import { mayLackBody, type WebApp } from '../../drivers/web-app.ts'
import type { Moves } from './moves.ts'
import { byId } from './sandbox-routes.ts'
import { sandboxView } from './views.ts'

/** Sandboxes from one host to another. */
export function registerMoveRoutes(app: WebApp, { moves, domain }: { moves: Moves; domain: string }): void {
  app.post(
    '/v1/sandboxes/:id/move',
    {
      preValidation: mayLackBody,
      schema: {
        summary: 'Move a sandbox to another host',
        description:
          'With its files and snapshots; name and token stay, its processes are new ones, its port changes only if it is taken there. Answers when it can be used.',
        tags: ['sandboxes'],
        params: byId,
        body: Type.Object(
          {
            host: Type.Optional(
              Type.String({ maxLength: 45, description: 'Its address; the least loaded if absent.' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: SandboxView },
      },
    },
    async (request) => sandboxView(await moves.move(request.params.id, request.body.host), domain),
  )
}
