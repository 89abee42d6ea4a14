/**
 * What a page in a preview's frame tells the IDE's page, and what that asks of it, by `postMessage`. The page may be
 * anybody's code: all that comes from it is text to be shown, of any length and shape until it was looked at.
 */

export type Level = 'debug' | 'log' | 'info' | 'warn' | 'error'

/** A value as it was when it was printed. */
export interface Shown {
  /** For its colour: text, string, number, boolean, nothing, function, object, error, node. */
  kind: string
  text: string
  /** CSS of a `%c`. */
  style?: string
  /** What is in it, by name. */
  entries?: [name: string, value: Shown][]
  /** How many of these were left out. */
  more?: number
}

/** A place in a script; line and column count from 1. */
export interface ScriptFrame {
  name: string
  url: string
  line: number
  column: number
}

export type Observed =
  /** A document began; `status` is its HTTP status, 0 if not known. */
  | { type: 'began'; url: string; status: number }
  | { type: 'at'; url: string; title: string; canGoBack: boolean; canGoForward: boolean }
  | { type: 'printed'; level: Level; values: Shown[]; depth: number; stack: ScriptFrame[] }
  /** Nobody caught it. */
  | { type: 'failed'; text: string; stack: ScriptFrame[] }
  /** `status` 0: there was no answer. */
  | { type: 'request'; method: string; url: string; status: number; reason: string }
  | { type: 'cleared' }
  /** More was printed than can be told. */
  | { type: 'dropped'; count: number }

export type FrameCommand =
  | { do: 'back' | 'forward' | 'reload' | 'fresh' }
  /** To a path of the same host. */
  | { do: 'go'; path: string }

/** The key is the frame's; see `POST /_omega/preview-link`. */
export interface FromFrame {
  omega: string
  observed: Observed[]
}
export interface ToFrame {
  omega: string
  command: FrameCommand
}

/** What the worker tells the script that watches. */
export interface ObserverSettings {
  /** Origin of the IDE's page. */
  ide: string
  key: string
  /** The app's own port. */
  port: number
}
