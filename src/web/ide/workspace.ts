import type { Results } from '../../core/wire/operations.ts'
import { browserClock } from '../shared/browser-clock.ts'
import { Registry } from '../shared/registry.ts'
import type { ShareWish } from '../shared/share-panel.tsx'
import { Store } from '../shared/store.ts'
import { ShownTheme } from '../shared/theme.ts'
import { openDatabase } from './documents/database.ts'
import { Documents } from './documents/documents.ts'
import { IndexedDbCache } from './documents/indexed-db-cache.ts'
import { takeEarly } from './early-parts.ts'
import { Editors } from './editor/editors.ts'
import { languageOf, loadLanguage } from './editor/languages.ts'
import type { Place } from './editor/place.ts'
import { FileDecorations } from './files/file-decorations.ts'
import type { FileMenuItem } from './files/file-target.ts'
import { FileTree } from './files/file-tree.ts'
import { Files } from './files/files.ts'
import { Layout } from './frame/layout.ts'
import { PageMemory } from './frame/memory.ts'
import type { PanelView } from './frame/panel-view.ts'
import type { SideView, StatusItem, TitleItem } from './frame/side-view.ts'
import { whenIdle } from './frame/when-idle.ts'
import { KeyBindings } from './keys/key-bindings.ts'
import { Languages } from './language/languages.ts'
import { Notices } from './notices/notices.ts'
import type { Command } from './palette/command.ts'
import { PaletteState } from './palette/palette-state.ts'
import { Follow } from './people/follow.ts'
import { People } from './people/people.ts'
import { OwnSelf } from './people/self.ts'
import { Previews } from './preview/previews.ts'
import { masterSettings } from './settings/master-settings.ts'
import { SettingsStore } from './settings/settings.ts'
import { SettingsSync } from './settings/settings-sync.ts'
import { TabList } from './tabs/tab-list.ts'
import { Terminals } from './terminals/terminals.ts'
import { Connection } from './wire/connection.ts'
import { isSignedIn, makePreviewLink, openSocket } from './wire/sandbox-origin.ts'

export interface SaveStep {
  id: string
  run: (path: string) => Promise<void>
}

export type Hello = Results['hello']
export type PageAccess = Hello['access']

