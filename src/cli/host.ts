import { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import type { HostView, SandboxView } from '../core/wire/http.ts'
import { derive } from '../drivers/credentials.ts'
import { openClient } from './client.ts'
import { addSettings, readConfig } from './config.ts'
import { fleetSecret } from './data-dir.ts'
import { hostTable, watchHosts } from './host-watch.ts'
import { moveSandbox } from './life.ts'
import { print, printable, printJson, say } from './output.ts'

type Flags = Record<string, unknown>

async function listHosts(flags: Flags): Promise<void> {
  const { hosts } = await openClient(flags).call<{ hosts: HostView[] }>('/v1/hosts')
  if (flags.json) return printJson(hosts)
  if (hosts.length === 0) return say('No host has joined. Start one with `omega serve --role=manager`.')
  print(hostTable(hosts, Date.now()))
}

/** `omega host ...`: the machines of the fleet. */
export function hostCommand(): Command {
  const host = new Command('host').summary('list and drain hosts')
  addSettings(host.command('list').alias('ls').description('List hosts with their fill.'), ['client'])
    .option('--json', 'print one JSON document')
    .option('-w, --watch', 'go on showing them, and machines on their way, until Ctrl-C')
    .action((flags: Flags) => (flags.watch ? watchHosts(openClient(flags), flags.json === true) : listHosts(flags)))
  for (const verb of ['drain', 'undrain'] as const) {
    const text = verb === 'drain' ? 'Give a host no new sandboxes.' : 'Give a host sandboxes again.'
    const command = addSettings(host.command(`${verb} <ADDRESS>`).description(text), ['client'])
    if (verb === 'drain') command.option('--move', 'move the sandboxes it has to other hosts, and wait for that')
    command.action(async (address: string, flags: Flags) => {
      const view = await openClient(flags).call<HostView>(`/v1/hosts/${encodeURIComponent(address)}/${verb}`, {
        method: 'POST',
      })
      say(`${view.address} is ${view.state}`)
      if (flags.move) await moveAll(address, flags)
    })
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

/** Moves the sandboxes of a host one after the other, saying so; those that stay are an error. */
async function moveAll(address: string, flags: Flags): Promise<void> {
  const client = openClient(flags)
  const { sandboxes } = await client.call<{ sandboxes: SandboxView[] }>('/v1/sandboxes')
  const here = sandboxes.filter(({ host }) => host === address)
  const stayed: string[] = []
  for (const [index, { id, name }] of here.entries()) {
    const of = `${index + 1} of ${here.length}`
    try {
      const { host } = await moveSandbox(client, id)
      say(`${of}: ${printable(name)} is on ${host} now`)
    } catch (error) {
      stayed.push(name)
      say(`${of}: ${printable(name)} stays. ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (stayed.length === 0) return say(`${address} has no sandboxes any more`)
  throw new OmegaError('CONFLICT', `${stayed.length} of ${here.length} sandboxes stay on ${address}: see above why.`)
}
