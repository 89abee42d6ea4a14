import { describe, expect, it } from 'vitest'
import { checkPlace, checkRrset, checkType, requireCnameAlone } from '../../../src/core/dns/check-batch.ts'
import type { RrsetChange } from '../../../src/core/dns/record-store.ts'
import { Zone } from '../../../src/core/dns/zone.ts'
import type { RecordType } from '../../../src/core/wire/dns.ts'

const zone = new Zone({ domain: 'z.test', minimum: 5, nameServers: [{ name: 'ns1.z.test', addresses: ['10.0.0.53'] }] })
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('where a set may be written', () => {
  it('is anywhere in the zone but where its settings rule', () => {
    expect(checkPlace(zone, 'Box', 'A')).toBe('box')
    expect(checkPlace(zone, '@', 'A')).toBe('@')
    expect(checkPlace(zone, 'child', 'NS')).toBe('child')
    expect(() => checkPlace(zone, '@', 'NS')).toThrow(code('FORBIDDEN'))
    expect(() => checkPlace(zone, 'ns1', 'A')).toThrow(code('FORBIDDEN'))
    expect(() => checkPlace(zone, 'NS1.z.test.', 'CNAME')).toThrow(code('FORBIDDEN'))
    expect(() => checkPlace(zone, '@', 'CNAME')).toThrow(code('INVALID_REQUEST'))
    expect(() => checkPlace(zone, '*.a', 'NS')).toThrow(code('INVALID_REQUEST'))
    expect(() => checkPlace(zone, 'a.example.', 'A')).toThrow(code('INVALID_NAME'))
  })

  it('has a type there is', () => {
    expect(checkType('aaaa')).toBe('AAAA')
    for (const bad of ['SOA', 'TYPE1', '', 'constructor']) expect(() => checkType(bad)).toThrow(code('INVALID_REQUEST'))
  })
})

describe('a set', () => {
  const check = (type: RecordType, ...records: string[]) => checkRrset('a', type, { ttl: 5, records })
  it('is kept in canonical form', () => {
    expect(check('AAAA', '2001:DB8::1')).toEqual({ name: 'a', type: 'AAAA', ttl: 5, records: ['2001:db8::1'] })
  })

  it('says which record is wrong', () => {
    expect(() => check('A', '10.0.0.1', 'x')).toThrow(
      expect.objectContaining({ details: { pointer: '/records/1' }, message: expect.stringContaining('IPv4') }),
    )
  })

  it('has no record twice, one CNAME, and fits into a message', () => {
    expect(() => check('AAAA', '::1', '0::1')).toThrow(code('INVALID_REQUEST'))
    expect(() => check('CNAME', 'a.test.', 'b.test.')).toThrow(code('INVALID_REQUEST'))
    const large = Array.from({ length: 100 }, (_, index) => `"${index}${'x'.repeat(250)}"`)
    expect(() => check('TXT', ...large)).toThrow(code('TOO_LARGE'))
  })
})

describe('a CNAME', () => {
  const set = (name: string, type: RecordType): RrsetChange => ({
    name,
    type,
    rrset: { name, type, ttl: 5, records: [] },
  })
  const gone = (name: string, type: RecordType): RrsetChange => ({ name, type, rrset: undefined })

  it('requires every other type to be absent, unless the batch takes it away', () => {
    expect(requireCnameAlone([set('a', 'CNAME')]).map(({ type }) => type)).toEqual(['A', 'AAAA', 'TXT', 'MX', 'CAA', 'NS', 'SRV']) // biome-ignore format: a list
    expect(requireCnameAlone([set('a', 'CNAME'), gone('a', 'A')]).map(({ type }) => type)).not.toContain('A')
  })

  it('must be absent for any other type, unless the batch takes it away', () => {
    expect(requireCnameAlone([set('a', 'A')])).toEqual([{ name: 'a', type: 'CNAME', is: 'absent' }])
    expect(requireCnameAlone([set('a', 'A'), gone('a', 'CNAME'), gone('b', 'A')])).toEqual([])
  })

  it('is not written beside another', () => {
    expect(() => requireCnameAlone([set('a', 'CNAME'), set('a', 'A')])).toThrow(code('CONFLICT'))
    expect(() => requireCnameAlone([set('a', 'A'), gone('a', 'A')])).toThrow(code('INVALID_REQUEST'))
    expect(requireCnameAlone([set('a', 'CNAME'), set('b', 'A')])).toHaveLength(8)
  })
})
