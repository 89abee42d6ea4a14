import { Command } from 'commander'
import type { RunningRole } from '../core/role.ts'
import { derive } from '../drivers/credentials.ts'
import { ReleaseStack } from '../drivers/release-stack.ts'
import { addSettings, readConfig } from './config.ts'
import { dataDirOf, fleetSecret, writeLogin } from './data-dir.ts'
import { type Neighbours, parseRoles, startDns, startManager, startMaster, startWorker } from './roles.ts'
import { untilSignal } from './shutdown.ts'

/** `omega serve --role=ROLE`: one process, one or several roles, until a signal. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('run one or several roles in this process')
    .description('Runs roles until it gets SIGINT or SIGTERM. Logs are JSON lines on stderr.')
    .option('--role <ROLES...>', 'master, manager, worker, dns or all; repeated or comma separated', [])
    .addHelpText(
      'after',
      `
Examples:
  omega serve --role=dns --domain=ide.example.org --listen=0.0.0.0
  omega serve --role=master --redis=redis://127.0.0.1:6379 --domain=ide.example.org
  omega serve --role=manager --address=203.0.113.7 --master-url=http://10.0.0.5:8080 --capacity=20
  omega serve --role=master,manager,dns`,
    )
  addSettings(command, ['master', 'manager', 'worker', 'dns'])
  return command.action(async (flags: Record<string, unknown>) => {
    const roles = parseRoles(flags.role as string[])
    const config = readConfig(flags)
    const { createLog } = await import('../drivers/log.ts')
    const log = createLog(undefined, config.need('log-level'), config.text('log-file') ?? 2)
    const signal = untilSignal(log)
    log.info({ settings: config.redacted() }, 'starting')
    const near: Neighbours = { alone: roles.length === 1 }
    const release = new ReleaseStack()
    const keep = <Role extends RunningRole>(role: Role) => release.add(role, (it) => it.close())
    try {
      for (const name of roles) {
        const roleLog = log.child({ role: name })
        if (name === 'dns') {
          const dns = keep(await startDns(config, near, roleLog))
          near.dnsUrl = dns.url
          roleLog.info({ url: dns.url, dnsPort: dns.dnsPort }, 'ready')
        } else if (name === 'master') {
          const master = keep(await startMaster(config, near, roleLog))
          near.masterUrl = master.url
          const secret = fleetSecret(config)
          writeLogin(dataDirOf(config), {
            url: master.url,
            token: derive(secret, 'api'),
            dnsUrl: near.dnsUrl ?? config.text('dns-url') ?? 'http://127.0.0.1:8053',
            dnsToken: derive(secret, 'dns'),
          })
          roleLog.info({ url: master.url, publicUrl: master.publicUrl }, 'ready')
        } else {
          const role = keep(await (name === 'manager' ? startManager : startWorker)(config, near, roleLog))
          roleLog.info({ url: role.url }, 'ready')
        }
      }
      await signal
    } finally {
      await release.close()
      log.info('stopped')
    }
  })
}
