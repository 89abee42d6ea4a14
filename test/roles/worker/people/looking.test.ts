import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { operationParams } from '../../../../src/core/wire/operation-params.ts'

/**
 * What somebody may ask for who came by a link to look. A new operation made with `reads(...)` belongs here once somebody
 * has made sure that it changes nothing for anybody else, whatever its parameters are: no file, no process, no option of
 * a program. Everything else is made with `changes(...)`.
 */
const harmless = `
  hello
  document.open document.close
  files.list files.look files.ignored files.read files.trashed files.watch files.unwatch
  git.watch git.unwatch git.refresh git.text git.log git.commitDetails git.branches git.stashes git.identity git.sshKey
  language.open language.close language.source
  people.join people.at people.stirs
  preview.locate
  search.files search.text search.stop search.close
  terminal.attach terminal.detach terminal.resize terminal.hide
`
  .trim()
  .split(/\s+/)

const worker = resolve(import.meta.dirname, '../../../../src/roles/worker')

it('people who may look can do only what was found to be harmless', async () => {
  const reads: string[] = []
  const all: string[] = []
  for (const folder of readdirSync(worker, { withFileTypes: true })) {
    if (!folder.isDirectory() || !readdirSync(join(worker, folder.name)).includes('operations.ts')) continue
    if (folder.name === 'wire') continue
    const parts: Record<string, Record<string, { changes: boolean }>> = await import(
      join(worker, folder.name, 'operations.ts')
    )
    for (const [name, handler] of Object.values(parts).flatMap((part) => Object.entries(part))) {
      all.push(name)
      if (!handler.changes) reads.push(name)
    }
  }
  expect(all.sort()).toEqual(Object.keys(operationParams).sort())
  expect(reads.filter((name) => !harmless.includes(name))).toEqual([])
})
