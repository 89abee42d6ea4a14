import { execFileSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerDisk } from '../../src/drivers/docker-disk.ts'
import { DockerEngine } from '../../src/drivers/docker-engine.ts'
import { HostFirewall } from '../../src/drivers/host-firewall.ts'
import { createLog } from '../../src/drivers/log.ts'
import { containerEngineSuite, eventually, markOf, placeOf, specOf } from '../support/container-engine-suite.ts'
import { buildStubImage } from '../support/stub-image.ts'

const mark = Math.random().toString(36).slice(2, 8)
const fleet = `t${mark}`
const good = `stub-${mark}`
const broken = `stub-${mark}-broken`
const log = createLog('test', 'silent', 2)
const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim()

function open(host = '127.0.0.1', publish = false): DockerEngine {
  return new DockerEngine({ fleet, host, publish })
}

let removeImages: (() => void)[] = []
beforeAll(async () => {
  removeImages = [buildStubImage(good), buildStubImage(broken, { broken: '' })]
  await open().ensureNetwork()
}, 120_000)
afterAll(async () => {
  docker('network', 'rm', open().network.name)
  for (const remove of removeImages) remove()
}, 60_000)

containerEngineSuite('DockerEngine', async () => ({
  open: async () => open(),
  good,
  broken,
  close: async () => {},
}))

containerEngineSuite('DockerEngine, published on loopback', async () => ({
  open: async () => open('127.0.0.3', true),
  good,
  broken,
  close: async () => {},
}))

