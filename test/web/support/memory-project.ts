import { OmegaError } from '../../../src/core/errors.ts'
import type { KnownEntry, TrashedItem } from '../../../src/core/wire/operations/files.ts'
import type { Connection } from '../../../src/web/ide/wire/connection.ts'

/** A worker's files in memory, as the page's requests see them: path -> text, or 'folder'. */
export class MemoryProject {
  readonly files = new Map<string, string>()
  readonly trash = new Map<string, { item: TrashedItem; files: [string, string][] }>()
  /** Operations that were asked for. */
  readonly asked: string[] = []
  free = 1e9
  /** Paths that the trash does not take. */
  tooLarge = new Set<string>()
  readonly connection: Connection

  constructor(files: Record<string, string>) {
    for (const [path, text] of Object.entries(files)) this.files.set(path, text)
    const request = async (op: string, params: Record<string, string>) => {
      this.asked.push(op)
      return this.#do(op, params)
    }
    this.connection = { request, on: () => () => {} } as unknown as Connection
  }

  paths(): string[] {
    return [...this.files.keys()].sort()
  }

  #within(path: string): [string, string][] {
    return [...this.files].filter(([one]) => one === path || one.startsWith(`${path}/`))
  }

  #take(path: string): [string, string][] {
    const all = this.#within(path)
    if (all.length === 0) throw new OmegaError('FILE_NOT_FOUND', `There is no ${path}.`)
    for (const [one] of all) this.files.delete(one)
    return all
  }

  #free(path: string): void {
    if (this.#within(path).length > 0) throw new OmegaError('FILE_EXISTS', `There is something at ${path}.`)
  }

  #do(op: string, { path = '', from = '', to = '', text = '', id = '', names }: Record<string, string>): unknown {
    switch (op) {
      case 'files.write':
        this.#free(path)
        this.files.set(path, text)
        return {}
      case 'files.makeDirectory':
        if (this.#within(path).length === 0) this.files.set(path, 'folder')
        return {}
      case 'files.rename':
        this.#free(to)
        for (const [one, content] of this.#take(from)) this.files.set(to + one.slice(from.length), content)
        return {}
      case 'files.copy':
        for (const [one, content] of this.#within(from)) this.files.set(to + one.slice(from.length), content)
        return {}
      case 'files.remove':
        this.#take(path)
        return {}
      case 'files.trash': {
        if (this.tooLarge.has(path)) throw new OmegaError('TOO_LARGE', 'The trash does not take it.')
        const item: TrashedItem = { id: `t-${this.trash.size}`, path, kind: 'file', bytes: 1, at: 0 }
        this.trash.set(item.id, { item, files: this.#take(path) })
        return item
      }
      case 'files.restore': {
        const found = this.trash.get(id)
        if (!found) throw new OmegaError('FILE_NOT_FOUND', 'It is gone.')
        const place = to || found.item.path
        this.#free(place)
        for (const [one, content] of found.files) this.files.set(place + one.slice(found.item.path.length), content)
        this.trash.delete(id)
        return { path: place }
      }
      case 'files.look': {
        const entries = [...(names ?? [])].flatMap((name): KnownEntry[] => {
          const at = path === '' ? name : `${path}/${name}`
          const content = this.files.get(at)
          if (this.#within(at).length === 0) return []
          const kind = content === undefined || content === 'folder' ? 'directory' : 'file'
          return [{ name, kind, size: content?.length ?? 0, modified: 0 }]
        })
        return { entries, free: this.free }
      }
    }
    throw new Error(`not in the memory: ${op}`)
  }
}
