import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { OmegaError } from '../../../core/errors.ts'
import { parseReplacement } from '../../../core/replacement.ts'
import type { ReplaceAnswer } from '../../../core/wire/operations/search.ts'
import type { Params } from '../../../core/wire/operations.ts'
import { type TextEdit, textEdits } from '../documents/text-edits.ts'
import type { Page } from '../wire/page.ts'
import type { KeptMatch } from './found-matches.ts'
import { carriedOver, edited, inverseOf, matchedEdits } from './matched-edits.ts'
import type { SearchChannel } from './search-channel.ts'
import type { TextFiles } from './text-files.ts'

/** What takes a replacement in one file back. */
interface Undo {
  path: string
  /** The text after the replacement, deflated. */
  after: Uint8Array
  edits: TextEdit[]
}

/** Files that are changed at the same time. */
const AT_ONCE = 8
const MOST_FAILURES = 20
/** How far it is, is told so often. */
const TELL_MS = 200
/** Kept for undoing: the oldest go first. */
const MAX_UNDO_BYTES = 64 * 1024 * 1024
const MAX_UNDOS = 20

/** The replacements of one page. */
export class Replacements {
  readonly #page: Page
  readonly #undos = new Map<number, { files: Undo[]; bytes: number }>()
  #last = 0

  constructor(page: Page) {
    this.#page = page
  }

  async replace(params: Params<'search.replace'>, search: SearchChannel, files: TextFiles): Promise<ReplaceAnswer> {
    const template = parseReplacement(params.replacement, search.query.isRegex)
    const wanted = chosenMatches(search, params.files)
    const undos: Undo[] = []
    const answer = await this.#inEach(wanted, async ({ path, matches }, count) => {
      await files.edit(path, this.#page, (text) => {
        const { edits, skipped } = matchedEdits(text, matches, template, params.preserveCase)
        const after = edited(text, edits)
        return {
          edits,
          done: () => {
            count(edits.length, skipped)
            if (edits.length === 0) return
            search.replaced(path, text, edits)
            undos.push({ path, after: deflateRawSync(after, { level: 1 }), edits: inverseOf(text, edits) })
          },
        }
      })
    })
    return undos.length === 0 ? answer : { replacement: this.#keep(undos), ...answer }
  }

  /** Puts back what was there, except where somebody has edited since. */
  async undo(replacement: number, files: TextFiles): Promise<Omit<ReplaceAnswer, 'replacement'>> {
    const known = this.#undos.get(replacement)
    if (!known) throw new OmegaError('NOT_FOUND', 'This replacement cannot be taken back any more. Use git for it.')
    this.#undos.delete(replacement)
    return this.#inEach(known.files, async ({ path, after, edits }, count) => {
      const then = inflateRawSync(after).toString()
      await files.edit(path, this.#page, (text) => {
        const carried = text === then ? edits : carriedOver(edits, textEdits(then, text))
        return { edits: carried, done: () => count(carried.length, edits.length - carried.length) }
      })
    })
  }

  close(): void {
    this.#undos.clear()
  }

  async #inEach<F extends { path: string }>(
    files: readonly F[],
    work: (file: F, count: (matches: number, skipped: number) => void) => Promise<void>,
  ): Promise<Omit<ReplaceAnswer, 'replacement'>> {
    const answer: Omit<ReplaceAnswer, 'replacement'> = { files: 0, matches: 0, skipped: 0, failures: [] }
    let done = 0
    let next = 0
    const teller = setInterval(() => this.#page.tell('search.replacing', { done, of: files.length }), TELL_MS)
    const worker = async () => {
      for (let file = files[next++]; file; file = files[next++]) {
        const { path } = file
        try {
          await work(file, (matches, skipped) => {
            if (matches > 0) answer.files++
            answer.matches += matches
            answer.skipped += skipped
          })
        } catch (error) {
          if (!(error instanceof OmegaError)) throw error
          if (answer.failures.length < MOST_FAILURES) answer.failures.push({ path, detail: error.message })
        }
        done++
      }
    }
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, worker))
    } finally {
      clearInterval(teller)
    }
    return answer
  }

  #keep(files: Undo[]): number {
    const number = ++this.#last
    const bytes = files.reduce((sum, { after, edits }) => sum + after.length + edits.length * 64, 0)
    this.#undos.set(number, { files, bytes })
    let total = [...this.#undos.values()].reduce((sum, undo) => sum + undo.bytes, 0)
    for (const [oldest, undo] of this.#undos) {
      if (oldest === number || (total <= MAX_UNDO_BYTES && this.#undos.size <= MAX_UNDOS)) break
      this.#undos.delete(oldest)
      total -= undo.bytes
    }
    return number
  }
}

function chosenMatches(search: SearchChannel, files: Params<'search.replace'>['files']) {
  const left = (matches: readonly (KeptMatch | undefined)[]) => matches.filter((match) => match !== undefined)
  if (!files) return [...search.found].map(([path, matches]) => ({ path, matches: left(matches) }))
  return files.map(({ path, matches }) => {
    const found = search.found.get(path)
    if (!found) throw new OmegaError('NOT_FOUND', `The search found nothing in that file. Search again.`)
    if (!matches) return { path, matches: left(found) }
    const chosen = new Set(matches)
    return { path, matches: left(found.filter((_, index) => chosen.has(index))) }
  })
}
