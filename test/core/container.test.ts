import { describe, expect, it } from 'vitest'
import type { ContainerSpec } from '../../src/core/container.ts'
import { checkDescription, describe as describeContainer, recognize } from '../../src/core/container-description.ts'
import { markOf, nameOf } from '../../src/core/container-name.ts'
import { firewallRules, networkOf } from '../../src/core/sandbox-network.ts'

const spec: ContainerSpec = {
  key: `ct_${'0a'.repeat(10)}`,
  template: 'react',
  domain: 'omega.localhost',
  claimHash: 'h'.repeat(43),
  limits: { memoryMiB: 2048, cpus: 2, pids: 512 },
}
const site = {
  fleet: 'omega',
  host: '127.0.0.1',
  publish: true,
  network: 'omega',
  image: 'omega-template-react:latest',
  init: true,
}
const good = describeContainer(spec, site)

/** A deep copy with the value at `path` replaced (or added); undefined removes it. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(good) as Record<string, unknown>
  const keys = path.split('.')
  let at: Record<string, unknown> = copy
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>
  const last = keys.at(-1) ?? ''
  if (value === undefined) delete at[last]
  else at[last] = value
  return copy
}

describe('the description of a container', () => {
  it('is the profile `standard`, word for word', () => {
    expect(good).toEqual({
      name: `omega-pool-${spec.key}`,
      Image: 'omega-template-react:latest',
      Hostname: 'react',
      User: '1000:1000',
      Env: ['OMEGA_DOMAIN=omega.localhost', `OMEGA_CLAIM_HASH=${'h'.repeat(43)}`],
      Labels: {
        'omega.fleet': 'omega',
        'omega.host': '127.0.0.1',
        'omega.container': spec.key,
        'omega.domain': 'omega.localhost',
        'omega.template': 'react',
      },
      Healthcheck: { Test: ['NONE'] },
      ExposedPorts: { '8080/tcp': {} },
      HostConfig: {
        NetworkMode: 'omega',
        PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        RestartPolicy: { Name: 'unless-stopped' },
        Init: true,
        Privileged: false,
        PublishAllPorts: false,
        CapDrop: ['ALL'],
        CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID'],
        SecurityOpt: ['no-new-privileges'],
        IpcMode: 'private',
        CgroupnsMode: 'private',
        MaskedPaths: expect.arrayContaining(['/proc/kcore', '/proc/keys', '/sys/firmware', '/sys/devices/virtual/dmi']),
        ReadonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
        Memory: 2 ** 31,
        MemorySwap: 2 ** 31,
        NanoCpus: 2e9,
        PidsLimit: 512,
        OomScoreAdj: 500,
        Ulimits: [
          { Name: 'nofile', Soft: 8192, Hard: 16_384 },
          { Name: 'core', Soft: 0, Hard: 0 },
        ],
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
      },
    })
    expect(checkDescription(good)).toBe(good)
  })

  it.each<[string, unknown]>([
    ['HostConfig.Privileged', true],
    ['HostConfig.Privileged', undefined],
    ['HostConfig.Binds', ['/:/host']],
    ['HostConfig.Binds', []],
    ['HostConfig.Binds', ['/var/run/docker.sock:/var/run/docker.sock']],
    ['HostConfig.Mounts', [{ Type: 'bind', Source: '/', Target: '/host' }]],
    ['HostConfig.VolumesFrom', ['other']],
    ['HostConfig.Tmpfs', { '/tmp': 'exec,dev' }],
    ['HostConfig.Devices', [{ PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg' }]],
    ['HostConfig.DeviceRequests', [{ Count: -1 }]],
    ['HostConfig.DeviceCgroupRules', ['a *:* rwm']],
    ['HostConfig.NetworkMode', 'host'],
    ['HostConfig.NetworkMode', 'bridge'],
    ['HostConfig.NetworkMode', 'none'],
    ['HostConfig.NetworkMode', 'default'],
    ['HostConfig.NetworkMode', 'container:other'],
    ['HostConfig.PidMode', 'host'],
    ['HostConfig.PidMode', 'container:other'],
    ['HostConfig.IpcMode', 'host'],
    ['HostConfig.IpcMode', 'shareable'],
    ['HostConfig.IpcMode', undefined],
    ['HostConfig.UTSMode', 'host'],
    ['HostConfig.UsernsMode', 'host'],
    ['HostConfig.CgroupnsMode', 'host'],
    ['HostConfig.Cgroup', 'x'],
    ['HostConfig.CgroupParent', '/'],
    ['HostConfig.CapDrop', []],
    ['HostConfig.CapDrop', undefined],
    ['HostConfig.CapAdd', ['SYS_ADMIN']],
    ['HostConfig.CapAdd', ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SYS_PTRACE']],
    ['HostConfig.CapAdd', ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'NET_RAW']],
    ['HostConfig.SecurityOpt', ['no-new-privileges', 'seccomp=unconfined']],
    ['HostConfig.SecurityOpt', ['apparmor=unconfined']],
    ['HostConfig.SecurityOpt', ['no-new-privileges:false']],
    ['HostConfig.SecurityOpt', []],
    ['HostConfig.SecurityOpt', undefined],
    ['HostConfig.MaskedPaths', []],
    ['HostConfig.MaskedPaths', undefined],
    ['HostConfig.ReadonlyPaths', []],
    ['HostConfig.Memory', 0],
    ['HostConfig.Memory', -1],
    ['HostConfig.MemorySwap', -1],
    ['HostConfig.MemorySwap', 2 ** 32],
    ['HostConfig.OomKillDisable', true],
    ['HostConfig.OomScoreAdj', -1000],
    ['HostConfig.NanoCpus', 0],
    ['HostConfig.PidsLimit', -1],
    ['HostConfig.PidsLimit', 0],
    ['HostConfig.PidsLimit', undefined],
    ['HostConfig.Ulimits', []],
    ['HostConfig.Ulimits', [{ Name: 'nofile', Soft: -1, Hard: -1 }]],
    ['HostConfig.Sysctls', { 'net.ipv4.ip_forward': '1' }],
    ['HostConfig.Runtime', 'other'],
    ['HostConfig.StorageOpt', { size: '1T' }],
    ['HostConfig.ExtraHosts', ['metadata:169.254.169.254']],
    ['HostConfig.Dns', ['10.0.0.1']],
    ['HostConfig.Links', ['other:other']],
    ['HostConfig.GroupAdd', ['docker']],
    ['HostConfig.PublishAllPorts', true],
    ['HostConfig.AutoRemove', true],
    ['HostConfig.VolumeDriver', 'x'],
    ['HostConfig.LogConfig', { Type: 'syslog', Config: { 'syslog-address': 'udp://192.0.2.1:514' } }],
    ['HostConfig.LogConfig', { Type: 'json-file', Config: {} }],
    ['HostConfig.RestartPolicy', { Name: 'always' }],
    ['HostConfig.PortBindings', { '22/tcp': [{ HostIp: '0.0.0.0', HostPort: '22' }] }],
    ['HostConfig.PortBindings', { '8080/tcp': [{ HostIp: '', HostPort: '20001' }] }],
    ['HostConfig.PortBindings', { '8080/tcp': [] }],
    ['HostConfig.privileged', true],
    ['User', 'root'],
    ['User', ''],
    ['User', '0:0'],
    ['User', undefined],
    ['Env', ['OMEGA_DOMAIN=omega.localhost', 'OMEGA_TOKEN=secret']],
    ['Env', ['OMEGA_DOMAIN=omega.localhost', `OMEGA_CLAIM_HASH=${'h'.repeat(43)}`, 'OMEGA_TOKEN=secret']],
    ['Env', ['OMEGA_DOMAIN=omega.localhost', 'OMEGA_CLAIM_HASH=']],
    ['Env', ['OMEGA_DOMAIN=omega.localhost']],
    ['Env', ['OMEGA_TOKEN=secret']],
    ['Env', ['OMEGA_DOMAIN=omega.localhost\nOMEGA_TOKEN=secret']],
    ['Labels', { ...good.Labels, 'omega.token': 'secret' }],
    ['Labels', {}],
    ['Volumes', { '/data': {} }],
    ['Entrypoint', ['/bin/sh']],
    ['Cmd', ['/bin/sh']],
    ['WorkingDir', '/'],
    ['Tty', true],
    ['NetworkingConfig', { EndpointsConfig: { bridge: {} } }],
    ['NetworkDisabled', false],
    ['Image', 'alpine'],
    ['Image', 'evil.example/omega-template-react:latest'],
    ['name', 'omega-../../x'],
    ['Hostname', 'a.b'],
  ])('with %s = %j is refused', (path, value) => {
    expect(() => checkDescription(changed(path, value))).toThrow(/outside the hardening profile/)
  })

  it('names the field that is wrong', () => {
    expect(() => checkDescription(changed('HostConfig.Privileged', true))).toThrow(/\/HostConfig\/Privileged/)
  })

  it('is recognized again from labels, name and state', () => {
    const { key, template, domain } = spec
    const mark = {
      sandboxId: `sb_${'0a'.repeat(13)}`,
      subdomain: 'kq3hd82ns0qmzt',
      name: 'my-app',
      port: 20_001,
      expiresAt: 0,
      stopped: false,
    }
    const known = { key, template, domain }
    expect(recognize(good.Labels, nameOf(mark), 'running')).toEqual({ ...known, state: 'running', mark })
    expect(recognize(good.Labels, nameOf(mark), 'paused')).toEqual({ ...known, state: 'asleep', mark })
    expect(recognize(good.Labels, good.name, 'created')).toEqual({ ...known, state: 'stopped', mark: undefined })
    expect(recognize(good.Labels, 'x', 'restarting')?.state).toBe('starting')
    expect(recognize(good.Labels, 'x', 'removing')).toBeUndefined()
    expect(recognize({}, 'x', 'running')).toBeUndefined()
  })
})

describe('the size of a container', () => {
  const limited = { ...spec, limits: { ...spec.limits, diskBytes: 5 * 2 ** 30 } }

  it('is told to engines with quotas only: others refuse the option', () => {
    const made = checkDescription(describeContainer(limited, { ...site, quota: true }))
    expect(made.HostConfig.StorageOpt).toEqual({ size: '5368709120' })
    expect(describeContainer(limited, site).HostConfig).not.toHaveProperty('StorageOpt')
    expect(describeContainer(spec, { ...site, quota: true }).HostConfig).not.toHaveProperty('StorageOpt')
  })

  it.each([{}, { size: '0' }, { size: '-1' }, { size: '5g' }, { size: '5', more: '1' }])('%j is refused', (value) => {
    expect(() => checkDescription(changed('HostConfig.StorageOpt', value))).toThrow(/StorageOpt/)
  })
})

describe('the name of a container', () => {
  const mark = {
    sandboxId: `sb_${'0a'.repeat(13)}`,
    subdomain: 'kq3hd82ns0qmzt',
    name: 'my-app',
    port: 20_001,
    expiresAt: 0,
    stopped: false,
  }

  it.each([
    [mark, 'omega-kq3hd82ns0qmzt.my-app.sb_0a0a0a0a0a0a0a0a0a0a0a0a0a.p20001'],
    [{ ...mark, stopped: true }, 'omega-kq3hd82ns0qmzt.my-app.sb_0a0a0a0a0a0a0a0a0a0a0a0a0a.p20001.off'],
    [
      { ...mark, expiresAt: 1_800_000_000_000, stopped: true },
      'omega-kq3hd82ns0qmzt.my-app.sb_0a0a0a0a0a0a0a0a0a0a0a0a0a.p20001.xmywpiww0.off',
    ],
  ])('carries %j there and back', (given, name) => {
    expect(nameOf(given)).toBe(name)
    expect(markOf(name)).toEqual(given)
  })

  it.each([
    'omega-pool-ct_0a0a0a0a0a0a0a0a0a0a',
    'omega-kq3hd82ns0qmzt',
    'omega-kq3hd82ns0qmzt.my-app.sb_0a.p20001',
    'omega-kq3hd82ns0qmzt.my-app.sb_0a0a0a0a0a0a0a0a0a0a0a0a0a.p0',
    'other-kq3hd82ns0qmzt.my-app.sb_0a0a0a0a0a0a0a0a0a0a0a0a0a.p20001',
    'omega-kq3hd82ns0qmzt.my-app.sb_0a0a0a0a0a0a0a0a0a0a0a0a0a.p20001.on',
  ])("%s is nobody's", (name) => {
    expect(markOf(name)).toBeUndefined()
  })
})

describe('the network of a fleet', () => {
  it('has a name and a bridge that fits into an interface name', () => {
    expect(networkOf('omega')).toEqual({ name: 'omega', bridge: 'br-omega' })
    const long = networkOf('a-very-long-fleet-name')
    expect(long.name).toBe('omega-a-very-long-fleet-name')
    expect(long.bridge).toMatch(/^om-[0-9a-f]{12}$/)
    expect(networkOf('a-very-long-fleet-namf').bridge).not.toBe(long.bridge)
  })

  it('lets packets out to the resolvers before it refuses private ranges, and answers before all', () => {
    const { input, forward } = firewallRules(networkOf('omega'), ['10.0.0.2', '::1', 'evil -j ACCEPT'], 'DROP')
    expect(input).toEqual([
      '-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN',
      '-d 10.0.0.2 -p udp --dport 53 -j RETURN',
      '-d 10.0.0.2 -p tcp --dport 53 -j RETURN',
      '-j DROP',
    ])
    expect(forward[0]).toBe('-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN')
    expect(forward[1]).toBe('-o br-omega -j DROP')
    expect(forward.indexOf('-d 10.0.0.2 -p udp --dport 53 -j RETURN')).toBeLessThan(
      forward.indexOf('-d 10.0.0.0/8 -j DROP'),
    )
    expect(forward).toContain('-d 169.254.0.0/16 -j DROP')
    expect(forward.at(-1)).toBe('-p tcp -m multiport --dports 25,465,587 -j DROP')
    expect(forward.join('\n')).not.toContain('evil')
  })
})
