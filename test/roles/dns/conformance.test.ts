import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dig, digFails } from './dig.ts'
import { fillZone, startDns, type TestDns, zone } from './running.ts'

const run = promisify(execFile)
let dns: TestDns
beforeAll(async () => {
  dns = await startDns()
  await fillZone(dns)
})
afterAll(() => dns.close())

const ask = (...args: string[]) => dig(dns.port, ...args)
const at = (name: string) => `${name}.${zone}`
const soa = (ttl: number) =>
  expect.stringMatching(new RegExp(`^${zone}\\. ${ttl} IN SOA ns1\\.${zone}\\. hostmaster\\.${zone}\\. \\d+ 14400 3600 1209600 5$`)) // biome-ignore format: one pattern

describe('dns answers, asked by dig', { timeout: 30_000 }, () => {
  it('1: SOA and NS of the apex, with the addresses of its name servers', async () => {
    const start = await ask(zone, 'SOA')
    expect(start).toMatchObject({ status: 'NOERROR', answer: [soa(3600)], authority: [] })
    expect(start.flags).toContain('aa')
    const servers = await ask(zone, 'NS')
    expect(servers.answer).toEqual([`${zone}. 3600 IN NS ns1.${zone}.`])
    expect(servers.additional).toContain(`ns1.${zone}. 3600 IN A 127.0.0.1`)
    expect((await ask(at('ns1'), 'A')).answer).toEqual([`ns1.${zone}. 3600 IN A 127.0.0.1`])
  })

  it('2: NODATA is NOERROR with an SOA that lives as long as the minimum', async () => {
    const reply = await ask(at('a1'), 'TXT')
    expect(reply).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
    expect(reply.flags).toContain('aa')
  })

  it('3: NXDOMAIN with an SOA', async () => {
    for (const name of ['nope', 'x.nope', 'x.a1']) {
      expect(await ask(at(name), 'A')).toMatchObject({ status: 'NXDOMAIN', answer: [], authority: [soa(5)] })
    }
  })

  it('4: a name above others is NODATA, never NXDOMAIN, and goes with the last of them', async () => {
    for (const name of ['tree', 'ent.tree']) {
      expect(await ask(at(name), 'A')).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
    }
    await dns.client.put(zone, 'leaf.branch', 'A', { ttl: 5, records: ['10.0.0.1'] })
    expect((await ask(at('branch'), 'A')).status).toBe('NOERROR')
    await dns.client.delete(zone, 'leaf.branch', 'A')
    expect((await ask(at('branch'), 'A')).status).toBe('NXDOMAIN')
  })

  it('5: names in any case, the question given back bit for bit', async () => {
    const reply = await ask('A1.CoNf.OmEgA.tEsT', 'A')
    expect(reply.question).toEqual([';A1.CoNf.OmEgA.tEsT. IN A'])
    expect(reply.answer).toEqual(['A1.CoNf.OmEgA.tEsT. 10 IN A 10.0.0.1'])
    expect((await ask(at('NoPe'), 'A')).question).toEqual([`;NoPe.${zone}. IN A`])
  })

  it('6: a proper answer for any type', async () => {
    for (const type of ['AAAA', 'CAA', 'HTTPS', 'SVCB', 'DS', 'TYPE65280', 'TYPE0', 'PTR']) {
      expect(await ask(at('a1'), type)).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
      expect(await ask(at('nope'), type)).toMatchObject({ status: 'NXDOMAIN', authority: [soa(5)] })
    }
  })

  it('7: what certificate authorities ask', async () => {
    expect((await ask(zone, 'CAA')).answer).toEqual([`${zone}. 10 IN CAA 0 issue "letsencrypt.org"`])
    const challenge = await ask(at('_acme-challenge'), 'TXT')
    const expected = ['"first"', '"second"'].map((text) => `_acme-challenge.${zone}. 10 IN TXT ${text}`)
    expect(challenge.answer.toSorted()).toEqual(expected)
    expect(await ask(at('a1'), 'CAA')).toMatchObject({ status: 'NOERROR', authority: [soa(5)] })
    expect(await ask(at('nope'), 'CAA')).toMatchObject({ status: 'NXDOMAIN', authority: [soa(5)] })
  })

  it('8: OPT in the reply if and only if in the query; sizes below 512 mean 512', async () => {
    expect((await ask(zone, 'SOA', '+bufsize=512')).opt).toBe('; EDNS: version: 0, flags:; udp: 1232')
    expect((await ask(zone, 'SOA', '+noedns')).opt).toBeUndefined()
    const small = await ask(zone, 'NS', '+bufsize=100', '+ignore')
    expect(small.flags).not.toContain('tc')
    expect((await ask('example.com', 'A')).opt).toBeDefined()
  })

  it('9: TC when it does not fit, nothing half, and everything by TCP', async () => {
    for (const flags of [['+bufsize=1232'], ['+noedns'], ['+bufsize=65000']]) {
      const reply = await ask(at('big'), 'TXT', '+ignore', ...flags)
      expect(reply).toMatchObject({ status: 'NOERROR', answer: [] })
      expect(reply.flags).toContain('tc')
    }
    const whole = await ask(at('big'), 'TXT', '+tcp')
    expect(whole.answer).toHaveLength(40)
    expect(whole.flags).not.toContain('tc')
    expect((await ask(at('big'), 'TXT')).answer).toHaveLength(40)
  })

  it('10: several queries on one TCP connection', async () => {
    const { stdout } = await run('kdig', [
      ...['@127.0.0.1', '-p', String(dns.port), '+tcp', '+keepopen', '+norec'],
      ...[at('a1'), 'A', at('box'), 'AAAA', at('nope'), 'A'],
    ])
    expect(stdout).toContain('10.0.0.1')
    expect(stdout).toContain('2001:db8::7')
    expect(stdout).toContain('NXDOMAIN')
  })

  it('11: REFUSED for other names and classes; no recursion, and no claim of it', async () => {
    for (const args of [
      ['example.com', 'A'],
      ['omega.test', 'SOA'],
      ['.', 'NS'],
      [`x${zone}`, 'A'],
      ['-c', 'CH', zone, 'SOA'],
      ['-c', 'CH', 'version.bind', 'TXT'],
    ]) {
      // biome-ignore format: a table
      const reply = await ask(...args)
      expect(reply).toMatchObject({ status: 'REFUSED', answer: [], authority: [] })
      expect(reply.flags).not.toContain('aa')
    }
    const reply = await ask('+rec', at('a1'), 'A')
    expect(reply.flags).toEqual(['qr', 'aa', 'rd'])
    expect(reply.text).toContain('recursion requested but not available')
  })

  it('12: malformed queries and strange opcodes', async () => {
    expect((await ask('+header-only')).status).toBe('FORMERR')
    expect((await ask('+opcode=15', zone, 'SOA')).status).toBe('NOTIMP')
    expect((await ask(at('a1'), 'A')).status).toBe('NOERROR')
  })

  it('13: BADVERS for a later EDNS, whatever its options', async () => {
    for (const more of [[], ['+ednsopt=100']]) {
      const reply = await ask(zone, 'SOA', '+edns=1', '+noednsneg', ...more)
      expect(reply).toMatchObject({ status: 'BADVERS', answer: [] })
      expect(reply.opt).toContain('version: 0')
    }
  })

  it('14: unknown options and flags are ignored and not given back', async () => {
    for (const more of ['+ednsopt=100:abcd', '+ednsflags=0x40', '+subnet=192.0.2.0/24', '+cookie', '+nsid']) {
      const reply = await ask(zone, 'SOA', more)
      expect(reply).toMatchObject({ status: 'NOERROR', answer: [soa(3600)] })
      expect(reply.opt).toBe('; EDNS: version: 0, flags:; udp: 1232')
    }
  })

  it('15: DO comes back; DS at a delegation is answered from above it', async () => {
    expect((await ask(zone, 'SOA', '+dnssec')).opt).toContain('flags: do;')
    const reply = await ask(at('child'), 'DS')
    expect(reply).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
    expect(reply.flags).toContain('aa')
  })

  it('16: wildcards', async () => {
    expect((await ask(at('foo.bar.wild'), 'A')).answer).toEqual([`foo.bar.wild.${zone}. 10 IN A 10.0.0.8`])
    expect(await ask(at('exists.wild'), 'A')).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
    expect((await ask(at('x.exists.wild'), 'A')).status).toBe('NXDOMAIN')
    expect(await ask(at('foo.wild'), 'AAAA')).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
    expect((await ask(at('wild'), 'A')).answer).toEqual([])
    expect((await ask(at('*.wild'), 'A')).answer).toEqual([`*.wild.${zone}. 10 IN A 10.0.0.8`])
  })

  it('17: CNAMEs are followed within the zone', async () => {
    expect((await ask(at('www'), 'A')).answer).toEqual([
      `www.${zone}. 10 IN CNAME a1.${zone}.`,
      `a1.${zone}. 10 IN A 10.0.0.1`,
    ])
    expect(await ask(at('www'), 'AAAA')).toMatchObject({
      answer: [expect.stringContaining('CNAME')],
      authority: [soa(5)],
    })
    expect(await ask(at('www'), 'CNAME')).toMatchObject({ answer: [expect.stringContaining('CNAME')], authority: [] })
    expect(await ask(at('away'), 'A')).toMatchObject({
      status: 'NOERROR',
      answer: [expect.stringContaining('example.com')],
    })
    expect(await ask(at('dangling'), 'A')).toMatchObject({ status: 'NXDOMAIN', authority: [soa(5)] })
    expect((await ask(at('loop1'), 'A')).answer).toHaveLength(2)
  })

  it('18: a delegation is referred to, with glue, at and below its name', async () => {
    for (const name of ['child', 'www.child', 'ns1.child']) {
      const reply = await ask(at(name), 'A')
      expect(reply).toMatchObject({ status: 'NOERROR', answer: [] })
      expect(reply.flags).not.toContain('aa')
      expect(reply.authority.toSorted()).toEqual([
        `child.${zone}. 10 IN NS ns.example.net.`,
        `child.${zone}. 10 IN NS ns1.child.${zone}.`,
      ])
      expect(reply.additional).toContain(`ns1.child.${zone}. 10 IN A 10.0.0.53`)
    }
  })

  it('20: ANY gives one set', async () => {
    expect((await ask(at('box'), 'ANY', '+notcp')).answer).toHaveLength(1)
    expect(await ask(at('tree'), 'ANY', '+notcp')).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
    expect((await ask(at('nope'), 'ANY', '+notcp')).status).toBe('NXDOMAIN')
  })

  it('21: no zone transfer', async () => {
    expect(await digFails(dns.port, zone, 'AXFR')).toContain('Transfer failed')
    expect(await digFails(dns.port, zone, 'IXFR=1', '+tcp')).toContain('Transfer failed')
  })

  it('22: other opcodes', async () => {
    const expected = { STATUS: 'NOTIMP', IQUERY: 'NOTIMP', NOTIFY: 'REFUSED', UPDATE: 'REFUSED' }
    for (const [opcode, status] of Object.entries(expected)) {
      expect((await ask(zone, 'SOA', `+opcode=${opcode}`)).status).toBe(status)
    }
  })

  it('30: one question, neither none nor two', async () => {
    expect((await ask('+header-only', '+tcp')).status).toBe('FORMERR')
  })

  it('addresses of targets come along', async () => {
    expect((await ask(zone, 'MX')).additional).toContain(`a1.${zone}. 10 IN A 10.0.0.1`)
    expect((await ask(at('_sip._tcp'), 'SRV')).additional).toContain(`a1.${zone}. 10 IN A 10.0.0.1`)
  })
})

