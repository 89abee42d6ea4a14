import { Type } from 'typebox'
import { strict } from './fields.ts'

export const portsParams = {
  /**
   * Where in the project a place of a script comes from that a preview has loaded, by the script's source map. `script` is
   * its address on the preview's host, a path, or what a bundler called it (`webpack-internal:///./src/a.js`); lines and
   * columns count from 1.
   */
  'preview.locate': Type.Object(
    {
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
      script: Type.String({ minLength: 1, maxLength: 4096 }),
      line: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
      column: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    },
    strict,
  ),
}

/** A TCP port of the sandbox on which something listens. */
export interface Port {
  port: number
  /** What listens, as a person calls it: `vite`, `server.js`. Unknown when it is another user's. */
  program?: string
  /** The terminal it was started in. */
  terminal?: string
  /** Taken from the system's range of numbers that nobody chose: seldom meant for a person. */
  ephemeral?: true
}

/** A place in the project; nothing when it is no file of it. */
export interface Place {
  /** Relative to the project's folder. */
  path: string
  line: number
  column: number
}

export interface PortsResults {
  'preview.locate': { place?: Place }
}

/**
 * Why a page in the preview's frame cannot be watched.
 * policy      its content security policy forbids our script
 * encoded     it came compressed, or in an encoding whose letters we do not know
 */
export type Unwatchable = 'policy' | 'encoded'

export interface PortsEvents {
  /** All that listen now. */
  'ports.changed': { ports: Port[] }
  /** A page that a preview's frame is loading says nothing of its console and address. */
  'preview.unwatched': { port: number; reason: Unwatchable }
}
