import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** The floors of ARCHITECTURE.md, kept by reading the import statements. */
const root = resolve(import.meta.dirname, '..')

interface Import {
  from: string
  /** Repository path, or the bare specifier of a package. */
  to: string
  lazy: boolean
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

function importsOf(file: string): Import[] {
  const code = readFileSync(join(root, file), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  const found: Import[] = []
  for (const match of code.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g,
  )) {
    found.push({ from: file, to: locate(file, match[1] ?? match[2] ?? ''), lazy: false })
  }
  for (const match of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ from: file, to: locate(file, match[1] ?? ''), lazy: true })
  }
  return found
}

function locate(file: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier
}

const files = [...sources('src'), ...sources('bin')]
const imports = files.flatMap(importsOf)
const isOurs = (path: string) => path.startsWith('src/') || path.startsWith('bin/')
const floorOf = (path: string) =>
  /^(?:src\/(core|drivers|roles|cli|web)|(bin))\b/.exec(path)?.slice(1).find(Boolean) ?? ''
const roleOf = (path: string) => /^src\/roles\/([^/]+)\//.exec(path)?.[1]
const show = ({ from, to }: Import) => `${from} -> ${to}`

/** Which floors each floor may stand on. */
const below: Record<string, string[]> = {
  core: ['core'],
  drivers: ['core', 'drivers'],
  roles: ['core', 'drivers', 'roles'],
  cli: ['core', 'drivers', 'cli', 'roles'],
  bin: ['core', 'cli'],
  web: ['core', 'web'],
}

describe('the floors', () => {
  it('reads some files', () => {
    expect(files.length).toBeGreaterThan(15)
    expect(imports.length).toBeGreaterThan(20)
  })

  it('no import goes upwards or sideways', () => {
    const wrong = imports.filter(({ from, to }) => isOurs(to) && !below[floorOf(from)]?.includes(floorOf(to)))
    expect(wrong.map(show)).toEqual([])
  })

  it('no role knows another role', () => {
    const wrong = imports.filter(({ from, to }) => roleOf(from) && roleOf(to) && roleOf(from) !== roleOf(to))
    expect(wrong.map(show)).toEqual([])
  })

  it('the command line knows roles by name only: their index.ts, lazily', () => {
    const wrong = imports.filter(
      ({ from, to, lazy }) => from.startsWith('src/cli/') && roleOf(to) && !(lazy && to.endsWith('/index.ts')),
    )
    expect(wrong.map(show)).toEqual([])
  })

  it('only a composition root constructs drivers', () => {
    const classes = /\bnew (?:RedisFleetStore|DockerEngine|ProcessEngine|EmbeddedFleetStore|Redis|Docker)\b/
    const roots = (file: string) =>
      /^src\/roles\/[^/]+\/index\.ts$/.test(file) || file.startsWith('src/cli/') || file.startsWith('src/drivers/')
    const wrong = files.filter((file) => !roots(file) && classes.test(readFileSync(join(root, file), 'utf8')))
    expect(wrong).toEqual([])
  })

  it('the core imports nothing but itself and the schema library, and reads no clock and no chance', () => {
    const core = files.filter((file) => file.startsWith('src/core/'))
    const foreign = imports.filter(
      ({ from, to }) => core.includes(from) && !to.startsWith('src/core/') && !/^typebox(\/|$)/.test(to),
    )
    expect(foreign.map(show)).toEqual([])
    const impure = core.filter((file) =>
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\./.test(readFileSync(join(root, file), 'utf8')),
    )
    expect(impure).toEqual([])
  })

  it('there is no import cycle', () => {
    const graph = new Map<string, string[]>()
    for (const { from, to, lazy } of imports) if (isOurs(to) && !lazy) graph.set(from, [...(graph.get(from) ?? []), to])
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) return void cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      if (done.has(file)) return
      for (const next of graph.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })

  it('every relative import exists', () => {
    const all = new Set(files)
    const missing = imports.filter(
      ({ to }) => isOurs(to) && /\.tsx?$/.test(to) && !all.has(to) && !to.endsWith('.d.ts'),
    )
    expect(missing.map(show)).toEqual([])
  })

  it('the environment is read in one place, and the process ended in two', () => {
    const reads = files.filter((file) => /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8')))
    const readers = ['src/cli/config.ts', 'src/drivers/process-environment.ts', 'src/drivers/host-network.ts']
    expect(reads.filter((file) => !readers.includes(file))).toEqual([])
    const exits = files.filter((file) => /\bprocess\.exit\(/.test(readFileSync(join(root, file), 'utf8')))
    expect(exits.filter((file) => !['bin/omega.ts', 'src/cli/shutdown.ts'].includes(file))).toEqual([])
  })

  it('no file is a drawer for everything, and none is too long to read at once', () => {
    expect(files.filter((file) => /\/(utils?|helpers?|common|misc)\b/.test(file))).toEqual([])
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 350)
    expect(long).toEqual([])
  })
})