describe('preview names, PORT-SUBDOMAIN', { timeout: 30_000 }, () => {
  it('answer as their sandbox does', async () => {
    expect((await ask(at('8080-box'), 'A')).answer).toEqual([`8080-box.${zone}. 10 IN A 10.0.0.7`])
    expect((await ask(at('5173-BOX'), 'AAAA')).answer).toEqual([`5173-BOX.${zone}. 10 IN AAAA 2001:db8::7`])
    expect(await ask(at('8080-four'), 'AAAA')).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
    expect(await ask(at('8080-box'), 'TXT')).toMatchObject({ status: 'NOERROR', answer: [], authority: [soa(5)] })
  })

  it('yield to a record of their own', async () => {
    expect((await ask(at('9000-four'), 'A')).answer).toEqual([`9000-four.${zone}. 10 IN A 10.9.9.9`])
  })

  it('do not exist without a sandbox, with a port that is none, or further down', async () => {
    for (const name of ['8080-nope', '70000-box', '0-box', '080-box', 'x.8080-box', '8080-box.tree']) {
      expect((await ask(at(name), 'A')).status, name).toBe('NXDOMAIN')
    }
  })

  it('come and go with their sandbox', async () => {
    await dns.client.put(zone, 'brief', 'A', { ttl: 5, records: ['10.0.0.5'] })
    expect((await ask(at('3000-brief'), 'A')).answer).toHaveLength(1)
    await dns.client.delete(zone, 'brief', 'A')
    expect((await ask(at('3000-brief'), 'A')).status).toBe('NXDOMAIN')
  })
})
