import { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import type { RecordType, Rrset } from '../core/wire/dns.ts'
import { DnsClient } from '../drivers/dns-client.ts'
import { addSettings, readConfig } from './config.ts'
import { dataDirOf, readLogin } from './data-dir.ts'
import { print, printJson, say, table } from './output.ts'

type Flags = Record<string, unknown>

/** `omega dns ...`: the records of the zone. */
export function dnsCommand(): Command {
  const dns = new Command('dns').summary('list and change DNS records')
  const common = (command: Command) =>
    addSettings(command, ['client']).option('--zone <NAME>', 'the zone (default: the one the server has)')

  common(dns.command('list').alias('ls').description('List the records of the zone.'))
    .option('--json', 'print one JSON document')
    .action(async (flags: Flags) => {
      const { client, zone } = await open(flags)
      const { rrsets } = await client.list(zone)
      if (flags.json) return printJson(rrsets)
      const rows = rrsets.flatMap(({ name, type, ttl, records, owner }: Rrset) => {
        return records.map((record) => [name, String(ttl), type, record, owner ?? ''])
      })
      print(table(['NAME', 'TTL', 'TYPE', 'DATA', 'OWNER'], rows))
    })
  common(dns.command('set <NAME> <TYPE> <DATA...>').description('Replace the records of a name and type.'))
    .option('--ttl <SECONDS>', 'how long resolvers may keep it', '60')
    .addHelpText('after', '\nExample:\n  omega dns set _acme-challenge TXT "some text" --ttl 10')
    .action(async (name: string, type: string, data: string[], flags: Flags) => {
      const { client, zone } = await open(flags)
      await client.put(zone, name, recordType(type), { ttl: Number(flags.ttl), records: data })
      say(`${name}.${zone} ${type.toUpperCase()} is set`)
    })
  common(dns.command('delete <NAME> <TYPE>').alias('rm').description('Remove the records of a name and type.')).action(
    async (name: string, type: string, flags: Flags) => {
      const { client, zone } = await open(flags)
      await client.delete(zone, name, recordType(type))
      say(`${name}.${zone} ${type.toUpperCase()} is gone`)
    },
  )
  return dns
}

async function open(flags: Flags): Promise<{ client: DnsClient; zone: string }> {
  const config = readConfig(flags)
  const login = readLogin(dataDirOf(config))
  const url = config.text('dns-url') ?? login?.dnsUrl
  const token = config.text('token') ?? login?.dnsToken
  if (!url || !token) {
    throw new OmegaError(
      'UNAUTHENTICATED',
      'There is no dns server to talk to. Run this where `omega up` runs, or give --dns-url and --token.',
    )
  }
  const client = new DnsClient(url, token)
  if (typeof flags.zone === 'string') return { client, zone: flags.zone }
  const zone = (await client.zones())[0]
  if (!zone) throw new OmegaError('ZONE_NOT_FOUND', `The dns server at ${url} has no zone.`)
  return { client, zone }
}

/** The server knows which types there are, and says so. */
function recordType(text: string): RecordType {
  return text.toUpperCase() as RecordType
}
