import { freshPreviewMemory, type PreviewMemory, rememberedPreview } from '../preview/previews.ts'

/** What a browser remembers of a sandbox: its origin is the sandbox's own, so keys need no name of it. */
export interface Memory {
  tabs: { open: string[]; active?: string | undefined }
  expanded: string[]
  /** Where the cursor was: path -> offset. */
  cursors: Record<string, number>
  /** What files are shown as, where it was chosen: path -> title of a language, '' for plain text. */
  languages: Record<string, string>
  layout: {
    side: number
    preview: number
    panel: number
    hidden: string[]
    /** The person showed or hid the preview, so it does not open by itself. */
    previewChosen: boolean
    /** The view of the side bar. */
    sideView: string
    /** The view of the panel. */
    panelView: string
    maximised: 'panel' | 'preview' | undefined
  }
  /** What its person might do here the last time. */
  access: 'owner' | 'edit' | 'look'
  /** A shell has been opened once. */
  shellOpened: boolean
  /** How the terminals stood, and the one shown last. */
  terminals?: { groups: readonly (readonly string[])[]; active?: string | undefined }
  /** Widths of terminals that are side by side, in parts: terminal -> part; 1 where none is given. */
  terminalShares: Readonly<Record<string, number>>
  /** Several lines are pasted into a terminal without being asked about. */
  pastesLines: boolean
  preview: PreviewMemory
  /** Files shown last, the latest first. */
  recentFiles: string[]
  /** Commands chosen from the palette last, the latest first. */
  recentCommands: string[]
  /** What was typed into the search, as it says itself. */
  search?: Readonly<Record<string, string | boolean>>
}

const KEY = 'omega.ide'

export const freshMemory: Memory = {
  tabs: { open: [] },
  expanded: ['src'],
  cursors: {},
  languages: {},
  layout: {
    side: 0,
    preview: 0,
    panel: 0,
    hidden: [],
    previewChosen: false,
    sideView: 'files',
    panelView: 'terminal',
    maximised: undefined,
  },
  access: 'owner',
  shellOpened: false,
  terminalShares: {},
  pastesLines: false,
  preview: freshPreviewMemory,
  recentFiles: [],
  recentCommands: [],
}

/** Storage may be full, forbidden or hold nonsense: then the page simply remembers nothing. */
export class PageMemory {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | undefined
  value: Memory

  constructor(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined) {
    this.#storage = storage
    this.value = freshMemory
    try {
      const stored = JSON.parse(storage?.getItem(KEY) ?? '{}') as Partial<Memory>
      this.value = {
        ...freshMemory,
        ...stored,
        layout: { ...freshMemory.layout, ...stored.layout },
        preview: rememberedPreview(stored.preview),
      }
    } catch {}
  }

  remember(change: Partial<Memory>): void {
    this.value = { ...this.value, ...change }
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.value))
    } catch {}
  }
}
