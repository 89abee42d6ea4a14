import type { LanguageSupport } from '@codemirror/language'

/** How a kind of text is coloured, commented and indented. */
export interface Language {
  /** Shown in the status bar. */
  title: string
  /** Endings of names, and whole names, in small letters. */
  extensions: readonly string[]
  names?: readonly string[]
  /** Programs of a first line like `#!/usr/bin/env bash`. */
  programs?: readonly string[]
  /** What its people indent with, where a file does not tell; two spaces if absent. */
  indent?: string
  load: () => Promise<LanguageSupport>
}
