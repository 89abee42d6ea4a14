import { join } from 'node:path'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import type { GitResults } from '../../../core/wire/operations/git.ts'
import { lookAtFile } from '../../../drivers/git-folder.ts'
import type { ProjectFiles } from '../../../drivers/project-files.ts'
import type { Documents } from '../documents/documents.ts'
import type { Git } from './git.ts'
import type { Repository } from './repository.ts'

/** What is made by programs or holds secrets: it hardly belongs in a repository. */
const unwanted = ['node_modules', '.venv', 'venv', '__pycache__', 'dist', 'build', '.next', '.vite', '.cache', '.env']

/** Makes a folder a repository, and says what there should be ignored. */
export async function init(git: Git, files: ProjectFiles, folder: string): Promise<GitResults['git.init']> {
  const place = await files.folder(folder)
  const program = (await git.program()).in(place)
  const chosen = await program.run(['config', 'init.defaultBranch'], { lockless: true, allows: [1] })
  const branch = chosen.stdout.length > 0 ? [] : ['-b', 'main']
  await program.run(['init', '-q', ...branch])
  const root = folder
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  await git.find(true)
  const unignored: string[] = []
  for (const name of unwanted) {
    const there = await lookAtFile(join(place, name))
    if (!there) continue
    const { code } = await program.run(['check-ignore', '-q', '--', name], { lockless: true, allows: [1, 128] })
    if (code !== 0) unignored.push(there.kind === 'file' ? name : `${name}/`)
  }
  return { root, unignored }
}

/** Adds lines to the repository's .gitignore. */
export async function ignore(
  repository: Repository,
  documents: Documents,
  files: ProjectFiles,
  patterns: readonly string[],
): Promise<void> {
  const path = repository.outside('.gitignore')
  const lines = patterns.map((pattern) => `${pattern}\n`).join('')
  await repository.change(async () => {
    try {
      await documents.use(path, async (document) => {
        const text = document.text.toString()
        const insert = `${text === '' || text.endsWith('\n') ? '' : '\n'}${lines}`
        document.edit([{ from: text.length, to: text.length, insert }])
        await document.save()
      })
    } catch (error) {
      if (!(error instanceof OmegaError) || error.code !== 'FILE_NOT_FOUND') throw error
      await files.write(path, lines, undefined)
    }
  })
}

export async function trust(repository: Repository): Promise<void> {
  await repository.change(() =>
    repository.git.run(['config', '--global', '--add', 'safe.directory', repository.git.folder]),
  )
}

export async function addRemote(repository: Repository, remote: string, url: string): Promise<void> {
  refusePassword(url)
  await repository.change(() => repository.git.run(['remote', 'add', '--', remote, url]))
}

export async function removeRemote(repository: Repository, remote: string): Promise<void> {
  await repository.change(() => repository.git.run(['remote', 'remove', '--', remote]))
}

/** An address is written to the configuration, and shown: a password in it would be as well. */
export function refusePassword(url: string): void {
  if (/^[a-z+]+:\/\/[^/@]*:[^/@]+@/i.test(url) || /^https?:\/\/[^/@]+@/i.test(url)) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `The address ${quote(url.replace(/\/\/[^@]*@/, '//...@'))} holds a name or password. Leave that part out; you are asked for it when it is needed.`,
    )
  }
  if (/^[a-z-]+::/i.test(url)) {
    throw new OmegaError('INVALID_REQUEST', 'An address is https, ssh, git or a folder; other helpers are not run.')
  }
}
