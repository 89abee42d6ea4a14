import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStream } from '../../../src/drivers/http-stream.ts'
import { API_TOKEN } from '../../support/master.ts'
import { type MasterWithWorker, startMasterWithWorker } from '../../support/master-with-worker.ts'

let parts: MasterWithWorker
beforeAll(async () => {
  const start = 'seq 1 20; echo last; while read line; do printf "\\033[31mgot %s\\033[0m\\n" "$line"; done'
  parts = await startMasterWithWorker('talker', start)
})
afterAll(() => parts.close())

const logs = (query: string) => parts.master.api(`/v1/sandboxes/talker/logs?${query}`)

describe('the logs of an app', () => {
  it('are its last lines', async () => {
    await expect.poll(async () => (await logs('tail=2')).body).toBe('20\nlast\n')
    expect((await logs('tail=0')).body).toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it('are followed until the caller leaves', async () => {
    const url = `${parts.master.url}/v1/sandboxes/talker/logs?tail=1&follow=true`
    const response = await openStream(url, { token: API_TOKEN })
    let text = ''
    response.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    response.on('error', () => undefined)
    await expect.poll(() => text).toBe('last\n')
    const client = await parts.worker.connect({ authorization: `Bearer ${parts.token}` }, parts.host)
    const { channel } = await client.request('terminal.attach', { terminal: 'app', cols: 80, rows: 24 })
    client.type(channel, 'hello\r')
    await expect.poll(() => text).toContain('hello\ngot hello\n')
    response.destroy()
  })
})
