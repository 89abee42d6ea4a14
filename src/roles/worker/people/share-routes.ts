import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { OmegaError } from '../../../core/errors.ts'
import { isLocalPath } from '../../../core/host-name.ts'
import { shareGrants } from '../../../core/share.ts'
import { CreatedShare, RevokedShares, ShareList, ShareRequest, type ShareView } from '../../../core/wire/shares.ts'
import type { WebApp } from '../../../drivers/web-app.ts'
import type { Gate } from '../admission/gate.ts'
import type { Identity } from '../admission/identity.ts'
import type { Share, Shares } from '../admission/shares.ts'
import type { Guest } from '../admission/visitor.ts'

export interface ShareRoutesOptions {
  gate: Gate
  identity: Identity
  shares: Shares
  /** How many pages are open by a link. */
  pagesBy: (share: string) => number
}

/** `/_omega/shares`: links that let people in, for whoever may do everything here. */
export function registerShareRoutes(app: WebApp, { gate, identity, shares, pagesBy }: ShareRoutesOptions): void {
  const editorOf = (request: FastifyRequest): Guest => {
    const guest = gate.guestOf(request.raw)
    if (guest.access === 'edit') return guest
    throw new OmegaError('FORBIDDEN', 'You may look at this sandbox. Its links are for those who may edit it.')
  }
  const view = ({ id, access, port, createdAt, expiresAt }: Share): ShareView => ({
    id,
    access,
    ...(port === undefined ? {} : { port }),
    createdAt: new Date(createdAt).toISOString(),
    ...(expiresAt === 0 ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    here: pagesBy(id),
    grants: shareGrants(access, port),
  })

  app.post('/_omega/shares', { schema: { body: ShareRequest, response: { 200: CreatedShare } } }, (request) => {
    const parent = editorOf(request).share
    const { access, port, path = '/', expiresIn } = request.body
    if (access !== undefined && port !== undefined) {
      throw new OmegaError(
        'INVALID_REQUEST',
        'A link is for the sandbox (`access`) or for one port (`port`), not both.',
      )
    }
    if (!isLocalPath(path)) throw new OmegaError('INVALID_REQUEST', 'The path must begin with one slash.')
    const what = port === undefined ? (access ?? 'look') : 'preview'
    const { share, token } = shares.create({ access: what, port, expiresIn, parent })
    return { ...view(share), url: gate.shareLink(request.raw, identity.claimed, port, token, path) }
  })

  app.get('/_omega/shares', { schema: { response: { 200: ShareList } } }, (request) => {
    editorOf(request)
    return { shares: shares.list().map(view) }
  })

  const params = Type.Object({ id: Type.String({ maxLength: 64 }) })
  app.delete('/_omega/shares/:id', { schema: { params, response: { 200: RevokedShares } } }, (request) => {
    editorOf(request)
    return { revoked: shares.revoke(request.params.id) }
  })
}
