import { Command } from 'commander'
import type { FleetView } from '../core/wire/fleet.ts'
import { openClient } from './client.ts'
import { addSettings } from './config.ts'
import { age, print, printable, printJson, say, table } from './output.ts'

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
      const now = Date.now()
      const rows = view.launches.map(({ id, state, offering, machine, host, reason, step, orderedAt }) => {
        const what = state === 'booting' && step !== '' ? step : reason
        return [id, state, offering, machine ?? '-', host ?? '-', age(orderedAt, now), printable(what)]
      })
      if (rows.length > 0) print(table(['LAUNCH', 'STATE', 'OFFERING', 'MACHINE', 'HOST', 'AGE', 'WHY'], rows))
      else say('No machine was asked for.')
      if (view.waiting > 0) say(`${view.waiting} ${view.waiting === 1 ? 'create waits' : 'creates wait'} for a host`)
      if (view.blocked !== null) say(`no host comes: ${view.blocked}`)
    })
  fleet
    .command('iam')
    .description('Print the IAM policy that the master needs to get hosts from EC2 (docs/ec2.md).')
    .action(() => printJson(policy))
  return fleet
}

/**
 * The least that works: machines only with our tag and with a token for their metadata, and only those ended. What is read
 * cannot be narrowed down. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
const policy = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'Look', Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' },
    {
      Sid: 'LaunchTagged',
      Effect: 'Allow',
      Action: 'ec2:RunInstances',
      Resource: ['arn:aws:ec2:*:*:instance/*', 'arn:aws:ec2:*:*:volume/*'],
      Condition: { StringEquals: { 'aws:RequestTag/omega:managed': 'true' } },
    },
    {
      Sid: 'LaunchFrom',
      Effect: 'Allow',
      Action: 'ec2:RunInstances',
      Resource: ['image', 'subnet', 'security-group', 'network-interface', 'key-pair', 'snapshot'].map(
        (kind) => `arn:aws:ec2:*:*:${kind}/*`,
      ),
    },
    {
      Sid: 'NoOpenMetadata',
      Effect: 'Deny',
      Action: 'ec2:RunInstances',
      Resource: 'arn:aws:ec2:*:*:instance/*',
      Condition: { StringNotEquals: { 'ec2:MetadataHttpTokens': 'required' } },
    },
    {
      Sid: 'TagAtLaunch',
      Effect: 'Allow',
      Action: 'ec2:CreateTags',
      Resource: '*',
      Condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
    },
    {
      Sid: 'EndOurs',
      Effect: 'Allow',
      Action: 'ec2:TerminateInstances',
      Resource: 'arn:aws:ec2:*:*:instance/*',
      Condition: { StringEquals: { 'aws:ResourceTag/omega:managed': 'true' } },
    },
  ],
}
