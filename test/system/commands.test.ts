import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createSandbox, eventually, OmegaProcess, omega, run, temporaryDataDir } from '../support/omega.ts'

/** What scripts do in a sandbox, by the real command line, with workers as plain processes. */
const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 23200-23299'.split(' ')
const executable = resolve(import.meta.dirname, '../../dist/bin/omega.js')
const data = { path: '', env: {} as Record<string, string>, remove: async () => {} }
let up: OmegaProcess

beforeAll(async () => {
  Object.assign(data, await temporaryDataDir())
  up = await OmegaProcess.start(['up', '--runtime', 'process', ...ports], /Ctrl-C stops/, data.env)
  await createSandbox(data.env, '--template', 'static', '--name', 'box', '--env', 'COLOUR=green')
})
afterAll(async () => {
  await up?.stop()
  await data.remove()
})

const exec = (words: string[], input?: string) => omega(['sandbox', 'exec', 'box', ...words], data.env, input)

it('a command gets what is piped in, variables and a folder, and gives its code', async () => {
  expect(await exec(['--', 'tr', 'a-z', 'A-Z'], 'piped\n')).toMatchObject({ code: 0, stdout: 'PIPED\n' })
  const { stdout, stderr, code } = await exec([
    '--env',
    'MINE=1',
    '--',
    'sh',
    '-c',
    'echo $COLOUR $MINE; echo no >&2; exit 7',
  ])
  expect([stdout, stderr, code]).toEqual(['green 1\n', 'no\n', 7])
  expect((await exec(['--', 'sh', '-c', 'kill -KILL $$'])).code).toBe(137)
  expect((await exec(['--', 'no-such-program'])).code).toBe(127)
})

it('signals reach the command', async () => {
  const words = [
    'sandbox',
    'exec',
    'box',
    '--',
    'sh',
    '-c',
    'trap "exit 42" TERM; echo up; while :; do sleep 0.1; done',
  ]
  const child = spawn('node', [executable, ...words], { env: { ...process.env, ...data.env } })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(42)
})

it('-t needs a terminal, and gives one', async () => {
  expect((await exec(['-t', '--', 'tty'])).code).toBe(2)
  const command = `stty rows 31 cols 77; node ${executable} sandbox exec box -t -- sh -c 'test -t 0 && stty size; exit 3'; echo "code $?"`
  const { stdout } = await run('script', ['-qec', command, '/dev/null'], data.env)
  expect(stdout).toContain('31 77')
  expect(stdout).toContain('code 3')
})

it('files go in and out', async () => {
  const tree = join(data.path, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'run.sh'), '#!/bin/sh\necho ran\n', { mode: 0o755 })
  expect((await omega(['sandbox', 'cp', tree, 'box:copied'], data.env)).code).toBe(0)
  expect((await exec(['--', './copied/run.sh'])).stdout).toBe('ran\n')
  expect((await omega(['sandbox', 'cp', 'box:copied', join(data.path, 'back')], data.env)).code).toBe(0)
  expect(statSync(join(data.path, 'back/run.sh')).mode & 0o777).toBe(0o755)
  const refused = await omega(['sandbox', 'cp', tree, 'box:../out'], data.env)
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('INVALID_REQUEST')])
})

it('logs are followed until somebody stops it', async () => {
  const child = spawn('node', [executable, 'sandbox', 'logs', 'box', '--follow'], {
    env: { ...process.env, ...data.env },
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  await eventually(async () => text !== '', 'the log says something')
  expect(child.exitCode).toBe(null)
  child.kill('SIGINT')
  await new Promise((resolve) => child.once('close', resolve))
})

it('a sandbox is exported, and another one begins with it', async () => {
  const file = join(data.path, 'box.tar.gz')
  expect((await omega(['sandbox', 'export', 'box', '-o', file], data.env)).code).toBe(0)
  expect(readFileSync(file).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  const made = await createSandbox(data.env, '--name', 'twin', '--from', file)
  expect(made.template).toBe('static')
  const twin = await omega(['sandbox', 'exec', 'twin', '--', 'sh', '-c', 'copied/run.sh; echo $COLOUR'], data.env)
  expect(twin.stdout).toBe('ran\ngreen\n')
})

it('a clone that fails is said to have failed, and the story tells it', async () => {
  const args = [
    'sandbox',
    'create',
    '--template',
    'static',
    '--name',
    'cloned',
    '--git',
    'git://127.0.0.1:1/none',
    '--wait',
  ]
  const { code, stderr } = await omega(args, data.env)
  expect([code, stderr]).toEqual([7, expect.stringContaining('its clone failed')])
  await eventually(async () => {
    const { stdout } = await omega(['sandbox', 'get', 'cloned', '--explain', '--json'], data.env)
    return JSON.parse(stdout).events.some(({ event }: { event: string }) => event === 'clone-failed')
  }, 'the story says that the clone failed')
  const bad = await omega(['sandbox', 'create', '--git', 'file:///etc'], data.env)
  expect(bad.code).toBe(2)
})
