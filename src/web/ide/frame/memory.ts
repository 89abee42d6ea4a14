/** What a browser remembers of a sandbox: its origin is the sandbox's own, so keys need no name of it. */
export interface Memory {
  tabs: { open: string[]; active?: string | undefined }
  expanded: string[]
  /** Where the cursor was: path -> offset. */
  cursors: Record<string, number>
  layout: {
    side: number
    preview: number
    terminal: number
    hidden: string[]
    /** The person showed or hid the preview, so it does not open by itself. */
    previewChosen: boolean
  }
  /** A shell has been opened once. */
  shellOpened: boolean
  /** The terminal shown last. */
  terminal?: string | undefined
  appPath: string
}

const KEY = 'omega.ide'
const DRAFT = 'omega.draft:'
const MOST_DRAFT_CHARS = 1_000_000

export const freshMemory: Memory = {
  tabs: { open: [] },
  expanded: ['src'],
  cursors: {},
  layout: { side: 240, preview: 0, terminal: 240, hidden: [], previewChosen: false },
  shellOpened: false,
  appPath: '/',
}

/** Storage may be full, forbidden or hold nonsense: then the page simply remembers nothing. */
export class PageMemory {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined
  value: Memory

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined) {
    this.#storage = storage
    this.value = freshMemory
    try {
      const stored = JSON.parse(storage?.getItem(KEY) ?? '{}') as Partial<Memory>
      this.value = { ...freshMemory, ...stored, layout: { ...freshMemory.layout, ...stored.layout } }
    } catch {}
  }

  remember(change: Partial<Memory>): void {
    this.value = { ...this.value, ...change }
    this.#write(KEY, this.value)
  }

  /** Text that is not on the disk yet, so that closing the page loses no keystroke. */
  draft(path: string): { text: string; base: string | undefined } | undefined {
    try {
      const stored = this.#storage?.getItem(DRAFT + path)
      return stored ? (JSON.parse(stored) as { text: string; base: string | undefined }) : undefined
    } catch {
      return undefined
    }
  }

  keepDraft(path: string, draft: { text: string; base: string | undefined } | undefined): void {
    if (draft && draft.text.length <= MOST_DRAFT_CHARS) this.#write(DRAFT + path, draft)
    else this.#storage?.removeItem(DRAFT + path)
  }

  #write(key: string, value: unknown): void {
    try {
      this.#storage?.setItem(key, JSON.stringify(value))
    } catch {}
  }
}
