import { Command } from 'commander'
import type { HostView } from '../core/wire/http.ts'
import { derive } from '../drivers/credentials.ts'
import { openClient } from './client.ts'
import { addSettings, readConfig } from './config.ts'
import { fleetSecret } from './data-dir.ts'
import { age, print, printJson, say, table } from './output.ts'

type Flags = Record<string, unknown>

/** `omega host ...`: the machines of the fleet. */
export function hostCommand(): Command {
  const host = new Command('host').summary('list and drain hosts')
  addSettings(host.command('list').alias('ls').description('List hosts with their fill.'), ['client'])
    .option('--json', 'print one JSON document')
    .action(async (flags: Flags) => {
      const { hosts } = await openClient(flags).call<{ hosts: HostView[] }>('/v1/hosts')
      if (flags.json) return printJson(hosts)
      if (hosts.length === 0) return say('No host has joined. Start one with `omega serve --role=manager`.')
      const now = Date.now()
      const rows = hosts.map(({ address, state, containers, capacity, runtime, lastBeatAt, apiUrl }) => {
        return [address, state, `${containers}/${capacity}`, runtime, `${age(lastBeatAt, now)} ago`, apiUrl]
      })
      print(table(['ADDRESS', 'STATE', 'SANDBOXES', 'RUNTIME', 'HEARD', 'MANAGER'], rows))
    })
  for (const verb of ['drain', 'undrain'] as const) {
    const text = verb === 'drain' ? 'Give a host no new sandboxes.' : 'Give a host sandboxes again.'
    addSettings(host.command(`${verb} <ADDRESS>`).description(text), ['client']).action(
      async (address: string, flags: Flags) => {
        const view = await openClient(flags).call<HostView>(`/v1/hosts/${encodeURIComponent(address)}/${verb}`, {
          method: 'POST',
        })
        say(`${view.address} is ${view.state}`)
      },
    )
  }
  addSettings(host.command('remove <ADDRESS>').description('Forget an empty host.'), ['client']).action(
    async (address: string, flags: Flags) => {
      await openClient(flags).call(`/v1/hosts/${encodeURIComponent(address)}`, { method: 'DELETE' })
      say(`${address} is forgotten`)
    },
  )
  addSettings(
    host
      .command('join-token')
      .description('Print the token with which hosts join this fleet; on the machine that has its secret.')
      .addHelpText(
        'after',
        '\nExample:\n  OMEGA_JOIN_TOKEN=... omega serve --role=manager --master-url=http://10.0.0.5:8080',
      ),
    ['join-token'],
  ).action((flags: Flags) => print(derive(fleetSecret(readConfig(flags)), 'join')))
  return host
}
