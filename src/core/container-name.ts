import type { ContainerMark } from './container.ts'

/**
 * A container's name in the engine says whose it is, since a name can be changed and a label cannot:
 *
 *     omega-pool-KEY                                     nobody's yet
 *     omega-SUBDOMAIN.NAME.SANDBOXID.pPORT               a sandbox's
 *     omega-SUBDOMAIN.NAME.SANDBOXID.pPORT.xEXPIRES.off  ... with an end of its life (base 36), stopped on purpose
 *     omega-SUBDOMAIN.NAME.SANDBOXID.pPORT.was           ... until the one that takes its place is there
 *     omega-SUBDOMAIN.NAME.SANDBOXID.pPORT.out           ... on its way to another host
 *
 * Renaming is one durable step of the engine. Subdomains and names are DNS labels, so no part has a dot.
 */
const taken =
  /^omega-([a-z][a-z0-9-]{0,62})\.([a-z][a-z0-9-]{0,62})\.(sb_[0-9a-z]{26})\.p([1-9]\d{0,4})(?:\.x([0-9a-z]{1,11}))?(\.off)?(\.was)?(\.out)?$/

/** What names of ours look like, for filters and the closed description. */
export const POOL_NAME = '^omega-pool-ct_[0-9a-z]{20}$'

export function poolName(key: string): string {
  return `omega-pool-${key}`
}

export function nameOf(mark: ContainerMark): string {
  const { subdomain, name, sandboxId, port, expiresAt, stopped, replaced, leaving } = mark
  const end = expiresAt > 0 ? `.x${expiresAt.toString(36)}` : ''
  const marks = `${stopped ? '.off' : ''}${replaced ? '.was' : ''}${leaving ? '.out' : ''}`
  return `omega-${subdomain}.${name}.${sandboxId}.p${port}${end}${marks}`
}

/** Undefined for a name that no sandbox has taken. */
export function markOf(containerName: string): ContainerMark | undefined {
  const [, subdomain, name, sandboxId, port, expires, off, was, out] = taken.exec(containerName) ?? []
  if (subdomain === undefined || name === undefined || sandboxId === undefined) return undefined
  return {
    sandboxId,
    subdomain,
    name,
    port: Number(port),
    expiresAt: expires === undefined ? 0 : Number.parseInt(expires, 36),
    stopped: off !== undefined,
    ...(was === undefined ? {} : { replaced: true }),
    ...(out === undefined ? {} : { leaving: true }),
  }
}
