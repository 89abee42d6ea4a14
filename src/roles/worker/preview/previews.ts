import { readFileSync } from 'node:fs'
import type { Clock } from '../../../core/clock.ts'
import type { EventName, Events } from '../../../core/wire/operations.ts'
import {
  firstEphemeralPort,
  type ListeningSocket,
  listeningSockets,
  loopbackOf,
} from '../../../drivers/listening-ports.ts'
import { ProjectRoot } from '../../../drivers/project-path.ts'
import { type SocketOwner, socketOwners } from '../../../drivers/socket-owners.ts'
import { AppConnections } from './app-connections.ts'
import { Disguises } from './disguise.ts'
import { PortWatch } from './port-watch.ts'
import { Preview } from './preview.ts'
import { SourcePlaces } from './source-places.ts'

export interface PreviewsOptions {
  clock: Clock
  /** The project's folder, links followed. */
  folder: string
  /** Whether all that listens here is the sandbox's. */
  isolated: boolean
  /** The template's, 0 for none. */
  appPort: number
  /** Of the worker itself. */
  ownPort: () => number
  terminalOf: (session: number) => string | undefined
  /** The built script that watches a page. */
  observerFile: string
  tell: <E extends EventName>(event: E, data: Events[E]) => void
  /** An app has answered a request. */
  onAnswered: () => void
}

/** What the sandbox's servers are reached and watched by. */
export class Previews {
  readonly preview: Preview
  readonly ports: PortWatch
  readonly sources: SourcePlaces
  readonly #connections = new AppConnections()

  constructor(options: PreviewsOptions) {
    const { clock, folder, terminalOf, tell } = options
    this.preview = new Preview({
      connections: this.#connections,
      disguises: new Disguises(clock.now),
      observer: readText(options.observerFile),
      onUnwatched: (data) => tell('preview.unwatched', data),
      onAnswered: options.onAnswered,
    })
    this.ports = new PortWatch({
      clock,
      sockets: () => socketsOf(options),
      owners: socketOwners,
      isOurs: (socket, owner) => isOurs(options, socket, owner),
      terminalOf,
      appPort: options.appPort,
      firstEphemeral: firstEphemeralPort,
      onChange: (ports) => tell('ports.changed', { ports }),
    })
    this.sources = new SourcePlaces({
      folder,
      root: new ProjectRoot(folder),
      fetch: (port, path) => this.#connections.text(port, path),
      now: clock.now,
    })
  }

  close(): void {
    this.ports.stop()
    this.#connections.close()
  }
}

/** Where the kernel does not tell what listens, the app's own port is tried. */
async function socketsOf({ appPort }: PreviewsOptions): Promise<ListeningSocket[]> {
  if (process.platform === 'linux') return listeningSockets()
  return appPort !== 0 && (await loopbackOf(appPort)) !== undefined ? [{ port: appPort, inode: 'app' }] : []
}

/** On a machine of one's own only what was started from here is the sandbox's. */
function isOurs(options: PreviewsOptions, { port }: ListeningSocket, owner: SocketOwner | undefined): boolean {
  const { isolated, appPort, ownPort, folder } = options
  if (port === ownPort()) return false
  if (isolated || port === appPort) return true
  if (!owner || owner.pid === process.pid) return false
  return owner.parents.includes(process.pid) || owner.cwd === folder || owner.cwd.startsWith(`${folder}/`)
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