describe('DockerEngine, by itself', { timeout: 60_000 }, () => {
  const engine = open()
  afterAll(async () => {
    for (const { key } of await engine.list()) await engine.remove(key)
  })

  it('makes the network once, whoever asks how often', async () => {
    await Promise.all([open(), open('127.0.0.2'), engine].map((each) => each.ensureNetwork()))
    expect(docker('network', 'ls', '--filter', `name=^${engine.network.name}$`, '-q').split('\n')).toHaveLength(1)
  })

  it('refuses a network of its name whose containers could reach each other', async () => {
    const other = new DockerEngine({ fleet: `${fleet}x`, host: '127.0.0.1', publish: false })
    docker('network', 'create', other.network.name)
    try {
      await expect(other.ensureNetwork()).rejects.toThrow(/omega did not make/)
    } finally {
      docker('network', 'rm', other.network.name)
    }
  })

  it('keeps the containers of two hosts of one engine apart', async () => {
    const spec = specOf(good)
    await engine.start(spec)
    expect(await open('127.0.0.2').list()).toEqual([])
    await open('127.0.0.2').remove(spec.key)
    expect(await engine.list()).toHaveLength(1)
    await engine.remove(spec.key)
  })

  it('removes the image of a copy with the last container of it', async () => {
    const images = () =>
      docker('images', '-aq', '--filter', `label=omega.fleet=${fleet}`, '--filter', 'label=omega.copy')
    const [spec, one, two] = [specOf(good), specOf(good), specOf(good)]
    await engine.start(spec)
    await engine.copy(spec.key, one)
    await engine.copy(one.key, two)
    expect(images().split('\n')).toHaveLength(2)
    await engine.remove(one.key)
    await engine.remove(two.key)
    await engine.sweep(-60_000)
    expect(images()).toBe('')
    await engine.remove(spec.key)
  })

  it('removes the layers of snapshots with the last container that needs them', async () => {
    const images = () => docker('images', '-aq', '--filter', `label=omega.fleet=${fleet}`)
    const [spec, made, copy] = [specOf(good), specOf(good), specOf(good)]
    await engine.start(spec)
    const sandboxId = `sb_${'a'.repeat(26)}`
    const { id } = await engine.snapshots.take(spec.key, {
      id: `sn_${mark}${'0'.repeat(20 - mark.length)}`,
      sandboxId,
      name: 'one',
      createdAt: 1,
    })
    await engine.copy(id, made)
    await engine.copy(made.key, copy)
    await engine.snapshots.remove(id)
    await engine.remove(made.key)
    expect(images()).not.toBe('')
    await engine.remove(copy.key)
    await engine.sweep(-60_000)
    await engine.sweep(-60_000)
    expect(images()).toBe('')
    await engine.remove(spec.key)
  })

  it('tells what a container has written, at once by its processes and exactly by its layer', async () => {
    await engine.openDisk()
    const disk = engine.disk as DockerDisk
    const spec = specOf(good)
    await engine.start(spec)
    const [written, used] = [await disk.written(spec.key), await disk.used(spec.key)]
    const mib = 2 ** 20
    execInside(spec.key, `fs.writeFileSync('/tmp/big', Buffer.alloc(${20 * mib}, 1))`)
    expect((await disk.used(spec.key)) - used).toBeGreaterThanOrEqual(20 * mib)
    expect(written).toBeGreaterThanOrEqual(0)
    // A process that stays is asked itself, as the one above cannot be: nobody inside has waited for it.
    const writer = `setTimeout(() => {}, 60_000); fs.writeFileSync('/tmp/more', Buffer.alloc(${30 * mib}, 1))`
    execInside(
      spec.key,
      `cp.spawn('node', ['-e', ${JSON.stringify(writer)}], { detached: true, stdio: 'ignore' }).unref()`,
    )
    const counted = await eventually(
      async () => (await disk.written(spec.key)) ?? 0,
      (bytes) => bytes >= 30 * mib,
    )
    expect(counted).toBeGreaterThanOrEqual(30 * mib)
    const room = await disk.room()
    expect(room?.freeBytes).toBeGreaterThan(0)
    expect(room?.totalBytes).toBeGreaterThan(room?.freeBytes ?? 0)
    await engine.remove(spec.key)
    await expect(disk.used(spec.key)).rejects.toMatchObject({ code: 'SANDBOX_NOT_FOUND' })
  })

  it('says what to do when no engine answers', async () => {
    const none = new DockerEngine({
      dockerHost: 'unix:///nowhere/docker.sock',
      fleet,
      host: '127.0.0.1',
      publish: false,
    })
    await expect(none.ping()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
    await expect(none.list()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  })

  it('makes the container of the profile: what the engine shows is the policy', async () => {
    const spec = specOf(good)
    await engine.start(spec)
    const mark = markOf()
    await engine.mark(spec.key, mark)
    const [shown] = JSON.parse(docker('inspect', `omega-${mark.subdomain}.my-app.${mark.sandboxId}.p${mark.port}`)) as [
      { HostConfig: Record<string, unknown>; Config: Record<string, unknown>; Mounts: unknown[] },
    ]
    expect(shown.Mounts).toEqual([])
    expect(shown.Config).toMatchObject({ User: '1000:1000', Tty: false, OpenStdin: false, Volumes: null })
    expect(shown.Config.Env).toEqual(
      expect.arrayContaining([
        'OMEGA_DOMAIN=omega.test',
        expect.stringMatching(/^OMEGA_CLAIM_HASH=[\w-]{43}$/),
        expect.stringMatching(/^PATH=/),
      ]),
    )
    expect(shown.Config.Env).toHaveLength(3)
    expect(shown.HostConfig).toMatchObject({
      Binds: null,
      NetworkMode: engine.network.name,
      PortBindings: {},
      RestartPolicy: { Name: 'unless-stopped' },
      AutoRemove: false,
      VolumesFrom: null,
      CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID'].map((name) =>
        expect.stringMatching(new RegExp(`^(CAP_)?${name}$`)),
      ),
      CapDrop: ['ALL'],
      CgroupnsMode: 'private',
      GroupAdd: null,
      IpcMode: 'private',
      OomScoreAdj: 500,
      PidMode: '',
      Privileged: false,
      PublishAllPorts: false,
      ReadonlyRootfs: false,
      SecurityOpt: ['no-new-privileges'],
      UTSMode: '',
      UsernsMode: '',
      Memory: 256 * 2 ** 20,
      MemorySwap: 256 * 2 ** 20,
      NanoCpus: 1e9,
      PidsLimit: 64,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
      Init: true,
      Runtime: 'runc',
    })
    expect(shown.HostConfig.Devices ?? []).toEqual([])
    expect(shown.HostConfig.Mounts ?? []).toEqual([])
    await engine.remove(spec.key)
  })

  it('gives a process inside no capability, no new privileges, and the limits', async () => {
    const spec = specOf(good)
    await engine.start(spec)
    const read = (path: string) => execInside(spec.key, `console.log(fs.readFileSync('${path}', 'utf8'))`)
    const status = read('/proc/self/status')
    expect(status).toMatch(/^CapEff:\s+0+$/m)
    expect(status).toMatch(/^CapPrm:\s+0+$/m)
    // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7.
    expect(status).toMatch(/^CapBnd:\s+00000000000000fb$/m)
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
    expect(status).toMatch(/^Seccomp:\s+2$/m)
    expect(status).toMatch(/^Uid:\s+1000\s+1000\s+1000\s+1000$/m)
    expect(read('/proc/1/limits')).toMatch(/Max open files\s+8192\s+16384/)
    expect(read('/proc/self/limits')).toMatch(/Max core file size\s+0\s+0/)
    expect(read('/proc/1/cmdline')).toContain('docker-init')
    const attempts = [
      `fs.writeFileSync('/proc/sys/kernel/core_pattern', '|/bin/x')`,
      `fs.writeFileSync('/proc/sysrq-trigger', 'h')`,
      `fs.readFileSync('/proc/kcore').length`,
      `fs.writeFileSync('/sys/kernel/uevent_helper', 'x')`,
      `process.setuid(0)`,
      `fs.readFileSync('/dev/kmsg')`,
    ]
    for (const attempt of attempts) {
      const outcome = execInside(
        spec.key,
        `try { const n = ${attempt}; console.log(n === 0 ? 'refused: empty' : 'DONE') } catch (error) { console.log('refused: ' + error.code) }`,
      )
      expect(`${attempt} -> ${outcome}`).toMatch(/-> refused: /)
    }
    // Masked where the host has one at all.
    const fingerprint = `const dmi = '/sys/devices/virtual/dmi'; console.log(fs.existsSync(dmi) ? fs.readdirSync(dmi).length : 0)`
    expect(execInside(spec.key, fingerprint)).toBe('0')
    await engine.remove(spec.key)
  })

  it('holds a fork bomb: the host forks on, and the container can be removed', async () => {
    const spec = specOf(good)
    await engine.start(spec)
    const script = `let n = 0
      const more = () => { const child = cp.spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' })
        child.on('error', (error) => { console.log(error.code, n < 64); process.exit() })
        child.on('spawn', () => { n++; more() }) }
      more()`
    expect(execInside(spec.key, script)).toBe('EAGAIN true')
    await engine.remove(spec.key)
    expect(await engine.inspect(spec.key)).toBeUndefined()
  })
})

/** Runs JavaScript in the container, with fs, net, dns and child_process at hand; gives what it printed. */
function execInside(key: string, script: string): string {
  const name = docker('ps', '--filter', `label=omega.container=${key}`, '--format', '{{.Names}}')
  const prelude = `const fs = require('fs'), net = require('net'), dns = require('dns'), cp = require('child_process');`
  return docker('exec', name, '/usr/local/bin/node', '-e', prelude + script)
}

describe('HostFirewall', { timeout: 120_000 }, () => {
  const engine = open()
  const firewall = new HostFirewall({ network: engine.network, log })
  const one = specOf(good)
  const two = specOf(good)
  // As the master or Redis would listen: on all of the host's addresses.
  const service = createServer((socket) => socket.end('the host'))
  let servicePort = 0

  beforeAll(async () => {
    await new Promise<void>((resolve) => service.listen(0, '0.0.0.0', resolve))
    const address = service.address()
    servicePort = typeof address === 'object' && address ? address.port : 0
    await engine.start(one)
    await engine.start(two)
    for (const { key } of [one, two]) {
      const place = await placeOf(engine, key)
      await eventually(
        () =>
          fetch(`${place}/healthz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        Boolean,
      )
    }
  }, 60_000)
  afterAll(async () => {
    await firewall.remove()
    service.close()
    for (const { key } of [one, two]) await engine.remove(key)
  })

  /** The result of connecting from inside: `open`, or why not. */
  function connect(host: string, port: number): string {
    const script = `const socket = net.connect({ host: '${host}', port: ${port}, timeout: 1500 })
      const say = (text) => { console.log(text); process.exit() }
      socket.on('connect', () => say('open')).on('timeout', () => say('timeout')).on('error', (error) => say(error.code))`
    return execInside(one.key, script)
  }

  const ipOf = (key: string) =>
    docker(
      'inspect',
      '-f',
      '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}}{{end}}',
      `omega-pool-${key}`,
    ).split(' ')

  it('keeps sandboxes off the host, off each other, off private networks and off mail', async () => {
    const [, gateway = ''] = ipOf(one.key)
    const [sibling = ''] = ipOf(two.key)
    // Without the rules the host is open: the test would notice if it tested nothing.
    expect(connect(gateway, servicePort)).toBe('open')

    expect(await firewall.apply()).toEqual({ enforced: true })
    const refused = /^(EHOSTUNREACH|timeout|EACCES)$/
    expect(connect(gateway, servicePort)).toMatch(refused)
    expect(connect(gateway, 22)).toMatch(refused)
    expect(connect(sibling, 8080)).toMatch(refused)
    expect(connect('169.254.169.254', 80)).toMatch(refused)
    expect(connect('10.1.2.3', 80)).toMatch(refused)
    expect(connect('192.168.1.1', 80)).toMatch(refused)
    expect(connect('100.64.0.1', 80)).toMatch(refused)
    expect(connect('192.0.2.200', 25)).toMatch(refused)
    expect(connect('192.0.2.200', 587)).toMatch(refused)
  })

  it('lets the host through to the workers, and their answers back', async () => {
    await firewall.apply()
    const response = await fetch(`${await placeOf(engine, one.key)}/healthz`)
    expect(await response.json()).toEqual({ status: 'ok' })
  })

  it('lets names be resolved, as far as the host itself can', async () => {
    await firewall.apply()
    const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim().split('\n').at(-1)
    const name = new URL(registry ?? '').hostname
    const host = await lookup(name).then(
      () => 'resolved',
      (error: NodeJS.ErrnoException) => error.code ?? '',
    )
    const script = `dns.lookup('${name}', (error) => console.log(error ? error.code : 'resolved'))`
    expect(execInside(one.key, script)).toBe(host)
  })

  it('may be applied again and by several at once, and comes back after somebody flushed it', async () => {
    const others = [1, 2, 3].map(() => new HostFirewall({ network: engine.network, log }))
    await Promise.all([...others, firewall].map((each) => each.apply()))
    const chain = `OMEGA-OUT-${engine.network.bridge}`
    const before = execFileSync('iptables', ['-w', '-S', chain], { encoding: 'utf8' })
    await firewall.apply()
    expect(execFileSync('iptables', ['-w', '-S', chain], { encoding: 'utf8' })).toBe(before)
    execFileSync('iptables', ['-w', '-F', chain])
    execFileSync('iptables', [
      '-w',
      '-D',
      'INPUT',
      '-i',
      engine.network.bridge,
      '-j',
      `OMEGA-INPUT-${engine.network.bridge}`,
    ])
    await firewall.apply()
    expect(execFileSync('iptables', ['-w', '-S', chain], { encoding: 'utf8' })).toBe(before)
    const [, gateway = ''] = ipOf(one.key)
    expect(connect(gateway, servicePort)).not.toBe('open')
  })

  it('is gone without a trace when removed', async () => {
    await firewall.apply()
    await firewall.remove()
    const rules =
      execFileSync('iptables-save', { encoding: 'utf8' }) + execFileSync('ip6tables-save', { encoding: 'utf8' })
    expect(rules).not.toContain(`OMEGA-INPUT-${engine.network.bridge}`)
    expect(rules).not.toContain(`OMEGA-OUT-${engine.network.bridge}`)
  })

  it('says so where it cannot be enforced', async () => {
    const lines: string[] = []
    const nowhere = new HostFirewall({
      network: { name: 'x', bridge: 'br-nowhere' },
      log: { error: (_facts: unknown, text: string) => lines.push(text) } as unknown as typeof log,
    })
    expect(await nowhere.apply()).toMatchObject({ enforced: false, reason: expect.stringContaining('br-nowhere') })
    expect(lines).toEqual([expect.stringContaining('NOT ENFORCED')])
  })
})
