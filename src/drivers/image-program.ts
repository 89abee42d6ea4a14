import { cp, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { hashFolder, hashOf } from './content-hash.ts'

/** A file or folder of omega and its place in the image, below /opt/omega. */
export interface ProgramPart {
  source: string
  place: string
}

/**
 * What of omega the image holds: the bundle, the templates, and of node_modules only what the bundle keeps outside
 * itself (dist/external.json) with what that needs.
 *
 * @param root omega's own folder; BUILD_FAILED when it has not been built.
 */
export async function programParts(root: string): Promise<ProgramPart[]> {
  const list = await readFile(join(root, 'dist/external.json'), 'utf8').catch(() => {
    throw new OmegaError('BUILD_FAILED', `omega is not built: ${root}/dist is not there. Run \`npm run build\`.`)
  })
  const parts = ['dist', 'templates', 'package.json', 'Dockerfile', '.dockerignore'].map((place) => ({
    source: join(root, place),
    place,
  }))
  for (const source of await closure(root, JSON.parse(list))) {
    const inside = relative(root, source)
    // A package manager may have put them beside omega or above it; in the image they are below it.
    const place = inside.startsWith('..') ? inside.slice(inside.indexOf(`node_modules${sep}`)) : inside
    parts.push({ source, place })
  }
  return parts
}

/** Hash of what `writeProgram` writes. */
export async function hashProgram(parts: readonly ProgramPart[]): Promise<string> {
  const hashes = parts.map(async ({ source, place }) => [
    place,
    await hashFolder(source, (path) => !belongs(source, path)),
  ])
  return hashOf(...(await Promise.all(hashes)).flat())
}

/** Copies the parts to their places below `target`. */
export async function writeProgram(parts: readonly ProgramPart[], target: string): Promise<void> {
  await mkdir(target, { recursive: true })
  for (const { source, place } of parts) {
    const filter = (path: string) => path === source || belongs(source, relative(source, path).split(sep).join('/'))
    await cp(source, join(target, place), { recursive: true, filter })
  }
}

/** Never into an image: other platforms' binaries, sources of native code, what other work left behind. */
const leftOut = /^(?:src|third_party|deps|scripts|prebuilds\/(?!linux-)[^/]+)(?:\/|$)/

/** A package's own node_modules are in the closure by themselves, if they are needed. */
function belongs(source: string, path: string): boolean {
  if (path.split('/').includes('node_modules')) return false
  return !(source.endsWith(`${sep}node-pty`) && leftOut.test(path))
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
