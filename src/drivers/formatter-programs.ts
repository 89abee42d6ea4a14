import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A program that formats a file's text: it reads it, and writes it formatted. */
export interface Formatter {
  /** What it is called: Prettier. */
  name: string
  command: string[]
  /** Whether the project brought it. */
  isProjects: boolean
}

const prettierFiles = /\.(?:[mc]?[jt]sx?|vue|css|scss|less|html?|jsonc?|json5|ya?ml|mdx?|markdown|graphql|gql|hbs)$/i
const biomeFiles = /\.(?:[mc]?[jt]sx?|css|jsonc?|graphql|gql|html?|vue)$/i
const pythonFiles = /\.pyi?$/i

const prettierSettings = /^(?:\.prettierrc(?:\.(?:json5?|ya?ml|toml|[mc]?[jt]s))?|prettier\.config\.[mc]?[jt]s)$/
const biomeSettings = ['biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc']

/**
 * The formatters for a file, those of the project first. `root` is absolute, `path` relative to it; `names` gives the
 * files of a folder. A formatter is the project's when it is installed in it, from the file's folder upwards.
 */
export function formattersFor(root: string, path: string, names: (folder: string) => string[]): Formatter[] {
  const folders = foldersAbove(path).map((folder) => join(root, folder))
  const inModules = (name: string) =>
    folders.map((folder) => join(folder, 'node_modules/.bin', name)).find((file) => existsSync(file))
  const inVenv = (name: string) =>
    folders
      .flatMap((folder) => ['.venv', 'venv'].map((venv) => join(folder, venv, 'bin', name)))
      .find((file) => existsSync(file))
  const found: Formatter[] = []
  const add = (name: string, command: string[], isProjects = true) => found.push({ name, command, isProjects })

  if (pythonFiles.test(path)) {
    const ruff = inVenv('ruff')
    const black = inVenv('black')
    if (ruff) add('Ruff', [ruff, 'format', '--quiet', '--stdin-filename', path, '-'])
    if (black) add('Black', [black, '--quiet', '--stdin-filename', path, '-'])
    const asked = folders.some((folder) => /^\[tool\.black\]/m.test(read(join(folder, 'pyproject.toml'))))
    if (existsSync('/usr/bin/black')) add('Black', ['/usr/bin/black', '--quiet', '--stdin-filename', path, '-'], asked)
    return found
  }
  const prettier = prettierFiles.test(path) ? inModules('prettier') : undefined
  const biome = biomeFiles.test(path) ? inModules('biome') : undefined
  const addPrettier = () => prettier && add('Prettier', [prettier, '--stdin-filepath', path])
  const addBiome = () => biome && add('Biome', [biome, 'format', `--stdin-file-path=${path}`])
  // With both, the one that has been set up.
  const prefersBiome =
    folders.some((folder) => names(folder).some((name) => biomeSettings.includes(name))) &&
    !folders.some((folder) => names(folder).some((name) => prettierSettings.test(name)))
  for (const one of prefersBiome ? [addBiome, addPrettier] : [addPrettier, addBiome]) one()
  return found
}

/** The file's folder and all above it, '' last. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), '']
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
