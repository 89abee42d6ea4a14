import type { Command } from 'commander'
import { sizeText } from '../core/container-disk.ts'
import type { SandboxView, SnapshotView, SnapshotViews } from '../core/wire/http.ts'
import { openClient } from './client.ts'
import { age, print, printable, printJson, say, table } from './output.ts'

type Flags = Record<string, unknown>

const pathOf = (name: string, rest = '') => `/v1/sandboxes/${encodeURIComponent(name)}/snapshots${rest}`

/** As long as a host may take to write some gigabytes. */
const TIMEOUT_MS = 200_000

/** `omega sandbox snapshot|snapshots|restore|unsnapshot`: a sandbox's files as they were. */
export function addSnapshotCommands(add: (usage: string, summary: string, example: string) => Command): void {
  const json = (command: Command) => command.option('--json', 'print one JSON document')
  json(
    add('snapshot <NAME>', 'keep its files as they are now', 'omega sandbox snapshot my-app --name before-the-upgrade'),
  )
    .option('--name <NAME>', 'a name for the snapshot: a DNS label')
    .action(async (name: string, flags: Flags) => {
      const body = typeof flags.name === 'string' ? { name: flags.name } : {}
      const taken = await openClient(flags).call<SnapshotView>(pathOf(name), { body, timeoutMs: TIMEOUT_MS })
      if (flags.json) return printJson(taken)
      say(`${printable(taken.name)} is kept (${sizeText(taken.bytes)}).`)
      say(`To go back to it: omega sandbox restore ${printable(name)} ${printable(taken.name)}`)
    })
  json(add('snapshots <NAME>', 'list its snapshots', 'omega sandbox snapshots my-app')).action(
    async (name: string, flags: Flags) => {
      const { snapshots } = await openClient(flags).call<SnapshotViews>(pathOf(name))
      if (flags.json) return printJson(snapshots)
      if (snapshots.length === 0) return say('There are no snapshots. `omega sandbox snapshot` takes one.')
      const rows = snapshots.map((one) => [one.name, age(one.createdAt, Date.now()), sizeText(one.bytes), one.id])
      print(table(['NAME', 'AGE', 'SIZE', 'ID'], rows))
    },
  )
  json(
    add(
      'restore <NAME> <SNAPSHOT>',
      'put its files back to those of a snapshot; what was written since is gone',
      'omega sandbox restore my-app before-the-upgrade',
    ),
  ).action(async (name: string, snapshot: string, flags: Flags) => {
    const path = pathOf(name, `/${encodeURIComponent(snapshot)}/restore`)
    const view = await openClient(flags).call<SandboxView>(path, { method: 'POST', timeoutMs: TIMEOUT_MS })
    if (flags.json) printJson(view)
    else say(`${printable(view.name)} is as it was at ${printable(snapshot)}, and running.`)
  })
  add(
    'unsnapshot <NAME> <SNAPSHOTS...>',
    'delete snapshots',
    'omega sandbox unsnapshot my-app before-the-upgrade',
  ).action(async (name: string, snapshots: string[], flags: Flags) => {
    for (const snapshot of snapshots) {
      await openClient(flags).call(pathOf(name, `/${encodeURIComponent(snapshot)}`), { method: 'DELETE' })
      say(`${printable(snapshot)} is deleted`)
    }
  })
}
