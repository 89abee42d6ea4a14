import type { Clock } from '../../../core/clock.ts'
import type { FrameCommand, Observed, ToFrame } from '../../../core/wire/observed.ts'
import type { Unwatchable } from '../../../core/wire/operations/ports.ts'
import { Store } from '../../shared/store.ts'
import { ConsoleLog } from './console-log.ts'

/**
 * starting  the port does not listen yet
 * live      `url` shows it
 * stopped   it has listened and does not any more
 */
export type Phase = 'starting' | 'live' | 'stopped'

/**
 * asking  a page is on its way
 * yes     it tells of its console and address
 * no      it does not: no HTML, or it stopped before its first script
 */
export type Watched = 'asking' | 'yes' | 'no' | Unwatchable

export interface PreviewState {
  readonly phase: Phase
  /** Path, query and fragment of where the page is, or shall be. */
  readonly path: string
  readonly title: string
  /** What the frame shows first; signs in once, so every load has a new one. */
  readonly url?: string
  /** Counts loads, so that the same address loads again. */
  readonly load: number
  /** A page is on its way. */
  readonly loading: boolean
  readonly watched: Watched
  readonly canGoBack: boolean
  readonly canGoForward: boolean
  readonly problem?: string
}

/** A signed-in address of a port's page, and the key its frame speaks to us with. */
export interface FrameLink {
  url: string
  key: string
}

/** What shows it. */
export interface Frame {
  /** Only to be compared with. */
  readonly window: unknown
  send(message: ToFrame, origin: string): void
}

export interface PreviewOptions {
  clock: Clock
  link: (port: number, path: string) => Promise<FrameLink>
  /** Where it was last. */
  path: string
  /** The page went somewhere. */
  onPath: (path: string) => void
  keepsLog: () => boolean
}

/** A page that was told to go somewhere and is watched says so within this time, or is loaded anew. */
const OBEY_MS = 1_500
/** After a page has loaded, what its script said has arrived. */
const SAID_MS = 300

/** The page of one of the sandbox's ports, as it is shown in a frame: opens when it listens, says when it stopped. */
export class Preview {
  readonly port: number
  readonly state: Store<PreviewState>
  readonly log: ConsoleLog
  readonly #options: PreviewOptions
  #key: string | undefined
  /** A link is on its way. */
  #asking = false
  #frame: Frame | undefined
  #cancelDoubt: (() => void) | undefined

  constructor(port: number, options: PreviewOptions) {
    this.port = port
    this.#options = options
    this.log = new ConsoleLog(options.keepsLog)
    this.state = new Store<PreviewState>({
      phase: 'starting',
      path: options.path,
      title: '',
      load: 0,
      loading: false,
      watched: 'asking',
      canGoBack: false,
      canGoForward: false,
    })
  }

  /** The origin of its pages, once there is one. */
  get origin(): string | undefined {
    const { url } = this.state.get()
    return url === undefined ? undefined : new URL(url).origin
  }

  /** Whether something listens on its port. */
  listens(does: boolean): void {
    const { phase } = this.state.get()
    if (does && phase !== 'live' && !this.#asking) void this.load()
    if (!does && phase === 'live') this.#set({ phase: 'stopped', loading: false })
  }

  /** A frame shows it and can be told what to do. */
  attach(frame: Frame): () => void {
    this.#frame = frame
    return () => {
      if (this.#frame === frame) this.#frame = undefined
    }
  }

  /** `typed` as a person types an address: a path, or a whole one of any host. */
  go(typed: string): void {
    const path = cleanPath(typed)
    this.#set({ path })
    this.#obey({ do: 'go', path })
  }

  back(): void {
    this.#tell({ do: 'back' })
  }

  forward(): void {
    this.#tell({ do: 'forward' })
  }

  reload(): void {
    this.#obey({ do: 'reload' })
  }

  /** Past the browser's cache. */
  reloadFresh(): void {
    this.#obey({ do: 'fresh' })
  }

  /** In a frame of its own, from the beginning. */
  async load(): Promise<void> {
    this.#cancelDoubt?.()
    this.#asking = true
    try {
      const { url, key } = await this.#options.link(this.port, this.state.get().path)
      this.#key = key
      const { problem: _, ...rest } = this.state.get()
      this.state.set({
        ...rest,
        phase: 'live',
        url,
        load: rest.load + 1,
        loading: true,
        watched: 'asking',
        canGoBack: false,
        canGoForward: false,
      })
    } catch (error) {
      this.#set({ problem: error instanceof Error ? error.message : String(error), loading: false })
    } finally {
      this.#asking = false
    }
  }

  /** The browser has loaded a page into the frame. */
  loaded(): void {
    this.#set({ loading: false })
    const { load } = this.state.get()
    this.#options.clock.after(SAID_MS, () => {
      const state = this.state.get()
      if (state.load === load && state.watched === 'asking') this.#set({ watched: 'no' })
    })
  }

  /** The worker says that a page cannot be watched. */
  unwatched(reason: Unwatchable): void {
    this.#cancelDoubt?.()
    this.#set({ watched: reason, canGoBack: false, canGoForward: false })
  }

  /** Whether a message is of this preview's frame: from its window or one within, its origin, and with its key. */
  knows(origin: string, key: string, window: unknown): boolean {
    return this.#key !== undefined && key === this.#key && origin === this.origin && window === this.#frame?.window
  }

  receive(observed: readonly Observed[]): void {
    for (const one of observed) {
      if (one.type === 'began') {
        this.#cancelDoubt?.()
        this.log.pageBegan(pathOf(one.url))
        this.#set({ watched: 'yes', loading: false })
        if (one.status >= 400) this.log.add(one.url, one.status)
      } else if (one.type === 'at') {
        const path = pathOf(one.url)
        this.#set({ path, title: one.title, canGoBack: one.canGoBack, canGoForward: one.canGoForward })
        this.#options.onPath(path)
      } else this.log.take(one)
    }
  }

  /** A page that is watched goes by itself; one that does not answer is loaded anew. */
  #obey(command: FrameCommand): void {
    const { watched, phase } = this.state.get()
    if (watched !== 'yes' || phase !== 'live' || !this.#tell(command)) {
      void this.load()
      return
    }
    this.#set({ loading: true })
    this.#cancelDoubt?.()
    const wait = command.do === 'fresh' ? OBEY_MS * 5 : OBEY_MS
    this.#cancelDoubt = this.#options.clock.after(wait, () => {
      if (this.state.get().loading) void this.load()
    })
  }

  #tell(command: FrameCommand): boolean {
    const { origin } = this
    if (!this.#frame || this.#key === undefined || origin === undefined) return false
    this.#frame.send({ omega: this.#key, command }, origin)
    return true
  }

  #set(change: Partial<PreviewState>): void {
    this.state.update((state) => ({ ...state, ...change }))
  }
}

/** The path, query and fragment of what was typed: an address of any origin, or a path without its slash. */
export function cleanPath(typed: string): string {
  const path = typed.trim().replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
  return `/${path.replace(/^[/\\]+/, '')}`
}

function pathOf(url: string): string {
  try {
    const { pathname, search, hash } = new URL(url)
    return pathname + search + hash
  } catch {
    return '/'
  }
}
