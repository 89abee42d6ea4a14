import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { textModules } from '../../scripts/text-modules.mjs'
import type { ManagerConfig } from '../../src/roles/manager/index.ts'

const source = resolve(import.meta.dirname, '../../src')

/** Bundles the manager into a program that can be killed like any other; gives its path. */
export async function bundleManager(folder: string): Promise<string> {
  const entry = join(folder, 'entry.ts')
  writeFileSync(
    entry,
    `import { start } from ${JSON.stringify(join(source, 'roles/manager/index.ts'))}
import { createLog } from ${JSON.stringify(join(source, 'drivers/log.ts'))}
import { join } from 'node:path'
const config = JSON.parse(process.argv[2])
const log = createLog('manager', 'silent', 2)
const folder = (name) => join(config.templatesFolder, name)
const templates = { names: async () => [], manifestFolder: folder, project: async (name) => folder(name) }
const { url } = await start({ ...config, log, templates })
console.log(url)
`,
  )
  const bundle = await rolldown({
    input: { manager: entry },
    platform: 'node',
    external: ['cpu-features', 'ssh2', /\.node$/],
    plugins: [textModules()],
    logLevel: 'silent',
    resolve: { modules: ['node_modules', resolve(source, '../node_modules')] },
  })
  await bundle.write({
    dir: join(source, '../.cache/manager-process'),
    format: 'esm',
    entryFileNames: `[name]-${process.pid}.js`,
  })
  return join(source, `../.cache/manager-process/manager-${process.pid}.js`)
}

export interface ManagerProcess {
  url: string
  child: ChildProcess
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
}

export async function runManager(
  program: string,
  config: Omit<ManagerConfig, 'log' | 'templates'> & { templatesFolder: string },
): Promise<ManagerProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify(config)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const url = await new Promise<string>((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the manager ended with ${code}`)))
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
