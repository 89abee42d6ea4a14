import type { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { shareLasts } from '../core/share.ts'
import type { CreatedShare, RevokedShares, ShareList, ShareRequest, ShareView } from '../core/wire/shares.ts'
import { openClient } from './client.ts'
import { parseDuration } from './duration.ts'
import { age, print, printJson, say, table } from './output.ts'

type Flags = Record<string, unknown>

const pathOf = (name: string, rest = '') => `/v1/sandboxes/${encodeURIComponent(name)}/shares${rest}`

/** `omega sandbox share|shares|unshare`: links for people without an account. */
export function addShareCommands(add: (usage: string, summary: string, example: string) => Command): void {
  add('share <NAME>', 'make a link for people without an account', 'omega sandbox share my-app --access edit --for 1d')
    .option(
      '--access <ACCESS>',
      'look (see everything, change nothing) or edit (everything, commands too); default look',
    )
    .option('--port <PORT>', "only this port's preview, and nothing of the sandbox itself")
    .option('--path <PATH>', 'where the link leads', '/')
    .option('--for <TIME>', 'how long it works: 1h, 7d, ...; or ever, until it is revoked', '7d')
    .option('--json', 'print one JSON document')
    .action(share)
  add('shares <NAME>', 'list the links of a sandbox', 'omega sandbox shares my-app')
    .option('--json', 'print one JSON document')
    .action(list)
  add('unshare <NAME> <ID>', 'end a link and all who came by it', 'omega sandbox unshare my-app sh_5f0c1d2e3a4b5968')
    .option('--json', 'print one JSON document')
    .action(unshare)
}

async function share(name: string, flags: Flags): Promise<void> {
  const expiresIn = flags.for === 'ever' ? undefined : parseDuration('for', String(flags.for))
  const body: ShareRequest = {
    ...whatOf(flags),
    ...(flags.path === '/' ? {} : { path: String(flags.path) }),
    ...(expiresIn === undefined ? {} : { expiresIn }),
  }
  const created = await openClient(flags).call<CreatedShare>(pathOf(name), { body })
  if (flags.json) return printJson(created)
  say(`${created.grants} ${shareLasts(expiresIn)}`)
  say(`To end it: omega sandbox unshare ${name} ${created.id}`)
  print(created.url)
}

function whatOf({ access, port }: Flags): Pick<ShareRequest, 'access' | 'port'> {
  if (access !== undefined && access !== 'edit' && access !== 'look') {
    throw new OmegaError('INVALID_REQUEST', `--access is ${JSON.stringify(access)}. Allowed are look and edit.`)
  }
  if (port === undefined) return { access: access ?? 'look' }
  if (access !== undefined) {
    throw new OmegaError('INVALID_REQUEST', 'A link is for the sandbox (--access) or for one port (--port), not both.')
  }
  if (/^[1-9]\d{0,4}$/.test(String(port)) && Number(port) <= 65_535) return { port: Number(port) }
  throw new OmegaError('INVALID_REQUEST', `--port is ${JSON.stringify(port)}. Allowed are 1 to 65535.`)
}

async function list(name: string, flags: Flags): Promise<void> {
  const { shares } = await openClient(flags).call<ShareList>(pathOf(name))
  if (flags.json) return printJson(shares)
  if (shares.length === 0) return say('There are no links. `omega sandbox share` makes one.')
  const now = Date.now()
  const what = ({ access, port }: ShareView) => (port === undefined ? access : `port ${port}`)
  const left = ({ expiresAt }: ShareView) =>
    expiresAt === undefined ? 'until revoked' : age(new Date(now).toISOString(), Date.parse(expiresAt))
  const rows = shares.map((one) => [one.id, what(one), age(one.createdAt, now), left(one), String(one.here)])
  print(table(['ID', 'ACCESS', 'AGE', 'ENDS IN', 'PAGES OPEN'], rows))
}

async function unshare(name: string, id: string, flags: Flags): Promise<void> {
  const path = pathOf(name, `/${encodeURIComponent(id)}`)
  const { revoked } = await openClient(flags).call<RevokedShares>(path, { method: 'DELETE' })
  if (flags.json) return printJson({ revoked })
  for (const one of revoked) say(`${one} revoked`)
}
