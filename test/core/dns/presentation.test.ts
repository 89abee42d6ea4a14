import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIpv4, parseIpv6 } from '../../../src/core/dns/address.ts'
import { checkOwner, isWithin, parentOf } from '../../../src/core/dns/domain-name.ts'
import { formatRecord, parseRecord } from '../../../src/core/dns/presentation.ts'
import type { RecordType } from '../../../src/core/wire/dns.ts'

describe('addresses', () => {
  it('reads IPv4 in its one form', () => {
    for (const good of ['0.0.0.0', '10.0.0.1', '255.255.255.255']) expect(parseIpv4(good)).toBe(good)
    for (const bad of [
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.0.0.1',
      '01.2.3.4',
      '1.2.3.4 ',
      '0x1.2.3.4',
      '1..2.3',
      'a.b.c.d',
    ]) {
      expect(parseIpv4(bad), bad).toBeUndefined()
    }
  })

  it('writes IPv6 as RFC 5952 does', () => {
    const pairs: [string, string][] = [
      ['2001:DB8::1', '2001:db8::1'],
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:0db8:0000:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['::', '::'],
      ['0:0:0:0:0:0:0:1', '::1'],
      ['1::', '1::'],
      ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ]
    for (const [given, written] of pairs) expect(parseIpv6(given)).toBe(written)
    for (const bad of [
      '',
      ':',
      ':::',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '12345::',
      'g::',
      '1:2:3:4:5:6:7:8::',
      '::1.2.3',
      '1.2.3.4',
      '::1.2.3.4:5',
      'fe80::1%eth0',
    ]) {
      // biome-ignore format: a list
      expect(parseIpv6(bad), bad).toBeUndefined()
    }
  })
})

describe('record data', { timeout: 30_000 }, () => {
  it('comes back in canonical form', () => {
    const table: [RecordType, string, string][] = [
      ['A', ' 10.0.0.1 ', '10.0.0.1'],
      ['AAAA', '2001:DB8:0::1', '2001:db8::1'],
      ['CNAME', 'Target.Example.', 'target.example.'],
      ['NS', 'ns1.example.', 'ns1.example.'],
      ['TXT', 'word "two words" "a\\"b\\\\c"', '"word" "two words" "a\\"b\\\\c"'],
      ['TXT', '"\\001\\255" ""', '"\\001\\255" ""'],
      ['TXT', '"grün"', '"gr\\195\\188n"'],
      ['MX', '10  mail.Example.', '10 mail.example.'],
      ['CAA', '0 ISSUE letsencrypt.org', '0 issue "letsencrypt.org"'],
      ['SRV', '0 5 5060 sip.example.', '0 5 5060 sip.example.'],
    ]
    for (const [type, given, written] of table) {
      expect(formatRecord(parseRecord(type, given))).toBe(written)
      expect(formatRecord(parseRecord(type, written))).toBe(written)
    }
  })

  it('is refused when it is not of its type', () => {
    const table: [RecordType, string][] = [
      ...['', '10.0.0', '10.0.0.1 10.0.0.2', '::1', '"'].map((text): [RecordType, string] => ['A', text]),
      ['AAAA', '10.0.0.1'],
      ...['target', 'a..b.', '.', '-a.', `${'a'.repeat(64)}.`, `${'a.'.repeat(128)}`, 'a b.', 'a.\u0000.'].map((text): [RecordType, string] => ['CNAME', text]), // biome-ignore format: a table
      ...['', '"open', 'a"b"', '"a"b', `"${'x'.repeat(256)}"`, '"\\256"', '"\\1"', '"\ud800"', 'a\\'].map((text): [RecordType, string] => ['TXT', text]), // biome-ignore format: a table
      ...['mail.example.', '65536 mail.example.', '-1 mail.example.', '10 mail'].map((text): [RecordType, string] => ['MX', text]), // biome-ignore format: a table
      ...['0 issue', '256 issue "x"', '0 is-sue "x"', '0 issue "x" y', '0 issue "grün"'].map((text): [RecordType, string] => ['CAA', text]), // biome-ignore format: a table
      ...['0 5 sip.example.', '0 5 70000 sip.example.', '0 5 5060 sip'].map((text): [RecordType, string] => ['SRV', text]), // biome-ignore format: a table
    ]
    for (const [type, text] of table) {
      expect(() => parseRecord(type, text), `${type} ${text}`).toThrow(
        expect.objectContaining({ code: 'INVALID_REQUEST' }),
      )
    }
  })

  it('keeps any bytes in a TXT', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 255 })
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), (strings) => {
        const data = { type: 'TXT' as const, strings: strings.map((codes) => String.fromCharCode(...codes)) }
        expect(parseRecord('TXT', formatRecord(data))).toEqual(data)
      }),
    )
  })

  it('of any text is data or a clear refusal', () => {
    const types: RecordType[] = ['A', 'AAAA', 'CNAME', 'TXT', 'MX', 'CAA', 'NS', 'SRV']
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.string({ unit: 'binary' }), (type, text) => {
        try {
          expect(parseRecord(type, text).type).toBe(type)
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_REQUEST' })
        }
      }),
    )
  })
})

describe('names', () => {
  it('of records are relative to the zone, or absolute and in it', () => {
    const table: [string, string][] = [
      ['@', '@'],
      ['Box', 'box'],
      ['a.b', 'a.b'],
      ['*.wild', '*.wild'],
      ['*', '*'],
      ['_acme-challenge', '_acme-challenge'],
      ['box.Omega.test.', 'box'],
      ['omega.test.', '@'],
      ['omega.test', 'omega.test'],
    ]
    for (const [given, relative] of table) expect(checkOwner(given, 'omega.test')).toBe(relative)
  })

  it('are refused outside the zone and when they are none', () => {
    for (const bad of [
      '',
      '.',
      'box.example.',
      'xomega.test.',
      'a..b',
      '-a',
      'a-',
      'a b',
      'a/b',
      'a.*',
      '*a',
      `${'a'.repeat(64)}`,
      'ä',
      '\\097',
      `${'a.'.repeat(122)}a`,
    ]) {
      // biome-ignore format: a list
      expect(() => checkOwner(bad, 'omega.test'), bad).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }))
    }
  })

  it('know what they are in', () => {
    expect(parentOf('a.b.c')).toBe('b.c')
    expect(parentOf('c')).toBe('')
    expect(isWithin('a.b', 'b')).toBe(true)
    expect(isWithin('b', 'b')).toBe(true)
    expect(isWithin('ab', 'b')).toBe(false)
    expect(isWithin('b', 'a.b')).toBe(false)
  })
})
