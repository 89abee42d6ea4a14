import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { imageOf } from '../../src/core/template.ts'

/**
 * Builds a template's image without any base: this very Node.js, the libraries it is linked with and the stub worker.
 * `files` are added to its project. Gives a function that removes the image again. `dockerHost`: of another engine.
 */
export function buildStubImage(template: string, files: Record<string, string> = {}, dockerHost?: string): () => void {
  const env = dockerHost === undefined ? process.env : { ...process.env, DOCKER_HOST: dockerHost }
  const context = mkdtempSync(join(tmpdir(), 'omega-stub-image-'))
  try {
    const root = join(context, 'root')
    const put = (from: string, to: string) => {
      mkdirSync(dirname(join(root, to)), { recursive: true })
      copyFileSync(from, join(root, to))
    }
    put(process.execPath, '/usr/local/bin/node')
    const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
    for (const library of libraries) if (!library.endsWith(':')) put(library, library)
    put(join(import.meta.dirname, 'stub-worker.mjs'), '/worker.mjs')
    mkdirSync(join(root, 'project'))
    mkdirSync(join(root, 'tmp'), { mode: 0o777 })
    for (const [name, content] of Object.entries(files)) writeFileSync(join(root, 'project', name), content)
    writeFileSync(
      join(context, 'Dockerfile'),
      'FROM scratch\nCOPY root /\nUSER 1000:1000\nENTRYPOINT ["/usr/local/bin/node", "/worker.mjs"]\n',
    )
    execFileSync('chmod', ['1777', join(root, 'tmp')])
    execFileSync('docker', ['build', '-q', '-t', imageOf(template), context], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
  return () => {
    execFileSync('docker', ['rmi', '-f', imageOf(template)], { env, stdio: 'ignore' })
  }
}

/** The same as a prepared folder, for the process runtime; `root` gets one folder per template. */
export function writeStubTemplate(root: string, template: string, files: Record<string, string> = {}): string {
  const folder = join(root, template)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'template.json'), '{}')
  writeFileSync(join(folder, 'hello.txt'), 'hello')
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** Path of an executable that stands for dist/bin/omega.js. */
export function writeStubOmega(root: string): string {
  const path = join(root, 'omega.mjs')
  cpSync(join(import.meta.dirname, 'stub-worker.mjs'), path)
  return path
}
