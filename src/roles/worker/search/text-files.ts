import { OmegaError } from '../../../core/errors.ts'
import type { Documents } from '../documents/documents.ts'
import { fromFile, toFile } from '../documents/file-text.ts'
import type { TextEdit } from '../documents/text-edits.ts'
import type { Page } from '../wire/page.ts'
import { edited } from './matched-edits.ts'

/** Edits of a text, and what is to be done once they are made. */
export interface Change {
  edits: TextEdit[]
  done: () => void
}

interface Files {
  read(path: string): Promise<{ text: string; version: string }>
  write(path: string, text: string, base: string | undefined): Promise<{ version: string }>
}

/** Somebody else changes the file again and again. */
const MOST_TRIES = 5

/**
 * Texts as programs edit them: one that is open anywhere in its document, so that every editor has the change at once;
 * any other in its file, which takes one write and leaves no document in memory.
 */
export class TextFiles {
  readonly #documents: Documents
  readonly #files: Files

  constructor(documents: Documents, files: Files) {
    this.#documents = documents
    this.#files = files
  }

  /** `change` is given the text, with `\n` between lines; it may be asked again when the file changes meanwhile. */
  async edit(path: string, asker: Page, change: (text: string) => Change): Promise<void> {
    const open = (await this.#documents.below(path)).find((document) => document.path === path)
    if (open) {
      const { edits, done } = change(open.text.toString())
      if (edits.length > 0) open.edit(edits, asker.id)
      done()
      if (edits.length > 0) await open.save()
      return
    }
    for (let tried = 1; ; tried++) {
      try {
        return await this.#editFile(path, change)
      } catch (error) {
        if (!(error instanceof OmegaError) || error.code !== 'CONFLICT' || tried === MOST_TRIES) throw error
      }
    }
  }

  async #editFile(path: string, change: (text: string) => Change): Promise<void> {
    const file = await this.#files.read(path)
    const { text, ...form } = fromFile(file.text)
    const { edits, done } = change(text)
    if (edits.length > 0) {
      await this.#files.write(path, toFile({ text: edited(text, edits), ...form }), file.version)
    }
    done()
  }
}
