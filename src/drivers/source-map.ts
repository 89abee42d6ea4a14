import { FlattenMap, originalPositionFor, type TraceMap } from '@jridgewell/trace-mapping'

/** A place in a script before it was built; `source` is as the map names it. Lines and columns count from 1. */
export interface OriginalPlace {
  source: string
  line: number
  column: number
}

/** A source map (ECMA-426). */
export class SourceMap {
  readonly #map: TraceMap

  /** Throws when the text is no source map. */
  constructor(json: string) {
    this.#map = new FlattenMap(json)
  }

  /** What the place of the built script came from, if anything. */
  originalOf(line: number, column: number): OriginalPlace | undefined {
    const found = originalPositionFor(this.#map, { line, column: column - 1 })
    return found.source === null ? undefined : { source: found.source, line: found.line, column: found.column + 1 }
  }
}
