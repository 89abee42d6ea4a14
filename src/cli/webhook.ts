import { Command } from 'commander'
import type { WebhookList, WebhookView } from '../core/wire/webhooks.ts'
import { webhookSecret } from '../drivers/webhook-sender.ts'
import { openClient } from './client.ts'
import { addSettings, readConfig } from './config.ts'
import { fleetSecret } from './data-dir.ts'
import { print, printJson, say, table } from './output.ts'

type Flags = Record<string, unknown>

/** `omega webhook ...`: where events are sent to (`--webhook` of the master), and how it goes. */
export function webhookCommand(): Command {
  const webhook = new Command('webhook').summary('secret and state of webhooks')
  addSettings(
    webhook
      .command('secret')
      .description('Print the secret that receivers check signatures with; on the machine that has the fleet secret.')
      .addHelpText('after', '\nExample:\n  omega webhook secret > receiver/.webhook-secret'),
    ['join-token'],
  ).action((flags: Flags) => print(webhookSecret(fleetSecret(readConfig(flags)))))
  addSettings(webhook.command('list').alias('ls').description('List webhooks and how deliveries go.'), ['client'])
    .option('--json', 'print one JSON document')
    .action(async (flags: Flags) => {
      const { webhooks } = await openClient(flags).call<WebhookList>('/v1/webhooks')
      if (flags.json) return printJson(webhooks)
      if (webhooks.length === 0) return say('There are no webhooks. Start the master with --webhook URL.')
      const rows = webhooks.map(({ id, url, state, waiting, attempts, nextAt, reason }) => {
        const trouble = reason === undefined ? '' : `${reason}; attempt ${attempts + 1} at ${nextAt}`
        return [id, state, waiting < 1000 ? String(waiting) : '1000+', url, trouble]
      })
      print(table(['ID', 'STATE', 'WAITING', 'URL', 'TROUBLE'], rows))
    })
  addSettings(webhook.command('enable <ID>').description('Try a webhook again now that failed or answered 410.'), [
    'client',
  ]).action(async (id: string, flags: Flags) => {
    const path = `/v1/webhooks/${encodeURIComponent(id)}/enable`
    const view = await openClient(flags).call<WebhookView>(path, { method: 'POST' })
    say(`${view.url} is ${view.state}, ${view.waiting} events wait`)
  })
  return webhook
}
