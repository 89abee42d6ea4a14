/** What this checkout must have: the dependencies of its lock file, and a build of its sources. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, step } from './steps.mjs'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Everything the build reads. */
const sources = ['bin', 'src', 'scripts/build.mjs', 'scripts/text-modules.mjs', 'package.json', 'package-lock.json']
const marker = join(root, '.cache/built')

/** `npm ci`, unless what is installed is what the lock file says. */
export async function ensureDependencies() {
  if (isInstalled()) return
  await step('Installing dependencies (npm ci)', () => run(['npm', 'ci', '--no-audit', '--no-fund'], { cwd: root }))
}

/** Compares the lock file with the one npm leaves in node_modules. */
function isInstalled() {
  const hidden = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(hidden)) return false
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true
    if (!installed[path]) return Boolean(entry.optional || entry.peer)
    return installed[path].version === entry.version && installed[path].integrity === entry.integrity
  })
}

/** Builds dist, unless it was built from these very sources. */
export async function ensureBuild() {
  const hash = hashSources()
  const built = existsSync(join(root, 'dist/bin/omega.js')) && existsSync(marker) && readFileSync(marker, 'utf8')
  if (built === hash) return
  await step('Building omega', () => run([process.execPath, 'scripts/build.mjs'], { cwd: root }))
  mkdirSync(join(root, '.cache'), { recursive: true })
  writeFileSync(marker, hash)
}

function hashSources() {
  const hash = createHash('sha256')
  const add = (path) => {
    if (statSync(join(root, path)).isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`)
    } else {
      const content = readFileSync(join(root, path))
      hash.update(`${path}\0${content.length}\0`).update(content)
    }
  }
  for (const path of sources) add(path)
  return hash.digest('hex')
}
