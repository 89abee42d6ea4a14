import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer } from '../../../src/core/dns/answer.ts'
import { questionTypes, typeNumbers } from '../../../src/core/dns/record.ts'
import type { RrsetChange } from '../../../src/core/dns/record-store.ts'
import { RecordTable } from '../../../src/core/dns/record-table.ts'
import { Zone } from '../../../src/core/dns/zone.ts'
import type { RecordType } from '../../../src/core/wire/dns.ts'

const settings = {
  domain: 'z.test',
  minimum: 5,
  nameServers: [{ name: 'ns1.z.test', addresses: ['10.0.0.53', '::53'] }],
}

/** `NAME TYPE DATA | DATA`, one set a line. */
function changesOf(text: string): RrsetChange[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [, name = '', type = '', data = ''] = /^\s*(\S+) (\S+) (.*)$/.exec(line) ?? []
      const set = { name, type: type as RecordType, ttl: 10, records: data.split(' | ') }
      return { name, type: set.type, rrset: set }
    })
}

function zoneOf(text: string): Zone {
  const zone = new Zone(settings)
  zone.update({ serial: 1, changes: changesOf(text) })
  return zone
}

const numbers: Record<string, number> = { ...typeNumbers, ...questionTypes }

/** An answer as one line: code, AA, then the sections' sets. */
function ask(zone: Zone, name: string, type: string): string {
  const reply = answer(zone, { name, type: numbers[type] ?? 0, class: 1 })
  const show = (sets: typeof reply.answers) => sets.map((set) => `${set.name} ${set.type} ${set.ttl}`).join(', ')
  const sections = [reply.answers, reply.authority, reply.additional].map(show).join(' / ')
  return `${reply.rcode}${reply.authoritative ? ' aa' : ''}${reply.needsGlue ? ' glue' : ''}: ${sections}`
}

