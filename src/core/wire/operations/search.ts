import { Type } from 'typebox'
import { channel, type Done, path, strict } from './fields.ts'

/** A search ends when it has found so many; a list of files when it is so long. */
export const MAX_MATCHES = 20_000
export const MAX_LISTED_FILES = 300_000
/** Larger files are not searched. Bytes. */
export const MAX_SEARCHED_BYTES = 16 * 1024 * 1024

/** UTF-16 units of a line shown before and behind a match, and of the match itself. */
export const SHOWN_BEFORE = 120
export const SHOWN_MATCH = 500
export const SHOWN_AFTER = 300

const globs = Type.String({ maxLength: 4_096 })

export const searchParams = {
  /**
   * Opens a channel that brings the paths of the project's files, in no order, each followed by a NUL; then comes
   * `search.listed`. `ignored`: those as well that ignore rules leave out.
   */
  'search.files': Type.Object({ ignored: Type.Boolean() }, strict),
  /** Opens a channel that brings what is found, as SearchMessages. What was typed before is seen, saved or not. */
  'search.text': Type.Object(
    {
      query: Type.String({ minLength: 1, maxLength: 20_000 }),
      isRegex: Type.Boolean(),
      matchCase: Type.Boolean(),
      wholeWord: Type.Boolean(),
      /** Globs, names or folders, separated by commas; '' for all. */
      include: globs,
      exclude: globs,
      /** Files as well that ignore rules leave out. */
      ignored: Type.Boolean(),
    },
    strict,
  ),
  /** Looks no further; what was found may still be replaced. */
  'search.stop': Type.Object({ channel }, strict),
  /** Ends a search or a list; what it found is forgotten. */
  'search.close': Type.Object({ channel }, strict),
  /**
   * Replaces what a search found: all of it, or in these files, or there these matches (by their places in the list,
   * which the others keep).
   */
  'search.replace': Type.Object(
    {
      channel,
      /** For a regular expression with $1, $& and the like. */
      replacement: Type.String({ maxLength: 100_000 }),
      preserveCase: Type.Boolean(),
      files: Type.Optional(
        Type.Array(
          Type.Object(
            { path, matches: Type.Optional(Type.Array(Type.Integer({ minimum: 0 }), { maxItems: MAX_MATCHES })) },
            strict,
          ),
          { maxItems: MAX_MATCHES },
        ),
      ),
    },
    strict,
  ),
  /** Takes a replacement back, where nobody has edited what it put there. */
  'search.undoReplace': Type.Object({ replacement: Type.Integer({ minimum: 1 }) }, strict),
}

/** Lines and columns from 1, columns in UTF-16 units; `endColumn` is behind the last one. */
export interface FoundMatch {
  line: number
  column: number
  endLine: number
  endColumn: number
  /** What stands before the match in its first line; its end, where that is long. */
  before: string
  /** The beginning, if it is long. */
  text: string
  after: string
  /** What the groups of a regular expression matched, from the first on. Absent when they cannot be told. */
  groups?: (string | null)[]
  /** The match, or what a group matched, is longer than what is shown of it. */
  isCut?: true
}

export interface FoundFile {
  path: string
  /** A file's matches may come in several messages, one after the other. */
  matches: FoundMatch[]
}

/** JSON, one in each DATA frame of a search's channel. */
export type SearchMessage =
  | { files: FoundFile[] }
  | {
      end: {
        files: number
        matches: number
        /** There are more matches than may be found at once. */
        truncated: boolean
        problem?: { code: string; detail: string }
      }
    }

export interface ReplaceAnswer {
  /** Names it for `search.undoReplace`; absent when nothing was replaced. */
  replacement?: number
  files: number
  matches: number
  /** Matches whose text has changed since they were found, or whose groups cannot be told. */
  skipped: number
  /** Files that could not be changed; at most 20 of them. */
  failures: { path: string; detail: string }[]
}

export interface SearchResults {
  'search.files': { channel: number }
  'search.text': { channel: number }
  'search.stop': Done
  'search.close': Done
  'search.replace': ReplaceAnswer
  'search.undoReplace': Omit<ReplaceAnswer, 'replacement'>
}

export interface SearchEvents {
  /** How far a replacement is, while it takes long. */
  'search.replacing': { done: number; of: number }
  /** A list of files has ended. */
  'search.listed': { channel: number; files: number; truncated: boolean; problem?: { code: string; detail: string } }
}
