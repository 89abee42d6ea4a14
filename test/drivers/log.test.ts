import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLog } from '../../src/drivers/log.ts'

it('is a file for its owner, of one JSON object a line whatever is said, without credentials', () => {
  const folder = mkdtempSync(join(tmpdir(), 'omega-log-'))
  try {
    const file = join(folder, 'deep/omega.log')
    const log = createLog('master', 'info', file)
    log.info({ name: 'a\n{"level":60}\u001b[31m\u2028', token: 'planted', worker: { token: 'planted' } }, 'x\ny')
    log.info({ settings: { secret: 'planted' }, request: { claim: { env: { KEY: 'planted' } } } }, 'z')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['x\ny', 'z'])
    expect(lines.join('')).not.toContain('planted')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