/** Everything the page's parts share; made once. */
export class Workspace {
  readonly memory = new PageMemory(storage())
  readonly hello = new Store<Hello | undefined>(undefined)
  readonly notices = new Notices(browserClock)
  readonly layout = new Layout(this.memory)
  readonly settings = new SettingsStore(storage())
  readonly settingsSync = new SettingsSync({
    settings: this.settings,
    exchange: () => {
      const masterUrl = this.hello.get()?.masterUrl
      return masterUrl === undefined ? undefined : masterSettings(masterUrl)
    },
    clock: browserClock,
  })
  readonly theme = new ShownTheme(window)
  readonly commands = new Registry<Command>()
  readonly keys = new KeyBindings(this.commands, this.settings)
  readonly sideViews = new Registry<SideView>()
  readonly panelViews = new Registry<PanelView>()
  readonly statusItems = new Registry<StatusItem>()
  /** What is done to a file before its person saves it; not before it saves itself. */
  readonly beforeSave = new Registry<SaveStep>()
  readonly titleItems = new Registry<TitleItem>()
  readonly fileDecorations = new FileDecorations()
  readonly palette = new PaletteState()
  /** Counts how often the field of the search was asked for. */
  readonly searchFocus = new Store(0)
  readonly connection = new Connection({
    open: openSocket,
    clock: browserClock,
    random: Math.random,
    signedIn: isSignedIn,
  })
  readonly languages = new Languages(this.connection)
  readonly terminals = new Terminals(this.connection, (terminals) => this.memory.remember({ terminals }))
  readonly previews = new Previews({
    clock: browserClock,
    memory: this.memory.value.preview,
    remember: (preview) => this.memory.remember({ preview }),
    link: async (port, path, use) => {
      // The app's page runs in the same process as ours: it must not come before the editor.
      if (use === 'frame') await whenIdle(1_000)
      return makePreviewLink(port, path, use)
    },
    onOpened: () => this.layout.suggestPreview(true),
  })
  readonly fileMenu = new Registry<FileMenuItem>()
  readonly tree = new FileTree({
    access: {
      list: (path) => this.connection.request('files.list', { path }),
      look: async (path, names) => (await this.connection.request('files.look', { path, names })).entries,
      ignored: async (path) => (await this.connection.request('files.ignored', { path })).names,
      watch: async (path) => void (await this.#watch(path)),
      unwatch: async (path) => this.#unwatch(path),
    },
    expanded: this.memory.value.expanded,
    onExpanded: (expanded) => this.memory.remember({ expanded }),
    soon: (draw) => setTimeout(draw),
  })
  /** What one may do here; until the worker has said so, what it said the last time. */
  readonly access = new Store<PageAccess>(this.memory.value.access)
  /** Who we are to others. */
  readonly self = new OwnSelf(this.settings, storage(), Math.random)
  readonly people = new People({
    connection: this.connection,
    self: this.self,
    clock: browserClock,
    storage: tabStorage(),
    newSeat: () =>
      crypto.getRandomValues(new Uint8Array(18)).reduce((seat, byte) => seat + byte.toString(16).padStart(2, '0'), ''),
  })
  /** What the sheet that makes links begins with, while it is open. */
  readonly sharing = new Store<ShareWish | undefined>(undefined)
  readonly editors = new Editors(this.memory)
  readonly #cache = new IndexedDbCache(
    takeEarly('database') ?? openDatabase(indexedDB),
    storage(),
    takeEarly('document'),
  )
  readonly documents = new Documents(this.connection, this.#cache, this.people.me)
  readonly tabs = new TabList(this.documents, this.connection, this.memory)
  readonly follow = new Follow({
    people: this.people,
    shown: () => this.tabs.activeFile,
    open: (path) => {
      this.tabs.open(path)
      this.layout.showPane('editor')
    },
    onLost: ({ name }) => void this.notices.say(`${name} has left; you follow nobody any more.`),
  })
  readonly files = new Files({
    connection: this.connection,
    tree: this.tree,
    tabs: this.tabs,
    notices: this.notices,
    openFile: (path) => this.openFile(path),
    root: () => this.hello.get()?.root ?? '',
  })
  readonly #watched = new Set<string>()
  #firstHello = true
  #editorFocusWanted = true

  /** `features`: the parts of the page, which add to it what they have. */
  start(features: readonly ((workspace: Workspace) => void)[]): void {
    const { connection, documents, tabs, tree } = this
    for (const add of features) add(this)
    connection.on('files.changed', ({ directory, names }) => void tree.changed(directory, names))
    connection.onSession(() => void this.#sessionBegan())
    connection.start()
    const path = tabs.activeFile
    if (path !== undefined) {
      documents.at(path)
      const language = languageOf(path)
      if (language) loadLanguage(language).catch(() => undefined)
    }
    window.addEventListener('online', () => connection.check())
    window.addEventListener('pagehide', () => {
      this.#leave()
      this.#cache.leave()
    })
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') connection.check()
      else this.#leave()
    })
    setInterval(() => this.#leave(), 3_000)
  }

  get mayChange(): boolean {
    return this.access.get() !== 'look'
  }

  /** Runs what may fail; its sentence is shown. */
  attempt(action: Promise<unknown>): void {
    this.notices.attempt(action)
  }

  /** A person saves a file: what is to be done before is done first, and its failure is told. */
  async save(path: string): Promise<void> {
    for (const { run } of this.beforeSave.list.get())
      await run(path).catch((error: unknown) => this.notices.failed(error))
    await this.documents.save(path)
  }

  /** Shows a file, ready to type in unless `focus` is false: where its cursor was, or at a place. */
  openFile(path: string, place?: Place, focus = true): void {
    if (focus) this.#editorFocusWanted = true
    this.tabs.open(path)
    if (place) this.editors.goTo(this.documents.at(path), place)
    this.layout.showPane('editor')
    // Shown already, it has no reason to take the focus by itself. Later: the palette gives back what it took.
    setTimeout(() => {
      const view = this.editors.of(this.documents.at(path))?.view
      if (view && this.tabs.activeFile === path && this.takeEditorFocus()) view.focus()
    })
    this.attempt(this.tree.reveal(path))
  }

  /** Whether a person wants to type in the editor: at first, and each time they open a file; true once. */
  takeEditorFocus(): boolean {
    const wanted = this.#editorFocusWanted
    this.#editorFocusWanted = false
    // A phone would cover half of the page with its keyboard.
    return wanted && matchMedia('(pointer: fine)').matches
  }

  /** The worker knows nothing of what this page looked at. */
  async #sessionBegan(): Promise<void> {
    this.#watched.clear()
    void this.tree.connect()
    try {
      const hello = await this.connection.request('hello', {})
      this.hello.set(hello)
      this.access.set(hello.access)
      this.memory.remember({ access: hello.access })
      this.terminals.connected(hello.terminals, this.memory.value.terminals)
      this.previews.connected(hello.appPort, hello.ports)
      this.layout.suggestPreview(hello.appPort !== 0)
      if (this.#firstHello) await this.#firstSteps(hello)
    } catch (error) {
      // What sleeps is not broken.
      if (this.connection.state.get().name !== 'asleep') this.notices.failed(error)
    }
  }

  async #firstSteps(hello: Hello): Promise<void> {
    this.#firstHello = false
    if (hello.open && this.tabs.state.get().open.length === 0) this.openFile(hello.open)
    if (hello.terminals.some(({ kind }) => kind === 'shell') || this.memory.value.shellOpened) return
    if (hello.access === 'look') return
    await this.terminals.openShell({ focus: false })
    this.memory.remember({ shellOpened: true })
  }

  async #watch(path: string): Promise<void> {
    if (this.#watched.has(path)) return
    this.#watched.add(path)
    try {
      await this.connection.request('files.watch', { path })
    } catch (error) {
      this.#watched.delete(path)
      throw error
    }
  }

  async #unwatch(path: string): Promise<void> {
    if (!this.#watched.delete(path)) return
    await this.connection.request('files.unwatch', { path })
  }

  #leave(): void {
    this.editors.remember(this.tabs.files)
  }
}

/** Of the browser's tab alone; undefined where the browser forbids storage. */
function tabStorage(): Storage | undefined {
  try {
    return sessionStorage
  } catch {
    return undefined
  }
}

/** Undefined where the browser forbids storage. */
function storage(): Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}
