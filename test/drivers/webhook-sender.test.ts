import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { signature, WebhookSender, webhookSecret, webhookTargets } from '../../src/drivers/webhook-sender.ts'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const it of open.splice(0)) it.close()
})

async function receiver(answer: (response: ServerResponse) => void) {
  const seen: { headers: IncomingHttpHeaders; body: string; url: string; method: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    seen.push({ headers: request.headers, body, url: request.url ?? '', method: request.method ?? '' })
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => server.close().closeAllConnections() })
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=1` }
}

const answering = (status: number, headers: Record<string, string> = {}) => {
  return (response: ServerResponse) => void response.writeHead(status, headers).end('{"some":"body"}')
}
const message = { id: 'evt_1-0', body: '{"type":"sandbox.running","data":{"name":"\u00fc"}}' }
const now = 1_700_000_000_999
const send = (url: string, signal = new AbortController().signal) =>
  new WebhookSender('fleet secret', '1.2.3').send(url, message, now, signal)

describe('WebhookSender', () => {
  it('signs as the specification of Standard Webhooks does', () => {
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
    expect(signature(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  it('sends what a receiver can check with the secret that is printed', async () => {
    const { seen, url } = await receiver(answering(204))
    expect(await send(url)).toEqual({ outcome: 'delivered' })
    const [{ headers, body, url: path, method } = { headers: {}, body: '', url: '', method: '' }] = seen
    expect([method, path, body]).toEqual(['POST', '/hook?key=1', message.body])
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'omega/1.2.3',
      'webhook-id': 'evt_1-0',
      'webhook-timestamp': '1700000000',
    })
    const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]{43}=)$/.exec(webhookSecret('fleet secret')) ?? []
    const mac = createHmac('sha256', Buffer.from(base64, 'base64')).update(`evt_1-0.1700000000.${body}`)
    expect(headers['webhook-signature']).toBe(`v1,${mac.digest('base64')}`)
    expect(webhookSecret('another')).not.toBe(webhookSecret('fleet secret'))
  })

  it.each([
    [200, {}, { outcome: 'delivered' }],
    [410, {}, { outcome: 'gone' }],
    [500, {}, { outcome: 'failed', reason: 'it answered 500' }],
    [302, { location: '/elsewhere' }, { outcome: 'failed', reason: 'it answered 302' }],
    [429, { 'retry-after': '30' }, { outcome: 'failed', reason: 'it answered 429', retryAfterMs: 30_000 }],
    [
      503,
      { 'retry-after': 'Tue, 14 Nov 2023 22:14:20 GMT' },
      { outcome: 'failed', reason: 'it answered 503', retryAfterMs: 59_001 },
    ],
    [503, { 'retry-after': 'soon' }, { outcome: 'failed', reason: 'it answered 503' }],
  ])('takes %s with %o for %o', async (status, headers, outcome) => {
    const { seen, url } = await receiver(answering(status, headers))
    expect(await send(url)).toStrictEqual(outcome)
    expect(seen.length).toBe(1)
  })

  it('fails where nobody listens, and rejects only when it is told to stop', async () => {
    expect(await send('http://127.0.0.1:1/')).toEqual({
      outcome: 'failed',
      reason: expect.stringMatching(/ECONNREFUSED|bad port/),
    })
    const { seen, url } = await receiver(() => {})
    const stop = new AbortController()
    const sending = send(url, stop.signal)
    await expect.poll(() => seen.length).toBe(1)
    stop.abort(new Error('stopping'))
    await expect(sending).rejects.toThrow('stopping')
  })
})

describe('webhookTargets', () => {
  it('takes addresses with commas, each once, and shows no query', () => {
    const targets = webhookTargets(
      ' https://a.example/hook?key=secret, http://10.0.0.7:9000,https://a.example/hook?key=secret,',
    )
    expect(targets).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{16}$/),
        url: 'https://a.example/hook?key=secret',
        shown: 'https://a.example/hook',
      },
      { id: expect.stringMatching(/^[\w-]{16}$/), url: 'http://10.0.0.7:9000/', shown: 'http://10.0.0.7:9000/' },
    ])
    expect(targets[0]?.id).not.toBe(targets[1]?.id)
    expect(webhookTargets('')).toEqual([])
  })

  it.each(['a.example', 'ftp://a.example', 'https://user:word@a.example', 'http://'])('refuses %s', (text) => {
    expect(() => webhookTargets(text)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
  })
})
