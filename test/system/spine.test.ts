import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { containerOf, containersWith, removeFleet } from '../support/docker.ts'
import { createSandbox, dig, loginOf, OmegaProcess, omega, run, temporaryDataDir } from '../support/omega.ts'
import { type PrivateRedis, startRedis } from '../support/redis.ts'

/** One machine, `omega up`, the real Docker Engine: the ten steps from the command line. */
const FLEET = `spine${process.pid}`
const DOMAIN = 'omega.localhost'
const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 21000-21499'.split(' ')

describe.each(['embedded', 'redis'] as const)('omega up with the %s store', (store) => {
  let redis: PrivateRedis | undefined
  let up: OmegaProcess
  let dnsPort = 0
  const data = { path: '', env: {} as Record<string, string>, remove: async () => {} }

  const start = async () => {
    const more = redis ? ['--redis', redis.url] : []
    up = await OmegaProcess.start(
      ['up', '--fleet', FLEET, '--capacity', '4', ...ports, ...more],
      /Ctrl-C stops/,
      data.env,
    )
    dnsPort = Number(/on port (\d+)/.exec(up.output)?.[1])
  }

  beforeAll(async () => {
    Object.assign(data, await temporaryDataDir())
    if (store === 'redis') redis = await startRedis()
    await start()
  })
  afterAll(async () => {
    await up?.stop()
    await removeFleet(FLEET)
    await redis?.close()
    await data.remove()
  })

  it('creates a sandbox that can be used: record, container, page', async () => {
    const created = await createSandbox(data.env, '--template', 'react', '--name', 'first')
    expect(created).toMatchObject({
      id: expect.stringMatching(/^sb_/),
      name: 'first',
      subdomain: expect.stringMatching(/^[a-z][a-z0-9]{13}$/),
      domain: DOMAIN,
      host: '127.0.0.1',
      port: expect.any(Number),
      template: 'react',
      state: 'running',
    })
    expect(created.url).toBe(`http://${created.subdomain}.${DOMAIN}:${created.port}/`)
    expect(created.port).toBeGreaterThanOrEqual(21_000)
    expect(await dig(dnsPort, `${created.subdomain}.${DOMAIN}`)).toEqual(['127.0.0.1'])
    expect(await dig(dnsPort, `5173-${created.subdomain}.${DOMAIN}`)).toEqual(['127.0.0.1'])
    expect(await dig(dnsPort, `${created.subdomain}.${DOMAIN}`, 'A', '+tcp')).toEqual(['127.0.0.1'])
    expect(await containerOf(created.id)).toHaveLength(1)
    if (redis) {
      const cli = (...args: string[]) => run('redis-cli', ['-u', redis?.url ?? '', ...args])
      expect((await cli('ZSCORE', `{${FLEET}}:hosts`, '127.0.0.1')).stdout.trim()).toBe('1')
      expect((await cli('HGET', `{${FLEET}}:ports`, created.subdomain)).stdout.trim()).toBe(String(created.port))
    }
    const page = await fetch(`http://127.0.0.1:${created.port}/`, { redirect: 'manual' })
    expect(page.status).toBe(421)
  })

  it('no secret is in the container, neither its description nor its environment', async () => {
    const { token } = await loginOf(data.path)
    const created = JSON.parse((await omega(['sandbox', 'get', 'first', '--json'], data.env)).stdout)
    const [id = ''] = await containerOf(created.id)
    const description = (await run('docker', ['inspect', id])).stdout
    const environment = (await run('docker', ['exec', id, 'sh', '-c', 'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline']))
      .stdout
    expect(description).toContain(created.id)
    expect(environment).toContain('OMEGA_DOMAIN')
    for (const text of [description, environment]) {
      expect(text).not.toContain(token)
      expect(text).not.toMatch(/OMEGA_(SECRET|TOKEN)/)
    }
  })

  it('runs commands, with their output and exit code', async () => {
    const good = await omega(
      ['sandbox', 'exec', 'first', '--', 'sh', '-c', 'echo out; echo err >&2; pwd; id -u'],
      data.env,
    )
    expect(good).toEqual({ code: 0, stdout: 'out\n/home/coder/project\n1000\n', stderr: 'err\n' })
    const bad = await omega(['sandbox', 'exec', 'first', '--', 'sh', '-c', 'exit 42'], data.env)
    expect(bad.code).toBe(42)
    const missing = await omega(['sandbox', 'exec', 'first', '--', 'no-such-program'], data.env)
    expect(missing.code).toBe(127)
    const logs = await omega(['sandbox', 'logs', 'first'], data.env)
    expect(logs.stdout).toMatch(/VITE|vite/)
  })

  it('lists, opens, tells its story', async () => {
    const list = await omega(['sandbox', 'list', '--json'], data.env)
    expect(JSON.parse(list.stdout)).toMatchObject([{ name: 'first', state: 'running' }])
    expect((await omega(['sandbox', 'list'], data.env)).stdout).toMatch(/^NAME .*\nfirst {2}react +running/)
    const url = (await omega(['sandbox', 'url', 'first'], data.env)).stdout.trim()
    expect(url).toMatch(/^http:\/\/[a-z0-9]+\.omega\.localhost:\d+\/_omega\/enter\?token=/)
    const hosts = JSON.parse((await omega(['host', 'list', '--json'], data.env)).stdout)
    expect(hosts).toMatchObject([
      { address: '127.0.0.1', containers: 1, capacity: 4, state: 'ready', runtime: 'docker' },
    ])
    const records = await omega(['dns', 'list', '--json'], data.env)
    expect(JSON.parse(records.stdout)).toMatchObject([{ type: 'A', records: ['127.0.0.1'], owner: 'master' }])
    expect((await omega(['doctor'], data.env)).stdout).toMatch(/ok {4}master/)
  })

  it('refuses what is wrong with a sentence and its exit code', async () => {
    const cases: [string[], number, RegExp][] = [
      [['sandbox', 'create', '--template', 'cobol'], 2, /no template "cobol".*react/],
      [['sandbox', 'create', '--name', 'No Good'], 2, /name "No Good" cannot be used/],
      [['sandbox', 'create', '--name', 'first'], 5, /"first" is taken/],
      [['sandbox', 'get', 'nobody'], 4, /no sandbox "nobody"/],
      [['sandbox', 'create', '--token', 'wrong'], 3, /token is wrong/],
      [['sandbox', 'frobnicate'], 2, /unknown command/],
      [['sandbox', 'list', '--url', 'http://127.0.0.1:1'], 7, /cannot be reached/],
    ]
    for (const [args, code, sentence] of cases) {
      const answer = await omega(args, data.env)
      expect([args, answer.code]).toEqual([args, code])
      expect(answer.stderr).toMatch(sentence)
      expect(answer.stdout).toBe('')
    }
    expect(JSON.parse((await omega(['sandbox', 'list', '--json'], data.env)).stdout)).toHaveLength(1)
  })

  it('stops cleanly, and comes back with the same sandboxes and files', async () => {
    await omega(['sandbox', 'exec', 'first', '--', 'sh', '-c', 'echo kept > note.txt'], data.env)
    const before = JSON.parse((await omega(['sandbox', 'get', 'first', '--json'], data.env)).stdout)
    expect(await up.stop('SIGINT')).toBe(0)
    expect(await containersWith(`omega.fleet=${FLEET}`)).toEqual([])
    await start()
    const after = JSON.parse((await omega(['sandbox', 'get', 'first', '--json'], data.env)).stdout)
    expect(after).toEqual(before)
    expect(await dig(dnsPort, `${before.subdomain}.${DOMAIN}`)).toEqual(['127.0.0.1'])
    const note = await omega(['sandbox', 'exec', 'first', '--', 'cat', 'note.txt'], data.env)
    expect(note.stdout).toBe('kept\n')
  })

  it('a second one on the same ports or directory says what is in its way', async () => {
    const { url } = await loginOf(data.path)
    const port = new URL(url).port
    const taken = ['up', '--runtime', 'process', '--port', port, ...ports.slice(2)]
    const other = await temporaryDataDir()
    try {
      const onPort = await omega(taken, other.env)
      expect([onPort.code, onPort.stderr]).toEqual([7, expect.stringContaining(`:${port} cannot be listened on`)])
    } finally {
      await other.remove()
    }
    if (redis) return
    const onDirectory = await omega(['up', '--runtime', 'process', ...ports], data.env)
    expect(onDirectory.stderr).toMatch(/is in use by process \d+/)
    expect(onDirectory.code).toBe(7)
  })

  it('deletes: container, record, slot and port are gone', async () => {
    const { id, subdomain } = JSON.parse((await omega(['sandbox', 'get', 'first', '--json'], data.env)).stdout)
    expect((await omega(['sandbox', 'delete', 'first'], data.env)).code).toBe(0)
    expect(await containerOf(id, '-a')).toEqual([])
    expect(await dig(dnsPort, `${subdomain}.${DOMAIN}`)).toEqual([])
    const hosts = JSON.parse((await omega(['host', 'list', '--json'], data.env)).stdout)
    expect(hosts).toMatchObject([{ containers: 0 }])
    if (redis) {
      const { stdout } = await run('redis-cli', ['-u', redis.url, 'HLEN', `{${FLEET}}:ports`])
      expect(stdout.trim()).toBe('0')
    }
  })
})
