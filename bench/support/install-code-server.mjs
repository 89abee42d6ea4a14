#!/usr/bin/env node
/**
 * `node bench/support/install-code-server.mjs FOLDER`: installs the code-server that the benchmarks compare with, and the
 * Node.js it asks for, into a folder of its own. Takes minutes: some of its parts are compiled. Ends at once when the
 * folder has it. No part of the project needs it.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { canInstall, find } from '../../scripts/machine.mjs'
import { run, say, step } from '../../scripts/steps.mjs'

const CODE_SERVER = '4.139.1'
/** code-server takes this major version only. */
const NODE = '24.21.0'
/** What its parts are compiled with: programs, and libraries as pkg-config and as Debian call them. */
const programs = { 'g++': 'build-essential', make: 'build-essential', python3: 'python3', 'pkg-config': 'pkg-config' }
const libraries = {
  'krb5-gssapi': 'libkrb5-dev',
  'libsecret-1': 'libsecret-1-dev',
  x11: 'libx11-dev',
  xkbfile: 'libxkbfile-dev',
}

const folder = resolve(process.argv[2] ?? '.cache/code-server')
const modules = join(folder, 'node_modules')
const node = join(modules, `node-linux-${process.arch}/bin/node`)
const server = join(modules, 'code-server')
const marker = join(folder, 'installed')

try {
  if (!existsSync(marker)) await install()
} catch (error) {
  say(`code-server ${CODE_SERVER} could not be installed into ${folder}.\n${error.message}`)
  process.exitCode = 1
}

async function install() {
  say(`Installing code-server ${CODE_SERVER} into ${folder}: once, for comparison; takes several minutes and 1 GB.`)
  if (process.platform !== 'linux') throw new Error('It is compared on Linux only.')
  await ensureCompiler()
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  // Without scripts: its own wants to run by Node.js 24, which is only then there.
  const packages = [`node-linux-${process.arch}@${NODE}`, `code-server@${CODE_SERVER}`]
  await step(`Fetching Node.js ${NODE} and code-server ${CODE_SERVER}`, () =>
    run(['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], { cwd: folder }),
  )
  const env = {
    ...process.env,
    PATH: `${dirname(node)}:${process.env.PATH}`,
    npm_config_user_agent: `npm/11 node/v${NODE} linux ${process.arch}`,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
  await step('Fetching and compiling its parts', () => run(['sh', './postinstall.sh'], { cwd: server, env }))
  const parts = ['@vscode/spdlog/build/Release/spdlog.node', 'node-pty']
  const missing = parts.filter((part) => !existsSync(join(server, 'lib/vscode/node_modules', part)))
  if (missing.length > 0) throw new Error(`Its installation ended without ${missing.join(', ')}.`)
  await step('Trying it', () => run([node, join(server, 'out/node/entry.js'), '--version']))
  writeFileSync(marker, `code-server ${CODE_SERVER}, Node.js ${NODE}\n`)
}

async function ensureCompiler() {
  const hasLibrary = (name) => {
    try {
      execFileSync('pkg-config', ['--exists', name])
      return true
    } catch {
      return false
    }
  }
  const missing = [
    ...Object.entries(programs).filter(([program]) => !find(program)),
    ...Object.entries(libraries).filter(([library]) => !hasLibrary(library)),
  ].map(([, packageName]) => packageName)
  if (missing.length === 0) return
  const packages = [...new Set(missing)]
  if (!canInstall())
    throw new Error(`It is compiled with these packages of Debian: apt-get install ${packages.join(' ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await step('Reading the lists of packages (apt-get update)', () => run(['apt-get', 'update', '-q'], { env }))
  await step(`Installing ${packages.join(', ')} to compile it`, () =>
    run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages], { env }),
  )
}
