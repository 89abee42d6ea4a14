import { cp, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { OmegaError } from '../core/errors.ts'

/**
 * Writes omega as the image holds it below /opt/omega: the bundle, the templates, and of node_modules only what the
 * bundle keeps outside itself (dist/external.json) with what that needs.
 *
 * @param root omega's own folder; BUILD_FAILED when it has not been built.
 */
export async function writeProgram(root: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  const list = await readFile(join(root, 'dist/external.json'), 'utf8').catch(() => {
    throw new OmegaError('BUILD_FAILED', `omega is not built: ${root}/dist is not there. Run \`npm run build\`.`)
  })
  for (const name of ['dist', 'templates', 'package.json', 'Dockerfile', '.dockerignore']) {
    if (await exists(join(root, name))) await copy(join(root, name), join(target, name))
  }
  for (const folder of await closure(root, JSON.parse(list))) {
    const inside = relative(root, folder)
    const path = inside.startsWith('..') ? inside.slice(inside.indexOf(`node_modules${sep}`)) : inside
    await copy(folder, join(target, path))
  }
}

/** Never into an image: other platforms' binaries, sources of native code, what a project's own work leaves behind. */
const leftOut = /\/node_modules\/node-pty\/(?:src|third_party|deps|scripts|prebuilds\/(?!linux-))|\.vite\/|\.map$/

function copy(from: string, to: string): Promise<void> {
  const isTemplates = from.endsWith(`${sep}templates`)
  const filter = (source: string) => {
    const path = source.split(sep).join('/')
    return !leftOut.test(path) && !(isTemplates && path.includes('/node_modules')) && !nested(from, source)
  }
  return cp(from, to, { recursive: true, filter })
}

/** A package's own node_modules are in the closure by themselves, if they are needed. */
function nested(from: string, source: string): boolean {
  return relative(from, source).split(sep).includes('node_modules')
}

/** The folders of these packages and of all they depend on, found as Node.js finds them. */
async function closure(root: string, names: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  const visit = async (name: string, from: string): Promise<void> => {
    const folder = await locate(name, from)
    if (!folder) throw new OmegaError('BUILD_FAILED', `The package ${name} is not installed. Run \`npm ci\`.`)
    if (found.has(folder)) return
    found.add(folder)
    const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    for (const dependency of Object.keys(dependencies)) await visit(dependency, folder)
  }
  for (const name of names) await visit(name, root)
  return [...found].sort()
}

async function locate(name: string, from: string): Promise<string | undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (await exists(join(candidate, 'package.json'))) return candidate
    if (folder === dirname(folder)) return undefined
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
