import type { Clock } from '../../../core/clock.ts'
import type { Port } from '../../../core/wire/operations/ports.ts'
import type { PreviewUse } from '../../../core/wire/preview-link.ts'
import type { IconName } from '../../shared/icons.tsx'
import { Registry } from '../../shared/registry.ts'
import { Store } from '../../shared/store.ts'
import type { LogFilter } from './console-log.ts'
import { clamped, type Size, type Zoom } from './device.ts'
import { type FrameLink, Preview } from './preview.ts'

/** What is remembered of how previews are looked at. */
export interface PreviewLook {
  /** The screen's size, or undefined for the whole pane. */
  readonly screen: Size | undefined
  readonly zoom: Zoom
  readonly console: boolean
  /** CSS pixels. */
  readonly consoleHeight: number
  /** The console goes on when another page begins. */
  readonly keepLog: boolean
  readonly filter: LogFilter
}

export interface PreviewMemory {
  /** Port -> where it was last. */
  readonly paths: Readonly<Record<string, string>>
  readonly open: readonly number[]
  readonly active: number
  /** Ports that shall not be offered. */
  readonly ignored: readonly number[]
  readonly look: PreviewLook
}

export const freshPreviewMemory: PreviewMemory = {
  paths: {},
  open: [],
  active: 0,
  ignored: [],
  look: {
    screen: undefined,
    zoom: 0,
    console: false,
    consoleHeight: 180,
    keepLog: false,
    filter: { text: '', levels: ['error', 'warn', 'log'] },
  },
}

export interface PreviewsState {
  /** All that listen now. */
  readonly ports: readonly Port[]
  /** Previews, in the order they were opened. */
  readonly open: readonly number[]
  /** The one shown; 0 for none. */
  readonly active: number
  /** Whether it is known what listens. */
  readonly known: boolean
}

/** Something to be done with a preview that another part of the page offers in the preview's menu: to share it, ... */
export interface PreviewAction {
  id: string
  title: string
  icon: IconName
  run: (port: number, path: string) => void
}

export interface PreviewsOptions {
  clock: Clock
  memory: PreviewMemory
  remember: (memory: PreviewMemory) => void
  /** `POST /_omega/preview-link`. */
  link: (port: number, path: string, use: PreviewUse) => Promise<{ url: string; key?: string }>
  /** The preview opened by itself. */
  onOpened: () => void
}

/** The previews of the sandbox's ports: which are open, which is shown, what is offered. */
export class Previews {
  readonly state: Store<PreviewsState>
  readonly look: Store<PreviewLook>
  readonly actions = new Registry<PreviewAction>()
  /** Tells that a port began to listen that nobody asked for; what it returns takes the offer back. */
  offer: (port: Port) => () => void = () => () => {}
  readonly #options: PreviewsOptions
  readonly #previews = new Map<number, Preview>()
  readonly #offers = new Map<number, () => void>()
  #memory: PreviewMemory
  #appPort = 0

