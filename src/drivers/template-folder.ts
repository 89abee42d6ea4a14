import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { run } from './command.ts'
import { hashFolder, hashOf } from './content-hash.ts'
import type { TemplateCatalog } from './template-catalog.ts'

export interface TemplateFolderOptions {
  catalog: TemplateCatalog
  /** Template's name; UNKNOWN_TEMPLATE if there is none. */
  name: string
  /** Where prepared projects are kept, e.g. `templates` below the data directory. */
  cache: string
  /** Is told when there is something to install. */
  onProgress?: (line: string) => void
}

/** Installations under way in this process, so that many sandboxes that start at once share one. */
const underWay = new Map<string, Promise<string>>()

/**
 * The counterpart of a template's image where there are no containers: a folder with the template's project, its
 * dependencies installed with this machine's npm, ready to be copied for each sandbox. Made once for each content of
 * the template, under another name and then renamed, so that half a folder is never found. BUILD_FAILED if npm fails.
 */
export async function ensureTemplateFolder(options: TemplateFolderOptions): Promise<string> {
  const { catalog, name, cache } = options
  await catalog.get(name)
  const content = await hashFolder(catalog.folder(name), isInstalled)
  // What npm installed for one Node.js and processor is not good for another.
  const key = hashOf(content, process.platform, process.arch, process.versions.modules).slice(0, 16)
  const folder = join(cache, name, key)
  const making = underWay.get(folder) ?? make(options, folder).finally(() => underWay.delete(folder))
  underWay.set(folder, making)
  return making
}

async function make({ catalog, name, cache, onProgress }: TemplateFolderOptions, folder: string): Promise<string> {
  if (await isThere(folder)) return folder
  await mkdir(join(cache, name), { recursive: true })
  const work = await mkdtemp(join(cache, name, '.making-'))
  try {
    const source = catalog.folder(name)
    const files = join(source, 'files')
    await cp(files, work, { recursive: true, filter: (path) => !isInstalled(relative(files, path)) })
    if (await isThere(join(work, 'package-lock.json'))) {
      onProgress?.(`installing the dependencies of template ${name}`)
      await run('npm', ['ci', '--prefix', work, '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: work })
    }
    if (await isThere(join(source, 'prepare.sh'))) await run('sh', ['-e', join(source, 'prepare.sh')], { cwd: work })
    await rename(work, folder).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster, with the same content.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  await forgetOlder(join(cache, name), folder)
  return folder
}

/** Earlier contents of the template; projects that came from them are copies and need them no more. */
async function forgetOlder(shelf: string, kept: string): Promise<void> {
  for (const entry of await readdir(shelf)) {
    const path = join(shelf, entry)
    if (path !== kept && /^[0-9a-f]{16}$/.test(entry)) await rm(path, { recursive: true, force: true })
  }
}

const isInstalled = (path: string) => /(?:^|\/)node_modules(?:\/|$)/.test(path)

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
