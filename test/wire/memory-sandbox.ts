import type { Clock } from '../../src/core/clock.ts'
import type { DocumentStore } from '../../src/core/document-store.ts'
import { ManualClock } from '../../src/core/manual-clock.ts'
import { MemoryDocumentStore } from '../../src/core/memory-document-store.ts'
import type { ActivityKind } from '../../src/core/wire/activity.ts'
import { Activity } from '../../src/roles/worker/activity/activity.ts'
import { Documents as HostedDocuments } from '../../src/roles/worker/documents/documents.ts'
import { People } from '../../src/roles/worker/people/people.ts'
import type { Services } from '../../src/roles/worker/services.ts'
import { Pages } from '../../src/roles/worker/wire/pages.ts'
import { Documents } from '../../src/web/ide/documents/documents.ts'
import { Connection } from '../../src/web/ide/wire/connection.ts'
import { Store } from '../../src/web/shared/store.ts'
import type { Random } from '../support/random.ts'
import { MemoryCache } from './memory-cache.ts'
import { MemoryDisk } from './memory-disk.ts'
import { Wire } from './network.ts'

/** A worker and its pages, with a network and a disk in memory and time that passes when it is told to. */
export class MemorySandbox {
  readonly clock = new ManualClock()
  readonly disk = new MemoryDisk()
  readonly random: Random
  readonly pages: MemoryPage[] = []
  worker: MemoryWorker
  readonly #store = new MemoryDocumentStore()
  #generations = 0

  constructor(random: Random) {
    this.random = random
    this.worker = this.#boot()
  }

  /** kill -9: nothing more comes of it but what the kernel had taken; another one starts in its place. */
  crash(): void {
    this.worker.kill()
    for (const page of this.pages) page.wire?.cut()
    this.worker = this.#boot()
  }

  /** The worker forgets all histories, as when its state directory is removed. */
  forgetHistories(): void {
    this.worker.kill()
    for (const page of this.pages) page.wire?.cut()
    for (const path of this.#store.paths()) this.#store.remove(path)
    this.worker = this.#boot()
  }

  open(): MemoryPage {
    const page = new MemoryPage(this, this.newCache())
    this.pages.push(page)
    return page
  }

  newCache(): MemoryCache {
    return new MemoryCache(this.clock, () => this.random.below(40))
  }

  #boot(): MemoryWorker {
    return new MemoryWorker(this.clock, this.disk, this.#store, () => `g${this.#generations++}`)
  }
}

class MemoryWorker {
  /** What people did, as the worker noticed it. */
  readonly activity: ActivityKind[] = []
  readonly documents: HostedDocuments
  readonly pages: Pages
  #alive = true

  constructor(clock: ManualClock, disk: MemoryDisk, store: DocumentStore, newGeneration: () => string) {
    const alive = () => this.#alive
    const own: Clock = {
      now: () => clock.now(),
      after: (ms, action) =>
        clock.after(ms, () => {
          if (alive()) action()
        }),
    }
    this.documents = new HostedDocuments({
      files: disk.for(own, alive),
      store: whileAlive(store, alive),
      clock: own,
      newGeneration,
    })
    const services: Partial<Services> = {
      activity: new Activity({ clock: own, date: () => clock.now(), onActivity: (kind) => this.activity.push(kind) }),
      documents: this.documents,
      people: new People({ clock: own, tell: () => undefined }),
      tellAll: (...event) => this.pages.tell(...event),
    }
    this.pages = new Pages({
      services: services as Services,
      clock: own,
      log: {
        error: (facts) => {
          throw (facts as { err?: unknown }).err
        },
      },
      onUse: () => undefined,
    })
    void this.documents.recover()
  }

  kill(): void {
    this.#alive = false
  }
}

/** A store that a dead worker cannot change any more. */
function whileAlive(store: DocumentStore, alive: () => boolean): DocumentStore {
  const guard = (work: () => void) => {
    if (alive()) work()
  }
  return {
    paths: () => store.paths(),
    read: (path) => store.read(path),
    write: (path, document) => guard(() => store.write(path, document)),
    append: (path, entry) => guard(() => store.append(path, entry)),
    rename: (from, to) => guard(() => store.rename(from, to)),
    remove: (path) => guard(() => store.remove(path)),
  }
}

/** A browser page: connection, documents and what the browser keeps. */
export class MemoryPage {
  readonly #sandbox: MemorySandbox
  readonly #cache: MemoryCache
  connection: Connection
  documents: Documents
  wire: Wire | undefined
  /** What was typed in this browser, for the tests' own books. */
  readonly typed: Set<string>
  /** No new connection gets through. */
  offline = false
  closed = false

  constructor(sandbox: MemorySandbox, cache: MemoryCache, typed = new Set<string>()) {
    this.typed = typed
    this.#sandbox = sandbox
    this.#cache = cache
    const { clock, random } = sandbox
    this.connection = new Connection({
      clock,
      random: () => random.next(),
      signedIn: async () => true,
      open: () => this.#dial(),
    })
    const person = new Store({ id: 'somebody' })
    this.documents = new Documents(this.connection, this.#cache, person)
    this.connection.start()
  }

  /** The tab is closed and opened again; all that is left is what the browser has kept, if it is the same one. */
  reload(another: boolean): MemoryPage {
    this.close()
    const page = another
      ? new MemoryPage(this.#sandbox, this.#sandbox.newCache())
      : new MemoryPage(this.#sandbox, this.#cache, this.typed)
    this.#sandbox.pages[this.#sandbox.pages.indexOf(this)] = page
    return page
  }

  close(): void {
    this.closed = true
    this.wire?.cut()
    for (const document of this.documents.all()) document.close()
  }

  textOf(path: string): string | undefined {
    const document = this.documents.at(path)
    return document.state.get().phase === 'open' ? document.content.get()?.text.toString() : undefined
  }

  #dial() {
    const { clock, random } = this.#sandbox
    const wire = new Wire(clock, () => 1 + random.below(20))
    this.wire = wire
    clock.after(1, () => {
      if (this.closed || this.offline || wire !== this.wire || wire.page.isClosed) {
        wire.cut()
        return
      }
      this.#sandbox.worker.pages.accept(wire.worker.socket, { by: 'bearer', access: 'edit' })
      wire.page.onopen?.()
    })
    return wire.page
  }
}