describe('an answer', () => {
  it('at the end of a chain of CNAMEs has what is found there', () => {
    const zone = zoneOf(`
      a CNAME b.z.test.
      b CNAME c.z.test.
      c A 10.0.0.1
      out CNAME www.example.
      cut CNAME x.child.z.test.
      child NS ns.child.z.test.
      ns.child A 10.0.0.2
      8080-own CNAME c.z.test.
      alias CNAME c.z.test.
    `)
    expect(ask(zone, 'a.z.test', 'A')).toBe('NOERROR aa: a.z.test CNAME 10, b.z.test CNAME 10, c.z.test A 10 /  / ')
    expect(ask(zone, 'out.z.test', 'A')).toBe('NOERROR aa: out.z.test CNAME 10 /  / ')
    expect(ask(zone, 'cut.z.test', 'A')).toBe(
      'NOERROR aa glue: cut.z.test CNAME 10 / child.z.test NS 10 / ns.child.z.test A 10',
    )
    expect(ask(zone, '3000-alias.z.test', 'A')).toBe('NOERROR aa: 3000-alias.z.test CNAME 10, c.z.test A 10 /  / ')
    expect(ask(zone, 'a.z.test', 'ANY')).toBe('NOERROR aa: a.z.test CNAME 10 /  / ')
  })

  it('follows a long chain only so far', () => {
    const zone = zoneOf(Array.from({ length: 30 }, (_, index) => `c${index} CNAME c${index + 1}.z.test.`).join('\n'))
    expect(answer(zone, { name: 'c0.z.test', type: 1, class: 1 }).answers.length).toBeLessThan(12)
  })

  it('comes from the wildcard of the closest name that exists', () => {
    const zone = zoneOf(`
      * A 10.0.0.1
      *.sub A 10.0.0.2
      x.mid.sub TXT here
      box A 10.0.0.3
    `)
    expect(ask(zone, 'any.z.test', 'A')).toBe('NOERROR aa: any.z.test A 10 /  / ')
    expect(ask(zone, 'a.b.sub.z.test', 'A')).toBe('NOERROR aa: a.b.sub.z.test A 10 /  / ')
    expect(ask(zone, 'a.mid.sub.z.test', 'A')).toBe('NXDOMAIN aa:  / z.test SOA 5 / ')
    expect(ask(zone, 'mid.sub.z.test', 'A')).toBe('NOERROR aa:  / z.test SOA 5 / ')
    expect(ask(zone, 'a.box.z.test', 'A')).toBe('NXDOMAIN aa:  / z.test SOA 5 / ')
    // A preview of a sandbox that exists is not left to the wildcard; of one that does not, it is.
    const addresses = (name: string) => answer(zone, { name, type: 1, class: 1 }).answers[0]?.data
    expect(addresses('80-box.z.test')).toEqual([{ type: 'A', address: '10.0.0.3' }])
    expect(addresses('80-gone.z.test')).toEqual([{ type: 'A', address: '10.0.0.1' }])
  })

  it('is REFUSED outside the zone, in another class and for a transfer', () => {
    const zone = zoneOf('a A 10.0.0.1')
    for (const [name, type, inClass] of [
      ['test', 1, 1],
      ['xz.test', 1, 1],
      ['', 2, 1],
      ['a.z.test', 1, 3],
      ['a.z.test', 1, 255],
      ['z.test', 252, 1],
      ['z.test', 251, 1],
    ] as const) {
      // biome-ignore format: a table
      expect(answer(zone, { name, type, class: inClass })).toMatchObject({ rcode: 'REFUSED', authoritative: false })
    }
  })

  it('of the apex is of its settings, and changes there change nothing', () => {
    const zone = zoneOf(`
      @ NS other.example.
      ns1 A 10.9.9.9
      ns1 TXT mine
      @ A 10.0.0.1
    `)
    expect(ask(zone, 'z.test', 'NS')).toBe('NOERROR aa: z.test NS 3600 /  / ns1.z.test A 3600, ns1.z.test AAAA 3600')
    expect(ask(zone, 'ns1.z.test', 'TXT')).toBe('NOERROR aa:  / z.test SOA 5 / ')
    expect(ask(zone, 'z.test', 'A')).toBe('NOERROR aa: z.test A 10 /  / ')
    zone.update({ serial: 2, changes: [{ name: '@', type: 'NS', rrset: undefined }] })
    expect(zone.hasCuts).toBe(false)
    expect(answer(zone, { name: 'ns1.z.test', type: 1, class: 1 }).answers[0]?.data).toEqual([
      { type: 'A', address: '10.0.0.53' },
    ])
  })

  it('shows the serial of the last update', () => {
    const zone = zoneOf('a A 10.0.0.1')
    const serial = () => answer(zone, { name: 'z.test', type: 6, class: 1 }).answers[0]?.data[0]
    expect(serial()).toMatchObject({ serial: 1 })
    zone.update({ serial: 2 ** 32 + 7, changes: [] })
    expect(serial()).toMatchObject({ serial: 7 })
    zone.update({ serial: 2 ** 32, changes: [] })
    expect(serial()).toMatchObject({ serial: 1 })
  })
})

describe('a zone after any updates', { timeout: 30_000 }, () => {
  const labels = fc.constantFrom('a', 'b', '*', 'x')
  const names = fc.array(labels, { minLength: 1, maxLength: 3 }).map((parts) => {
    return parts.map((part, index) => (part === '*' && index > 0 ? 'b' : part)).join('.')
  })
  const datas = { A: '10.0.0.1', NS: 'ns.a.z.test.', TXT: 'text' }
  const changes = fc.record({
    name: names,
    type: fc.constantFrom('A', 'NS', 'TXT') as fc.Arbitrary<'A' | 'NS' | 'TXT'>,
    remove: fc.boolean(),
  })
  const questions = ['a', 'b', 'x', '*', 'a.a', 'b.a', 'x.a.b', 'a.b.x', 'q', 'q.a', 'q.b.a', '80-a', '80-q'].flatMap(
    (name) => ['A', 'NS', 'TXT', 'DS', 'ANY'].map((type) => [`${name}.z.test`, type] as const),
  )

  it('answers like one that was read from the same records', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 40 }), (all) => {
        const zone = new Zone(settings)
        const table = new RecordTable()
        all.forEach(({ name, type, remove }, index) => {
          const rrset = remove ? undefined : { name, type, ttl: 10, records: [datas[type]] }
          const update = { serial: index + 1, changes: [{ name, type, rrset }] }
          zone.update(update)
          table.update(update)
        })
        const fresh = new Zone(settings)
        fresh.reset(table.content())
        for (const [name, type] of questions) expect(ask(zone, name, type)).toBe(ask(fresh, name, type))
      }),
    )
  })
})
