import type { SleepWarning } from '../activity.ts'
import type { DiskReport } from '../disk.ts'
import { type Done, nothing } from './fields.ts'
import type { Port } from './ports.ts'
import type { TerminalInfo } from './terminals.ts'

/** The sandbox as a whole. */
export const sandboxParams = {
  hello: nothing,
  'app.restart': nothing,
  /** A person wants to keep the sandbox as it is: awake, running, there. */
  keepAwake: nothing,
}

export interface SandboxResults {
  hello: {
    sandbox: { id: string; name: string; subdomain: string; domain: string; template: string; port: number }
    /** owner: by the sandbox's token or the master; the others came by a link. Who may look can change nothing. */
    access: 'owner' | 'edit' | 'look'
    /** The project's folder, as programs in the sandbox call it. */
    root: string
    /** The template's own port, 0 for none. */
    appPort: number
    /** The file to open the first time. */
    open?: string
    /** What the dashboard is reached at. */
    masterUrl: string
    terminals: TerminalInfo[]
    /** Those that listen now. */
    ports: Port[]
    version: string
    /** When the worker was started, ms since the epoch: another one means that what ran in its terminals has ended. */
    startedAt: number
    /** What becomes of the sandbox soon unless somebody does something. */
    warning?: SleepWarning
  }
  /** Starts the template's app again. */
  'app.restart': Done
  keepAwake: Done
}

export interface SandboxEvents {
  /** The sandbox has written most of what it may. */
  'disk.filling': DiskReport
  'sandbox.renamed': { name: string }
  /** Unless somebody does something, it is asleep, stopped or deleted in `inMs` milliseconds. */
  'sleep.warned': SleepWarning
  /** The warning is over. */
  'sleep.kept': Record<string, never>
}
