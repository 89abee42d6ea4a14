import { parsePreviewLabel } from '../names.ts'
import { isWithin, parentOf } from './domain-name.ts'
import { questionTypes, type RcodeName, type RecordSet, typeNumbers, typeOf, type ZoneType } from './record.ts'
import type { Zone, ZoneNode } from './zone.ts'

export interface Question {
  /** Absolute, lower case, escaped (see domain-name.ts). */
  name: string
  /** Number of the type asked for. */
  type: number
  /** Number of the class asked for. */
  class: number
}

/** What to reply. Sections hold whole RRsets. */
export interface Answer {
  rcode: RcodeName
  authoritative: boolean
  answers: RecordSet[]
  authority: RecordSet[]
  additional: RecordSet[]
  /** The additional section is glue without which a referral leads nowhere: truncate rather than leave it out (RFC 9471). */
  needsGlue: boolean
}

const internet = 1
/** CNAMEs followed within the zone. */
const longestChain = 8

/** The authoritative answer to a question (RFC 1034, 4.3.2, with RFC 2308, 4592, 8020 and 8482). */
export function answer(zone: Zone, question: Question): Answer {
  const reply: Answer = {
    rcode: 'NOERROR',
    authoritative: false,
    answers: [],
    authority: [],
    additional: [],
    needsGlue: false,
  }
  const { AXFR, IXFR } = questionTypes
  const isServed = question.class === internet && isWithin(question.name, zone.domain)
  if (!isServed || question.type === AXFR || question.type === IXFR) return { ...reply, rcode: 'REFUSED' }
  resolve(zone, question.name, question.type, reply)
  return reply
}

/** Looks one name up and adds what is found; goes on at the target of a CNAME. */
function resolve(zone: Zone, name: string, type: number, reply: Answer): void {
  const cut = zone.hasCuts ? findCut(zone, name) : undefined
  if (cut && !(cut.name === name && type === questionTypes.DS)) {
    refer(zone, cut, reply)
    return
  }
  // Authority is that of the first name: a chain of CNAMEs may leave it.
  reply.authoritative = true
  const found = locate(zone, name)
  if (!found) {
    reply.rcode = 'NXDOMAIN'
    reply.authority.push(negativeSoa(zone))
    return
  }
  if (cut) {
    reply.authority.push(negativeSoa(zone))
    return
  }
  const set = select(found, name, type)
  if (!set) reply.authority.push(negativeSoa(zone))
  else {
    reply.answers.push(set)
    const [first] = set.data
    const follows = first?.type === 'CNAME' && typeOf(type) !== 'CNAME' && type !== questionTypes.ANY
    if (follows) followCname(zone, first.target, type, reply)
    else addAddresses(zone, set, reply)
  }
}

function followCname(zone: Zone, target: string, type: number, reply: Answer): void {
  const isLoop = reply.answers.some((set) => set.name === target)
  if (isLoop || reply.answers.length > longestChain || !isWithin(target, zone.domain)) return
  resolve(zone, target, type, reply)
}

/** The node that answers for a name: its own, that of the sandbox whose preview it is, or a wildcard's. */
function locate(zone: Zone, name: string): { node: ZoneNode; preview: boolean } | undefined {
  const node = zone.find(name)
  if (node) return { node, preview: false }
  const preview = previewed(zone, name)
  if (preview) return { node: preview, preview: true }
  let encloser = parentOf(name)
  while (!zone.find(encloser)) encloser = parentOf(encloser)
  const wildcard = zone.find(`*.${encloser}`)
  return wildcard && { node: wildcard, preview: false }
}

/** `8080-name` directly below the apex stands for `name`. */
function previewed(zone: Zone, name: string): ZoneNode | undefined {
  if (parentOf(name) !== zone.domain) return undefined
  const label = parsePreviewLabel(name.slice(0, -zone.domain.length - 1))
  const node = label && zone.find(`${label.subdomain}.${zone.domain}`)
  return node?.sets.has('NS') ? undefined : node
}

/** In the order in which ANY, which gets one set, chooses. A preview name has its sandbox's addresses and nothing else. */
const allTypes = Object.keys(typeNumbers) as ZoneType[]
const previewTypes: readonly ZoneType[] = ['A', 'AAAA', 'CNAME']

/** The set of the type asked for, or the CNAME in its place, under the name asked for. */
function select({ node, preview }: { node: ZoneNode; preview: boolean }, name: string, type: number) {
  const { sets } = node
  const visible = preview ? previewTypes : allTypes
  const wanted = type === questionTypes.ANY ? visible.find((it) => sets.has(it)) : typeOf(type)
  const own = wanted && visible.includes(wanted) ? sets.get(wanted) : undefined
  const set = own ?? sets.get('CNAME')
  return set && set.name !== name ? { ...set, name } : set
}

/** The delegation nearest to the apex at or above a name. */
function findCut(zone: Zone, name: string): RecordSet | undefined {
  let cut: RecordSet | undefined
  for (let above = name; above !== zone.domain; above = parentOf(above)) {
    cut = zone.find(above)?.sets.get('NS') ?? cut
  }
  return cut
}

function refer(zone: Zone, cut: RecordSet, reply: Answer): void {
  reply.authority.push(cut)
  addAddresses(zone, cut, reply)
  reply.needsGlue = cut.data.some((data) => data.type === 'NS' && isWithin(data.target, cut.name))
}

/** Adds the addresses the zone knows of the names a set points to. */
function addAddresses(zone: Zone, set: RecordSet, reply: Answer): void {
  if (set.type !== 'NS' && set.type !== 'MX' && set.type !== 'SRV') return
  for (const data of set.data) {
    const target = data.type === 'MX' ? data.exchange : 'target' in data ? data.target : undefined
    const node = target !== undefined && isWithin(target, zone.domain) ? zone.find(target) : undefined
    for (const type of ['A', 'AAAA'] as const) {
      const address = node?.sets.get(type)
      if (address && !reply.additional.includes(address)) reply.additional.push(address)
    }
  }
}

/** The SOA of an empty answer; its TTL says for how long to remember it (RFC 2308, 5). */
function negativeSoa(zone: Zone): RecordSet {
  const soa = zone.soa()
  return { ...soa, ttl: Math.min(soa.ttl, soa.data[0].minimum) }
}
