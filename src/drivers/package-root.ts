import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of omega's package.json: the same from source, from the bundle in dist and in the image. */
export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)))

export const version: string = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version

function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw new Error(`No package.json above ${from}: omega is not installed properly.`)
  }
}
