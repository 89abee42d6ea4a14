import type { Access, ShareAccess } from '../../../core/share.ts'

/** Who sends a request, as far as it is known. */
export interface Visitor {
  /** The sandbox's token itself, or a session. */
  by: 'bearer' | 'cookie'
  access: ShareAccess
  /** The link they came by; undefined for who has the sandbox's token or was signed in by the master. */
  share?: string
}

/** Somebody who may see the IDE's own host. */
export type Guest = Visitor & { access: Access }

const ranks: Record<ShareAccess, number> = { preview: 0, look: 1, edit: 2 }

/** How much a visitor may do; more is more. */
export function rankOf({ access, share }: Pick<Visitor, 'access' | 'share'>): number {
  return share === undefined ? 3 : ranks[access]
}
