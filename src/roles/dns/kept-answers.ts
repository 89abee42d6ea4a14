import type { Question } from '../../core/dns/answer.ts'
import type { EncodedAnswer } from '../../drivers/dns-response.ts'

/** Answers in wire form, so that a question asked again is not answered anew. */
export class KeptAnswers {
  readonly #limit: number
  /** By type and class as one number, then by name: no key has to be put together for a lookup. */
  readonly #names = new Map<number, Map<string, EncodedAnswer>>()
  #size = 0
  #version = -1

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Forgets everything unless the zone is still the one the answers were made from. */
  follow(version: number): void {
    if (this.#version === version) return
    this.#version = version
    this.#names.clear()
    this.#size = 0
  }

  get(question: Question): EncodedAnswer | undefined {
    return this.#names.get(kindOf(question))?.get(question.name)
  }

  keep(question: Question, answer: EncodedAnswer): void {
    if (this.#size >= this.#limit) return
    const kind = kindOf(question)
    const names = this.#names.get(kind) ?? new Map<string, EncodedAnswer>()
    this.#names.set(kind, names)
    names.set(question.name, answer)
    this.#size++
  }
}

function kindOf(question: Question): number {
  return question.type * 0x1_0000 + question.class
}
