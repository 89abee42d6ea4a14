#!/usr/bin/env node
/** `npm test`: everything that is needed, then all checks and tests. Works before node_modules exists. */
import './node-version.mjs'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuild, ensureDependencies, root } from './checkout.mjs'
import { ensureEngine, ensurePrograms, withoutNewAddresses } from './machine.mjs'
import { run, say, show, step } from './steps.mjs'

const programs = ['git', 'redis-server', 'chromium', 'dig', 'kdig', 'unbound', 'rg', 'ip', 'iptables', 'curl']
const bin = (name) => join(root, 'node_modules/.bin', name)
const count = { passed: 0, failed: 0 }

try {
  await ensureDependencies()
  if (!(await ensurePrograms(programs, 'for the system tests'))) throw new Error('The tests need them all.')
  if (!(await ensureEngine())) throw new Error('The tests need a Docker Engine.')
  await check('Checking style (biome)', () => run([bin('biome'), 'check', '.'], { cwd: root }))
  await check('Checking types (tsc)', () => run([bin('tsc'), '-b'], { cwd: root }))
  await tests('unit')
  await check('Building', ensureBuild)
  await images()
  await withoutNewAddresses(() => tests('system'))
} catch (error) {
  count.failed++
  say(`\n${error.message}`)
}
console.log(`${count.passed} passed, ${count.failed} failed`)
process.exitCode = count.failed === 0 ? 0 : 1

/** One check that passes or fails as a whole; the others go on. */
async function check(title, work) {
  try {
    await step(title, work)
  } catch (error) {
    count.failed++
    say(error.message)
  }
}

/** Shows its own progress: the first time it takes minutes. */
async function images() {
  say('  Building the images ...')
  const code = await show([process.execPath, join(root, 'dist/bin/omega.js'), 'template', 'build'], { cwd: root })
  if (code !== 0) count.failed++
}

/** One project of vitest.config.mjs, with its own output; counts what its report says. */
async function tests(project) {
  const report = join(root, `.cache/${project}-tests.json`)
  mkdirSync(join(root, '.cache'), { recursive: true })
  rmSync(report, { force: true })
  say(`\nTests: ${project}`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await show([bin('vitest'), 'run', '--project', project, '--passWithNoTests', ...reporters], {
    cwd: root,
  })
  const { passed, failed } = existsSync(report) ? readReport(report) : { passed: 0, failed: 0 }
  count.passed += passed
  // Vitest may fail without a failed test: an unhandled error, a worker that ended.
  count.failed += failed === 0 && code !== 0 ? 1 : failed
}

/** Numbers of a report in Jest's format. A file that failed before its first test counts as one. */
function readReport(path) {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(path, 'utf8'))
  const isBroken = (file) =>
    file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')
  return { passed: numPassedTests, failed: numFailedTests + testResults.filter(isBroken).length }
}
