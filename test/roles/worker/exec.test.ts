import { existsSync, mkdirSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ExecLine } from '../../../src/core/wire/exec.ts'
import { BEARER, HOST, TestWorker } from '../../support/worker.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let worker: TestWorker
beforeAll(async () => {
  worker = await TestWorker.boot({ start: 'printf "\\033[32mgreen\\033[0m\\n"; seq 1 50; sleep 1000' })
  mkdirSync(join(worker.root, 'sub'))
})
afterAll(() => worker.close())

async function exec(cmd: string[], cwd?: string) {
  const body = cwd === undefined ? { cmd } : { cmd, cwd }
  const answer = await worker.ask('/_omega/exec', { method: 'POST', headers: BEARER, body })
  const lines: ExecLine[] =
    answer.status === 200
      ? answer.body
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : []
  const text = (stream: string) =>
    Buffer.concat(
      lines.flatMap((line) => ('stream' in line && line.stream === stream ? [Buffer.from(line.data, 'base64')] : [])),
    )
  return { answer, lines, stdout: text('stdout'), stderr: text('stderr'), last: lines.at(-1) }
}

describe('a command', () => {
  it('gives its output, each stream, and its exit code', async () => {
    const { answer, stdout, stderr, last } = await exec(['sh', '-c', 'pwd; echo bad >&2; exit 3'])
    expect(answer.headers['content-type']).toBe('application/x-ndjson')
    expect([String(stdout), String(stderr), last]).toEqual([`${worker.root}\n`, 'bad\n', { exit: 3 }])
  })

  it('runs in a folder of the project, with words as they are', async () => {
    const { stdout } = await exec(['sh', '-c', 'pwd; printf "%s|" "$@"', 'sh', 'a b', '$HOME', '', "'"], 'sub')
    expect(String(stdout)).toBe(`${worker.root}/sub\na b|$HOME||'|`)
  })

  it('may write any bytes and much of them', async () => {
    const { stdout, last } = await exec(['sh', '-c', 'printf "\\377\\000"; head -c 5000000 /dev/zero'])
    expect(stdout.length).toBe(5_000_002)
    expect([...stdout.subarray(0, 3)]).toEqual([255, 0, 0])
    expect(last).toEqual({ exit: 0 })
  })

  it('that is longer than the kernel takes is refused, and said so', async () => {
    for (const word of ['x'.repeat(131_072), 'é'.repeat(70_000)]) {
      const { answer } = await exec(['echo', word])
      expect([answer.status, answer.json.code]).toEqual([413, 'TOO_LARGE'])
    }
    expect((await exec(['true'])).last).toEqual({ exit: 0 })
  })

  it('tells of a death by signal, and of a program that is not there', async () => {
    expect((await exec(['sh', '-c', 'kill -TERM $$'])).last).toEqual({ exit: 143, signal: 'SIGTERM' })
    expect((await exec(['no-such-program'])).lines).toEqual([
      { error: '"no-such-program" cannot be started: there is no such program.' },
    ])
  })

  it.each<[object, number, string]>([
    [{ cmd: [] }, 400, 'INVALID_REQUEST'],
    [{ cmd: 'ls' }, 400, 'INVALID_REQUEST'],
    [{ cmd: [''] }, 400, 'INVALID_REQUEST'],
    [{ cmd: ['a\0b'] }, 400, 'INVALID_REQUEST'],
    [{ cmd: ['ls'], cwd: '..' }, 400, 'INVALID_REQUEST'],
    [{ cmd: ['ls'], cwd: 'none' }, 404, 'FILE_NOT_FOUND'],
    [{ cmd: ['ls'], more: 1 }, 400, 'INVALID_REQUEST'],
    [{}, 400, 'INVALID_REQUEST'],
  ])('%j gives %d', async (body, status, code) => {
    const answer = await worker.ask('/_omega/exec', { method: 'POST', headers: BEARER, body })
    expect([answer.status, answer.json.code ?? '']).toEqual([status, code])
  })

  it('ends with all it started when its caller leaves', async () => {
    const body = JSON.stringify({ cmd: ['sh', '-c', '(sleep 1000 & echo $!; wait)'] })
    const pid = await new Promise<string>((resolve) => {
      const headers = { ...BEARER, host: HOST, 'content-type': 'application/json' }
      const call = request({ port: worker.port, path: '/_omega/exec', method: 'POST', headers }, (response) => {
        response.once('data', (chunk) => {
          resolve(
            Buffer.from(JSON.parse(String(chunk)).data, 'base64')
              .toString()
              .trim(),
          )
          response.destroy()
        })
        response.on('error', () => undefined)
      })
      call.end(body)
    })
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 20_000 }).toBe(false)
  })
})

describe('the log of the app', () => {
  it('is its last output as plain text', async () => {
    await expect.poll(async () => (await worker.ask('/_omega/logs', { headers: BEARER })).body).toContain('50\n')
    const all = await worker.ask('/_omega/logs', { headers: BEARER })
    expect(all.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(all.body.split('\n').slice(0, 3)).toEqual(['green', '1', '2'])
    expect((await worker.ask('/_omega/logs?tail=2', { headers: BEARER })).body).toBe('49\n50\n')
  })
})
