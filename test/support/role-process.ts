import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { textModules } from '../../scripts/text-modules.mjs'
import type { ScalingSettings } from '../../src/core/scaling.ts'
import type { DnsConfig } from '../../src/roles/dns/index.ts'
import type { ManagerConfig } from '../../src/roles/manager/index.ts'
import type { MasterConfig } from '../../src/roles/master/index.ts'
import type { ScalingPace } from '../../src/roles/master/scaling-config.ts'

const source = resolve(import.meta.dirname, '../../src')

/**
 * What a role is started with; `templatesFolder` has the process runtime's templates, `scaling` the flags that say how
 * the master gets its hosts, and what differs from the usual pace of it.
 */
export interface RoleConfigs {
  manager: Omit<ManagerConfig, 'log' | 'templates'> & { templatesFolder?: string }
  master: Omit<MasterConfig, 'log' | 'scaling'> & {
    scaling?: { flags: Record<string, string>; settings?: Partial<ScalingSettings>; pace: Partial<ScalingPace> }
  }
  dns: Omit<DnsConfig, 'log'>
}
export type RoleName = keyof RoleConfigs

export interface RoleProcess {
  url: string
  child: ChildProcess
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
}

/** For `within`: processes of its own, which all end with the role. */
export const OWN_PROCESSES = ['unshare', '--mount', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc']

/** Bundles the roles into a program that can be killed like any other, with times the command line has no flags for. */
export async function bundleRoles(folder: string): Promise<string> {
  const entry = join(folder, 'entry.ts')
  const module = (path: string) => `import(${JSON.stringify(join(source, path))})`
  const role = (name: RoleName) => `${name}: () => ${module(`roles/${name}/index.ts`)}`
  writeFileSync(
    entry,
    `import { createLog } from ${JSON.stringify(join(source, 'drivers/log.ts'))}
import { join } from 'node:path'
const roles = { ${role('manager')}, ${role('master')}, ${role('dns')} }
const [, , role, level, text] = process.argv
const config = JSON.parse(text)
const log = createLog(role, level, 2)
const folder = (name) => join(config.templatesFolder, name)
const templates = { names: async () => [], manifestFolder: folder, project: async (name) => folder(name) }
if (config.scaling) {
  const [{ scalingOf }, { readConfig }] = await Promise.all([${module('cli/scaling.ts')}, ${module('cli/config.ts')}])
  const { flags, settings, pace } = config.scaling
  const made = await scalingOf(readConfig(flags, {}))
  config.scaling = { ...made, settings: { ...made.settings, ...settings }, pace }
}
const { start } = await roles[role]()
const { url } = await start({ ...config, log, ...(config.templatesFolder ? { templates } : {}) })
console.log(url)
`,
  )
  const bundle = await rolldown({
    input: { role: entry },
    platform: 'node',
    // Native, or with files of their own beside them.
    external: ['cpu-features', 'ssh2', 'node-pty', '@fastify/swagger-ui', /\.node$/],
    plugins: [textModules()],
    logLevel: 'silent',
    resolve: { modules: ['node_modules', resolve(source, '../node_modules')] },
  })
  const dir = join(source, `../.cache/role-process/${process.pid}`)
  await bundle.write({ dir, format: 'esm', entryFileNames: '[name].js' })
  return join(dir, 'role.js')
}

/**
 * Starts a role and waits until it serves. `logFile`: what it says is appended there; without one it says nothing.
 * `within`: the command that runs it, in a namespace for example.
 */
export async function runRole<Role extends RoleName>(
  program: string,
  role: Role,
  config: RoleConfigs[Role],
  { logFile, within = [], env = {} }: { logFile?: string | undefined; within?: string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<RoleProcess> {
  const words = [...within, process.execPath, program, role, logFile ? 'info' : 'silent', JSON.stringify(config)]
  const [command = '', ...args] = words
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', logFile ? openSync(logFile, 'a') : 'inherit'],
    env: { ...process.env, ...env },
  })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const url = await new Promise<string>((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the ${role} ended with ${code}`)))
    child.stdout?.once('data', (data: Buffer) => done(data.toString().trim()))
  })
  return {
    url,
    child,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
