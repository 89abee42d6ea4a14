import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import { TEMPLATE_NAME, type Template, TemplateManifest } from '../core/template.ts'

/**
 * The folder of templates: one folder each, with `template.json` (a TemplateManifest) and `files/`, the project a
 * sandbox starts from. Reads the disk each time it is asked, so a template that was changed or added is seen at once.
 */
export class TemplateCatalog {
  readonly #root: string

  /** @param root The folder that holds the templates' folders. */
  constructor(root: string) {
    this.#root = root
  }

  /** All templates by name. Rejects with INVALID_REQUEST, naming file and field, when a manifest is broken. */
  async list(): Promise<Template[]> {
    const entries = await readdir(this.#root, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        throw new OmegaError('NOT_FOUND', `There is no folder of templates at ${this.#root}.`)
      throw error
    })
    const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
    const found = await Promise.all(names.sort().map((name) => this.#read(name)))
    return found.filter((template) => template !== undefined)
  }

  /** One template; rejects with UNKNOWN_TEMPLATE, listing those there are. */
  async get(name: string): Promise<Template> {
    const template = TEMPLATE_NAME.test(name) ? await this.#read(name) : undefined
    if (template) return template
    const known = (await this.list()).map((each) => each.name).join(', ')
    throw new OmegaError('UNKNOWN_TEMPLATE', `There is no template ${quote(name)}. There are: ${known || 'none'}.`)
  }

  /** The template's own folder, with `template.json` and `files/`. */
  folder(name: string): string {
    if (!TEMPLATE_NAME.test(name)) throw new OmegaError('UNKNOWN_TEMPLATE', `There is no template ${quote(name)}.`)
    return join(this.#root, name)
  }

  async #read(name: string): Promise<Template | undefined> {
    const file = join(this.#root, name, 'template.json')
    const source = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    return source === undefined ? undefined : { name: checkFolderName(name, file), ...parseManifest(source, file) }
  }
}

function checkFolderName(name: string, file: string): string {
  if (TEMPLATE_NAME.test(name)) return name
  throw new OmegaError(
    'INVALID_REQUEST',
    `The folder of ${file} cannot be a template's name: 1 to 40 letters a-z, digits and hyphens, a letter first.`,
  )
}

/** A manifest from the text of its file; INVALID_REQUEST names the file and the first field that is wrong. */
export function parseManifest(source: string, file: string): TemplateManifest {
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (error) {
    throw new OmegaError('INVALID_REQUEST', `${file} is not JSON: ${(error as Error).message}.`)
  }
  if (Value.Check(TemplateManifest, value)) return value
  const allowed = Object.keys(TemplateManifest.properties)
  const extra = Object.keys(Object(value)).find((key) => !Array.isArray(value) && !allowed.includes(key))
  if (extra !== undefined) {
    throw new OmegaError(
      'INVALID_REQUEST',
      `${file}: there is no field ${quote(extra)}. There are: ${allowed.join(', ')}.`,
    )
  }
  const [first] = Value.Errors(TemplateManifest, value)
  const field = (first?.instancePath ?? '').slice(1).replaceAll('/', '.')
  throw new OmegaError('INVALID_REQUEST', `${file}: ${field ? `${field} ` : ''}${first?.message ?? 'is not valid'}.`)
}
