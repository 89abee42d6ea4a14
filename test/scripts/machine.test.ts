import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { forgetEnded } from '../../scripts/machine.mjs'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'omega-machine-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The name of the process that runs this, as a PID file of its own would have it. */
const own = () => readFileSync('/proc/self/comm', 'utf8').trim()

it.each([
  ['of a process that is gone goes', '4194305', 'dockerd', false],
  ['of a process that is another program by now goes', String(process.pid), 'dockerd', false],
  ['that holds nonsense goes', 'nonsense', 'dockerd', false],
  ['of its program, which runs, stays', String(process.pid), own(), true],
])('a PID file %s', (_what, pid, program, stays) => {
  const file = join(folder, 'engine.pid')
  writeFileSync(file, pid)
  forgetEnded(file, program)
  expect(existsSync(file)).toBe(stays)
})

it('no PID file is no error', () => {
  expect(() => forgetEnded(join(folder, 'none.pid'), 'dockerd')).not.toThrow()
})
