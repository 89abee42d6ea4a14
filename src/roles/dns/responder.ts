import { answer } from '../../core/dns/answer.ts'
import { type RcodeName, rcodes } from '../../core/dns/record.ts'
import type { Zone } from '../../core/dns/zone.ts'
import type { Transport } from '../../drivers/dns-connections.ts'
import { parseQuery, type Query } from '../../drivers/dns-query.ts'
import { type EncodedAnswer, encodeAnswer, udpSize, writeAnswer, writeError } from '../../drivers/dns-response.ts'
import type { Logger } from '../../drivers/log.ts'
import { KeptAnswers } from './kept-answers.ts'

/** Answers kept in wire form; a flood of names that do not exist must not fill the memory, so only real ones are. */
const keptAnswers = 50_000

const opcodes = { QUERY: 0, NOTIFY: 4, UPDATE: 5 } as const

/** From the bytes of a query to those of its reply. */
export class Responder {
  /** Replies sent, by transport and code. */
  readonly counts: Record<Transport, Map<RcodeName, number>> = { udp: new Map(), tcp: new Map() }
  readonly #zone: Zone
  readonly #log: Logger
  readonly #kept = new KeptAnswers(keptAnswers)

  constructor(zone: Zone, log: Logger) {
    this.#zone = zone
    this.#log = log
  }

  /** See Respond: never throws, whatever the message. */
  respond(message: Buffer, transport: Transport): Buffer | undefined {
    const query = parseQuery(message)
    if (!query) return undefined
    try {
      const refusal = refusalOf(query)
      if (refusal || !query.question) return this.#refuse(message, query, refusal ?? 'FORMERR', transport)
      const encoded = this.#encoded(query.question)
      this.#count(transport, encoded.rcode)
      return writeAnswer(message, query, encoded, limitOf(query, transport))
    } catch (error) {
      this.#log.error({ err: error, question: query.question }, 'a query could not be answered')
      return this.#refuse(message, query, 'SERVFAIL', transport)
    }
  }

  #refuse(message: Buffer, query: Query, rcode: RcodeName, transport: Transport): Buffer {
    this.#count(transport, rcode)
    return writeError(message, query, rcode)
  }

  #encoded(question: NonNullable<Query['question']>): EncodedAnswer {
    this.#kept.follow(this.#zone.version)
    const kept = this.#kept.get(question)
    if (kept) return kept
    const encoded = encodeAnswer(answer(this.#zone, question), question.name)
    if (encoded.rcode === 'NOERROR') this.#kept.keep(question, encoded)
    return encoded
  }

  #count(transport: Transport, rcode: RcodeName): void {
    const counts = this.counts[transport]
    counts.set(rcode, (counts.get(rcode) ?? 0) + 1)
  }
}

/** Why a message is not answered from the zone, or undefined when it is. */
function refusalOf(query: Query): RcodeName | undefined {
  if (query.opcode !== opcodes.QUERY) {
    // Updates come by HTTP, and nobody is this server's primary.
    return query.opcode === opcodes.UPDATE || query.opcode === opcodes.NOTIFY ? 'REFUSED' : 'NOTIMP'
  }
  if (query.malformed) return 'FORMERR'
  return (query.edns?.version ?? 0) > 0 ? 'BADVERS' : undefined
}

function limitOf(query: Query, transport: Transport): number {
  if (transport === 'tcp') return 65_535
  return query.edns ? Math.min(query.edns.size, udpSize) : 512
}

/** All codes, so that a counter exists before its first reply. */
export const rcodeNames = Object.keys(rcodes) as RcodeName[]
