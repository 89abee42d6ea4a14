import { PassThrough, Readable, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExecBegin } from '../../../src/core/wire/exec.ts'
import { execRemotely } from '../../../src/drivers/exec-client.ts'
import { API_TOKEN } from '../../support/master.ts'
import { type MasterWithWorker, startMasterWithWorker } from '../../support/master-with-worker.ts'

let parts: MasterWithWorker
beforeAll(async () => {
  parts = await startMasterWithWorker('runner')
})
afterAll(() => parts.close())

const address = (name = 'runner') => `${parts.master.url}/v1/sandboxes/${name}/exec`

function exec(begin: ExecBegin, input?: Readable, token = API_TOKEN, name?: string) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = [buffer(stdout), buffer(stderr)] as const
  const command = execRemotely(address(name), token, begin, { stdout, stderr, ...(input ? { stdin: input } : {}) })
  const finished = async () => {
    const { ended } = await command
    const end = await ended
    stdout.end()
    stderr.end()
    return { end, stdout: await texts[0], stderr: await texts[1] }
  }
  return { command, finished }
}

describe('a command through the master', () => {
  it('gets all input that is passed on, gives its outputs and its code', async () => {
    const sent = Buffer.alloc(3_000_000, 'abcdefg')
    const input = Readable.from([sent.subarray(0, 1_000_000), sent.subarray(1_000_000)])
    const run = exec({ cmd: ['sh', '-c', 'cat; echo bad >&2; exit 9'], stdin: true }, input)
    const { end, stdout, stderr } = await run.finished()
    expect([end, stdout.equals(sent), String(stderr)]).toEqual([{ exit: 9 }, true, 'bad\n'])
  })

  it('takes no more input than it reads', async () => {
    let given = 0
    const input = new Readable({
      highWaterMark: 65_536,
      read() {
        given += 65_536
        this.push(Buffer.alloc(65_536))
      },
    })
    const { command } = exec({ cmd: ['sleep', '1000'], stdin: true }, input)
    const running = await command
    const stopped = async (): Promise<void> => {
      const before = given
      await new Promise((resolve) => setTimeout(resolve, 300))
      if (given !== before) return stopped()
    }
    await stopped()
    expect(given).toBeLessThan(1_000_000)
    running.leave()
  })

  it('waits for who reads its output slowly', async () => {
    let taken = 0
    const slow = new Writable({
      highWaterMark: 1024,
      write: (chunk: Buffer, _encoding, done) => {
        taken += chunk.length
        setTimeout(done, 1)
      },
    })
    const begin = { cmd: ['sh', '-c', 'head -c 5000000 /dev/zero'] }
    const { ended } = await execRemotely(address(), API_TOKEN, begin, { stdout: slow, stderr: slow })
    expect(await ended).toEqual({ exit: 0 })
    await new Promise((resolve) => slow.end(resolve))
    expect(taken).toBe(5_000_000)
  })

  it('is reached by signals', async () => {
    const { command, finished } = exec({
      cmd: ['sh', '-c', 'trap "exit 4" INT; echo up; while :; do sleep 0.05; done'],
    })
    const running = await command
    await new Promise((resolve) => setTimeout(resolve, 300))
    running.control({ signal: 'SIGINT' })
    expect(await finished()).toMatchObject({ end: { exit: 4 } })
  })

  it('is refused with the reason', async () => {
    await expect(exec({ cmd: ['ls'], cwd: 'none' }).command).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    await expect(exec({ cmd: ['ls'] }, undefined, 'wrong').command).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(exec({ cmd: ['ls'] }, undefined, API_TOKEN, 'none').command).rejects.toMatchObject({
      code: 'SANDBOX_NOT_FOUND',
    })
    const plain = await parts.master.api('/v1/sandboxes/runner/exec')
    expect([plain.status, plain.body]).toEqual([400, expect.objectContaining({ code: 'INVALID_REQUEST' })])
  })

  it('whose sandbox goes away is said to have been cut off', async () => {
    const { command } = exec({ cmd: ['sleep', '1000'] })
    const { ended } = await command
    await parts.worker.stopRole()
    await expect(ended).rejects.toMatchObject({ code: 'BAD_GATEWAY' })
    await expect(exec({ cmd: ['ls'] }).command).rejects.toMatchObject({ code: 'BAD_GATEWAY' })
  })
})
