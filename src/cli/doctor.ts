import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { Command } from 'commander'
import { isShort, sizeText } from '../core/container-disk.ts'
import type { HostView } from '../core/wire/http.ts'
import type { StorageInfo } from '../drivers/docker-disk.ts'
import { call } from '../drivers/http-client.ts'
import { Client } from './client.ts'
import { addSettings, type Config, readConfig } from './config.ts'
import { dataDirOf, readLogin } from './data-dir.ts'
import { print, printJson } from './output.ts'

interface Finding {
  check: string
  /** `bad` makes the exit code 1; `warn` is worth knowing. */
  state: 'ok' | 'warn' | 'bad'
  found: string
  advice?: string
}

/** `omega doctor`: what is here, what is missing, what to do about it. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('check this machine and the running fleet')
    .description('Checks Node.js, the container engine, the firewall, the state directory and the running roles.')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExample:\n  omega doctor')
  return addSettings(command, ['client', 'template']).action(async (flags: Record<string, unknown>) => {
    const config = readConfig(flags)
    const findings = [checkNode(), checkDataDir(config), ...(await checkDocker(config)), ...(await checkFleet(config))]
    if (flags.json) printJson(findings)
    else {
      for (const { check, state, found, advice } of findings) {
        print(`${{ ok: 'ok  ', warn: 'warn', bad: 'BAD ' }[state]}  ${check.padEnd(16)} ${found}`)
        if (advice && state !== 'ok') print(`      ${' '.repeat(16)} -> ${advice}`)
      }
    }
    if (findings.some(({ state }) => state === 'bad')) process.exitCode = 1
  })
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const fine = major > 20 || (major === 20 && minor >= 19)
  return {
    check: 'Node.js',
    state: fine ? 'ok' : 'bad',
    found: process.versions.node,
    ...(fine ? {} : { advice: 'omega needs Node.js 20.19 or newer.' }),
  }
}

function checkDataDir(config: Config): Finding {
  const folder = dataDirOf(config)
  const check = 'data directory'
  if (!existsSync(folder)) return { check, state: 'ok', found: `${folder} (not made yet)` }
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    return { check, state: 'bad', found: `${folder} cannot be written`, advice: 'Give it to the user that runs omega.' }
  }
  if ((statSync(folder).mode & 0o077) === 0) return { check, state: 'ok', found: folder }
  return { check, state: 'warn', found: `${folder} can be read by others`, advice: `chmod 700 ${folder}` }
}

/** Versions with the fixes of CVE-2025-31133, -52565 and -52881 (full breakout of a container). */
const fixedRunc: readonly [number, number, number][] = [
  [1, 2, 8],
  [1, 3, 3],
  [1, 4, 0],
]

async function checkDocker(config: Config): Promise<Finding[]> {
  const { connectDocker } = await import('../drivers/docker-connection.ts')
  const docker = connectDocker(config.text('docker-host'))
  try {
    const [version, info] = await Promise.all([docker.version(), docker.info()])
    const components = (version.Components ?? []) as { Name: string; Version: string }[]
    const runc = components.find(({ Name }) => Name === 'runc')?.Version ?? 'unknown'
    const [major = 0, minor = 0, patch = 0] = (/\d+\.\d+\.\d+/.exec(runc)?.[0] ?? '').split('.').map(Number)
    const fixed = fixedRunc.some(([a, b, c]) => major === a && minor === b && patch >= c) || major > 1 || minor > 4
    return [
      {
        check: 'Docker Engine',
        state: 'ok',
        found: `${version.Version}, ${info.Driver}, cgroup v${info.CgroupVersion ?? 1}`,
      },
      fixed
        ? { check: 'runc', state: 'ok', found: runc }
        : {
            check: 'runc',
            state: 'warn',
            found: `${runc} lacks the fixes of November 2025 unless your distribution carried them over`,
            advice: 'Use runc 1.2.8, 1.3.3, 1.4.0 or newer before you let strangers in.',
          },
      await checkDisk(info),
    ]
  } catch (error) {
    return [
      {
        check: 'Docker Engine',
        state: 'warn',
        found: `does not answer (${(error as { code?: string }).code ?? (error as Error).message})`,
        advice: 'Start it (systemctl start docker); without it sandboxes are plain processes without isolation.',
      },
    ]
  }
}

/** How what sandboxes write is limited, and whether there is room for more. */
async function checkDisk(info: StorageInfo): Promise<Finding> {
  const { diskRoom, hasQuota, readMounts } = await import('../drivers/docker-disk.ts')
  const backing = (info.DriverStatus ?? []).find(([name]) => name === 'Backing Filesystem')?.[1]
  const storage = [info.Driver, backing].filter(Boolean).join(' on ')
  const kind = hasQuota(info, await readMounts())
    ? `--disk is a quota of the engine (${storage})`
    : `--disk is watched: a sandbox is stopped at its limit (${storage} has no quotas; overlay2 on xfs with pquota has)`
  const room = await diskRoom(info.DockerRootDir)
  const found = room ? `${kind}; ${sizeText(room.freeBytes)} of ${sizeText(room.totalBytes)} free` : kind
  if (!room || !isShort(room)) return { check: 'disk', state: 'ok', found }
  return { check: 'disk', state: 'warn', found, advice: 'Make room: no new sandboxes are taken (docker system df).' }
}

async function checkFleet(config: Config): Promise<Finding[]> {
  const login = readLogin(dataDirOf(config))
  const url = config.text('url') ?? login?.url
  const token = config.text('token') ?? login?.token
  if (!url || !token) {
    return [
      {
        check: 'master',
        state: 'warn',
        found: 'not known',
        advice: '`omega up` starts one, `omega login URL` finds one.',
      },
    ]
  }
  const client = new Client(url, token)
  try {
    await call(`${url}/readyz`, { timeoutMs: 5_000 })
    const { hosts } = await client.call<{ hosts: HostView[] }>('/v1/hosts')
    const ready = hosts.filter(({ state }) => state === 'ready')
    const free = ready.reduce((sum, { capacity, containers }) => sum + capacity - containers, 0)
    return [
      { check: 'master', state: 'ok', found: `${url} is ready` },
      ready.length > 0
        ? {
            check: 'hosts',
            state: free > 0 ? 'ok' : 'warn',
            found: `${ready.length} ready, ${free} free slots`,
            advice: 'Delete a sandbox or add a host.',
          }
        : {
            check: 'hosts',
            state: 'bad',
            found: 'none is ready',
            advice: 'Start one with `omega serve --role=manager`.',
          },
      await checkDns(login?.dnsUrl ?? config.text('dns-url')),
    ]
  } catch (error) {
    return [
      {
        check: 'master',
        state: 'bad',
        found: (error as Error).message,
        advice: 'Start it with `omega up` or `omega serve --role=master`.',
      },
    ]
  }
}

async function checkDns(url: string | undefined): Promise<Finding> {
  if (!url) return { check: 'dns', state: 'warn', found: 'not known', advice: 'Give --dns-url.' }
  try {
    await call(`${url}/readyz`, { timeoutMs: 5_000 })
    return { check: 'dns', state: 'ok', found: `${url} is ready` }
  } catch (error) {
    return {
      check: 'dns',
      state: 'bad',
      found: (error as Error).message,
      advice: 'Start it with `omega serve --role=dns`.',
    }
  }
}
