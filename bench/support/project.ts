import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** What both sides have open: the files of this template, and one large file more. */
export const TEMPLATE = 'static'
export const LARGE_FILE = 'large.ts'
export const SMALL_FILE = 'style.css'
/** omega shows it the first time. */
export const OTHER_FILE = 'index.html'
/** In the first line of the large file, a comment. */
export const MARK = 'BENCHMARK'

const LINES = 5_000

/** TypeScript as people write it: 5,000 lines, 152 KB. */
export function largeFile(): string {
  const blocks = Array.from({ length: LINES / 20 }, (_, index) => block(index + 1).join('\n'))
  return [`// ${MARK}`, ...blocks.join('\n').split('\n').slice(1)].join('\n')
}

/** Twenty lines. */
function block(number: number): string[] {
  return [
    '',
    `/** One entry of list ${number}, as the service sends it. */`,
    `export interface Entry${number} {`,
    '  id: string',
    '  title: string',
    '  weight: number',
    '  tags: readonly string[]',
    '}',
    '',
    `const limit${number} = ${number * 10}`,
    '',
    '/** The heaviest first; those with the same weight by title. */',
    `export function sorted${number}(entries: readonly Entry${number}[]): Entry${number}[] {`,
    `  const known = entries.filter(({ weight }) => weight <= limit${number})`,
    '  return known.sort((a, b) => b.weight - a.weight || a.title.localeCompare(b.title))',
    '}',
    '',
    `export async function load${number}(address: string): Promise<Entry${number}[]> {`,
    `  return sorted${number}(await (await fetch(\`\${address}/lists/${number}\`)).json())`,
    '}',
  ]
}

/** The same project as a folder of this machine. */
export async function projectFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'omega-bench-project-'))
  const template = resolve(import.meta.dirname, '../../templates', TEMPLATE, 'files')
  await cp(template, path, { recursive: true })
  await writeFile(join(path, LARGE_FILE), largeFile())
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}
