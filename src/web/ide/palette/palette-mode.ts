import type { IconName } from '../../shared/icons.tsx'
import type { Marks } from './fuzzy.ts'

/** A line of the palette. */
export interface PaletteItem {
  /** Unique in its list. */
  id: string
  label: string
  /** What of the label matched. */
  marks?: Marks
  /** Dimmed, behind the label. */
  detail?: string
  detailMarks?: Marks
  /** Shows the mark of such a file. */
  path?: string
  icon?: IconName
  /** At the right edge: keys as a command names them, or words. */
  key?: string
  note?: string
  /** A heading above it, where the item before is of another group. */
  group?: string
  run: () => void
  /** Shows what it would do, while it is the chosen one: goes to the line of a symbol, for instance. */
  preview?: () => void
}

export interface PaletteAnswer {
  items: readonly PaletteItem[]
  /** Said below the field: why there is nothing, or what else may be typed. */
  hint?: string
  /** More is on its way. */
  busy?: boolean
}

/** What a mode does while the palette shows it. */
export interface PaletteSearch {
  /** `query` is what stands behind the prefix. `show` may be called several times, until the next `find`. */
  find(query: string, show: (answer: PaletteAnswer) => void): void
  /** The palette is closed, or shows another mode. Nothing `taken`: what a preview did is to be taken back. */
  end?(taken: boolean): void
}

/** Something the palette can list; the beginning of what is typed says which. */
export interface PaletteMode {
  id: string
  /** '' for the files, one character for others. */
  prefix: string
  /** What it does, for the list of `?`. */
  title: string
  placeholder: string
  /** Called each time the palette begins to show it. */
  begin(): PaletteSearch
}
