#!/usr/bin/env node
/** `npm run up`: everything that is needed, then `omega up` with the same arguments. Works before node_modules exists. */
import './node-version.mjs'
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { ensureBuild, ensureDependencies, root } from './checkout.mjs'
import { ensureEngine } from './machine.mjs'
import { say } from './steps.mjs'

const parameters = process.argv.slice(2)

try {
  await ensureDependencies()
  await ensureBuild()
  if (wantsContainers()) await prepareContainers()
} catch (error) {
  say(`\n${error.message}`)
  process.exit(1)
}
process.exitCode = await start()

/** False only for `--runtime process`, which must need no engine. */
function wantsContainers() {
  if (parameters.some((parameter) => parameter === '--help' || parameter === '-h')) return false
  const at = parameters.findIndex((parameter) => parameter === '--runtime' || parameter.startsWith('--runtime='))
  const given = at < 0 ? process.env.OMEGA_RUNTIME : (parameters[at].split('=')[1] ?? parameters[at + 1])
  return given !== 'process'
}

/** Without an engine omega runs sandboxes as plain processes, so that nothing here is fatal. */
async function prepareContainers() {
  const there = await ensureEngine().catch((error) => say(error.message))
  if (!there) say('Going on without containers.')
}

/**
 * Runs omega in a process group of its own: a Ctrl-C in the terminal reaches this script, and npm passes it on once
 * more; omega shall get it once. A second one, later, is meant as such.
 */
function start() {
  const omega = spawn(process.execPath, [join(root, 'dist/bin/omega.js'), 'up', ...parameters], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
    detached: true,
  })
  let last = Number.NEGATIVE_INFINITY
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = performance.now()
      if (now - last > 500) omega.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
      last = now
    })
  }
  return new Promise((resolve) => {
    omega.on('error', (error) => {
      say(error.message)
      resolve(1)
    })
    omega.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}
