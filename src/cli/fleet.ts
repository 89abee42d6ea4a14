import { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { bakeScript } from '../core/user-data.ts'
import type { FleetView } from '../core/wire/fleet.ts'
import { derive } from '../drivers/credentials.ts'
import { openClient } from './client.ts'
import { addSettings, type Config, readConfig } from './config.ts'
import { knownFleetSecret } from './data-dir.ts'
import { ec2Policy } from './ec2-policy.ts'
import { fleetLines, launchTable } from './host-watch.ts'
import { print, printJson, say } from './output.ts'
import { userDataOf } from './scaling.ts'

type Flags = Record<string, unknown>

/** `omega fleet ...`: hosts that the fleet gets by itself. */
export function fleetCommand(): Command {
  const fleet = new Command('fleet').summary('hosts that come and go by themselves')
  addSettings(fleet.command('status').description('Show machines that were asked for, and who waits for one.'), [
    'client',
  ])
    .option('--json', 'print one JSON document')
    .action(async (flags: Flags) => {
      const view = await openClient(flags).call<FleetView>('/v1/fleet')
      if (flags.json) return printJson(view)
      if (view.launches.length > 0) print(launchTable(view.launches, Date.now()))
      else say('No machine was asked for.')
      for (const line of fleetLines(view, Date.now())) say(line)
    })
  for (const [name, description] of [
    ['user-data', 'Print what a machine runs at its first boot to become a host of this fleet (cloud-init, as root).'],
    ['bake', 'Print what prepares a machine whose image is to be used for hosts, which are there sooner then.'],
  ] as const) {
    addSettings(fleet.command(name).description(description), ['join-token', 'user-data']).action((flags: Flags) =>
      printScript(name, readConfig(flags)),
    )
  }
  addSettings(
    fleet.command('iam').description('Print the IAM policy that the master needs to get hosts from EC2 (docs/ec2.md).'),
    ['iam'],
  ).action((flags: Flags) => printJson(ec2Policy(readConfig(flags).need('fleet'))))
  return fleet
}

/** On the master's machine: it has the fleet's secret, and the images whose build hosts are to have. */
async function printScript(which: 'user-data' | 'bake', config: Config): Promise<void> {
  const masterUrl = config.text('host-master-url')
  if (masterUrl === undefined) {
    throw new OmegaError(
      'INVALID_REQUEST',
      '--host-master-url is missing. Say where machines reach the master, as http://10.0.0.5:8080.',
    )
  }
  const { programBuild } = await import('../drivers/image-archive.ts')
  const build = await programBuild()
  // An image lies about for long: what makes it lets nobody join.
  const joinToken = derive(knownFleetSecret(config), which === 'bake' ? 'images' : 'join')
  const setup = { joinToken, masterUrl, ...(build && { build }) }
  process.stdout.write(which === 'bake' ? bakeScript(setup) : userDataOf(config, setup))
}
