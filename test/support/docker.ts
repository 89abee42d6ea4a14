import { networkOf } from '../../src/core/sandbox-network.ts'
import { HostFirewall } from '../../src/drivers/host-firewall.ts'
import { createLog } from '../../src/drivers/log.ts'
import { run } from './omega.ts'

/** Ids of the containers with this label, running or not. */
export async function containersWith(label: string, ...more: string[]): Promise<string[]> {
  const { stdout } = await run('docker', ['ps', '-q', '--no-trunc', '--filter', `label=${label}`, ...more])
  return stdout.split('\n').filter(Boolean)
}

/** Ids of a sandbox's containers, which its name in the engine tells. */
export async function containerOf(sandboxId: string, ...more: string[]): Promise<string[]> {
  const { stdout } = await run('docker', ['ps', '-q', '--no-trunc', '--filter', `name=[.]${sandboxId}[.]`, ...more])
  return stdout.split('\n').filter(Boolean)
}

/** Removes everything a fleet left: what a failed test could not. */
export async function removeFleet(fleet: string): Promise<void> {
  const containers = await containersWith(`omega.fleet=${fleet}`, '-a')
  if (containers.length > 0) await run('docker', ['rm', '-f', ...containers])
  const { stdout } = await run('docker', ['network', 'ls', '-q', '--filter', `label=omega.fleet=${fleet}`])
  const networks = stdout.split('\n').filter(Boolean)
  if (networks.length > 0) await run('docker', ['network', 'rm', ...networks])
  await new HostFirewall({ network: networkOf(fleet), log: createLog('test', 'silent', 2) }).remove()
}
