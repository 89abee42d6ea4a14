import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The scripts inside a built page (`index.html` of a folder), as sources of its content security policy: a page may run
 * the few lines it was built with before its first paint, and no others.
 */
export function inlineScriptSources(pageDir: string): string[] {
  const html = readFileSync(join(pageDir, 'index.html'), 'utf8')
  return [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
}