  constructor(options: PreviewsOptions) {
    const { memory } = options
    this.#options = options
    this.#memory = memory
    this.state = new Store<PreviewsState>({ ports: [], open: memory.open, active: memory.active, known: false })
    this.look = new Store(memory.look)
    this.look.subscribe(() => this.#remember({ look: this.look.get() }))
    this.state.subscribe(() => {
      const { open, active } = this.state.get()
      if (open !== this.#memory.open || active !== this.#memory.active) this.#remember({ open, active })
    })
  }

  /** After each (re)connect. `appPort` is the template's, 0 for none. */
  connected(appPort: number, ports: readonly Port[]): void {
    this.#appPort = appPort
    const first = !this.state.get().known
    // What listened before the page came is no news: it is in the list.
    if (first) this.state.update((state) => ({ ...state, ports, known: true }))
    const chosen = ports.filter(({ ephemeral }) => !ephemeral)
    const port = appPort !== 0 ? appPort : first && chosen.length === 1 ? (chosen[0]?.port ?? 0) : 0
    if (this.state.get().open.length === 0 && port !== 0) this.#open(port, true)
    this.#changed(ports, first)
  }

  portsChanged(ports: readonly Port[]): void {
    this.#changed(ports, false)
  }

  at(port: number): Preview {
    const known = this.#previews.get(port)
    if (known) return known
    const preview = new Preview(port, {
      clock: this.#options.clock,
      path: this.#memory.paths[port] ?? '/',
      link: async (at, path): Promise<FrameLink> => {
        const { url, key = '' } = await this.#options.link(at, path, 'frame')
        return { url, key }
      },
      onPath: (path) => {
        if (this.#memory.paths[port] !== path) this.#remember({ paths: { ...this.#memory.paths, [port]: path } })
      },
      keepsLog: () => this.look.get().keepLog,
    })
    this.#previews.set(port, preview)
    return preview
  }

  /** The one shown. */
  get active(): Preview | undefined {
    const { active } = this.state.get()
    return active === 0 ? undefined : this.at(active)
  }

  /** Shows the preview of a port, at a path if one is given. */
  show(port: number, path?: string): void {
    this.#takeBack(port)
    this.#remember({ ignored: this.#memory.ignored.filter((other) => other !== port) })
    this.#open(port, true)
    if (path !== undefined) this.at(port).go(path)
  }

  close(port: number): void {
    this.#previews.delete(port)
    this.state.update((state) => {
      const at = state.open.indexOf(port)
      const open = state.open.filter((other) => other !== port)
      const active = state.active === port ? (open[at] ?? open[at - 1] ?? 0) : state.active
      return { ...state, open, active }
    })
  }

  /** It shall not be offered again. */
  ignore(port: number): void {
    this.#takeBack(port)
    this.#remember({ ignored: [...new Set([...this.#memory.ignored, port])].slice(-100) })
  }

  /** An address that signs in whoever follows it, once. */
  async link(port: number, use: 'tab' | 'phone', path = this.at(port).state.get().path): Promise<string> {
    return (await this.#options.link(port, path, use)).url
  }

  change(look: Partial<PreviewLook>): void {
    this.look.update((before) => ({ ...before, ...look }))
  }

  /** Shows pages on a screen of this size; undefined for the whole pane. */
  resize(screen: Size | undefined): void {
    this.change({ screen: screen && clamped(screen) })
  }

  #changed(ports: readonly Port[], first: boolean): void {
    const before = first ? ports : this.state.get().ports
    this.state.update((state) => ({ ...state, ports }))
    for (const port of before) if (!has(ports, port.port)) this.#takeBack(port.port)
    for (const port of ports) if (!has(before, port.port)) this.#appeared(port)
    for (const port of this.state.get().open) this.at(port).listens(has(ports, port))
  }

  /** The template's port, or the first there is, opens by itself; others are offered, unless the system chose them. */
  #appeared(port: Port): void {
    const { open } = this.state.get()
    if (open.includes(port.port) || port.ephemeral || this.#memory.ignored.includes(port.port)) return
    if (port.port === this.#appPort || open.length === 0) {
      this.#open(port.port, open.length === 0)
      this.#options.onOpened()
    } else this.#offers.set(port.port, this.offer(port))
  }

  #open(port: number, active: boolean): void {
    this.state.update((state) => ({
      ...state,
      open: state.open.includes(port) ? state.open : [...state.open, port],
      active: active ? port : state.active,
    }))
    this.at(port).listens(has(this.state.get().ports, port))
  }

  #takeBack(port: number): void {
    this.#offers.get(port)?.()
    this.#offers.delete(port)
  }

  #remember(change: Partial<PreviewMemory>): void {
    this.#memory = { ...this.#memory, ...change }
    this.#options.remember(this.#memory)
  }
}

function has(ports: readonly Port[], port: number): boolean {
  return ports.some((other) => other.port === port)
}

/** What a browser remembers may be of another version, or nonsense. */
export function rememberedPreview(stored: Partial<PreviewMemory> | undefined): PreviewMemory {
  const { look: fresh } = freshPreviewMemory
  const look: Partial<PreviewLook> = stored?.look ?? {}
  const ports = (list: unknown) =>
    Array.isArray(list) ? list.filter((port): port is number => Number.isInteger(port)) : []
  const open = ports(stored?.open)
  const active = Number.isInteger(stored?.active) ? (stored?.active ?? 0) : 0
  return {
    paths: { ...stored?.paths },
    open,
    active: open.includes(active) ? active : (open[0] ?? 0),
    ignored: ports(stored?.ignored),
    look: { ...fresh, ...look, filter: { ...fresh.filter, ...look.filter, text: '' } },
  }
}
