import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from 'typebox/value'
import { OmegaError } from '../../core/errors.ts'
import { TemplateManifest } from '../../core/template.ts'

/** What the template says of itself. Throws INVALID_REQUEST with what is wrong with it. */
export function readManifest(templateDir: string): TemplateManifest {
  const file = join(templateDir, 'template.json')
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (Value.Check(TemplateManifest, value)) return value
  const [first] = Value.Errors(TemplateManifest, value)
  throw new OmegaError('INVALID_REQUEST', `${file} is not valid: ${first?.instancePath} ${first?.message}.`)
}
