import type { Shown } from '../../core/wire/observed.ts'

const MOST_DEPTH = 4
const MOST_ENTRIES = 100
/** Of one printed value, all levels together. */
const MOST_NODES = 800
const MOST_TEXT = 10_000

/** Describes values as they are now, without running any code of theirs: getters are not asked. */
export class Describer {
  #nodes = 0
  readonly #above: object[] = []

  describe(value: unknown): Shown {
    this.#nodes++
    if (typeof value === 'string') return { kind: 'string', text: short(value) }
    if (typeof value === 'number') return { kind: 'number', text: Object.is(value, -0) ? '-0' : String(value) }
    if (typeof value === 'bigint') return { kind: 'number', text: `${value}n` }
    if (typeof value === 'boolean') return { kind: 'boolean', text: String(value) }
    if (value === null || value === undefined) return { kind: 'nothing', text: String(value) }
    if (typeof value === 'symbol') return { kind: 'string', text: String(value) }
    try {
      return this.#object(value as object)
    } catch {
      return { kind: 'object', text: 'an object that cannot be looked at' }
    }
  }

  #object(value: object): Shown {
    if (this.#above.includes(value)) return { kind: 'object', text: '[circular]' }
    const plain = plainText(value)
    if (plain) return plain
    const label = labelOf(value)
    if (this.#above.length >= MOST_DEPTH || this.#nodes > MOST_NODES) return { kind: 'object', text: label }
    this.#above.push(value)
    const entries: [string, Shown][] = []
    let more = 0
    for (const [name, read] of contentsOf(value)) {
      if (entries.length >= MOST_ENTRIES || this.#nodes > MOST_NODES) more++
      else
        entries.push([
          short(name, 200),
          read === undefined ? { kind: 'nothing', text: '(getter)' } : this.describe(read()),
        ])
    }
    this.#above.pop()
    const kind = value instanceof Error ? 'error' : typeof value === 'function' ? 'function' : 'object'
    return { kind, text: label, entries, ...(more === 0 ? {} : { more }) }
  }
}

/** What is said in one line and has nothing in it that is worth a look. */
function plainText(value: object): Shown | undefined {
  if (value instanceof Date)
    return { kind: 'object', text: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString() }
  if (value instanceof RegExp) return { kind: 'string', text: short(String(value)) }
  if (value instanceof Node) return { kind: 'node', text: short(nodeText(value), 500) }
  return undefined
}

function nodeText(node: Node): string {
  if (node instanceof Element) return (node.cloneNode(false) as Element).outerHTML
  if (node instanceof Document) return '#document'
  return `${node.nodeName} ${node.nodeValue ?? ''}`
}

function labelOf(value: object): string {
  if (typeof value === 'function') return `ƒ ${value.name || 'anonymous'}()`
  if (value instanceof Error)
    return short(value.stack?.includes(value.message) ? value.stack : `${value.name}: ${value.message}`)
  const name = constructorOf(value)
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `${name}(${(value as ArrayLike<unknown>).length ?? 0})`
  if (value instanceof Map || value instanceof Set) return `${name}(${value.size})`
  if (value instanceof Promise) return 'Promise'
  return name
}

function constructorOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null) return 'Object'
  const made = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as { name?: unknown } | undefined
  return typeof made?.name === 'string' && made.name !== '' ? made.name.slice(0, 100) : 'Object'
}

/** Names, and functions that give the values; undefined for what a getter would have to be run for. */
function* contentsOf(value: object): Iterable<[string, (() => unknown) | undefined]> {
  if (value instanceof Map) {
    for (const [key, item] of value) yield [typeof key === 'string' ? key : labelText(key), () => item]
    return
  }
  if (value instanceof Set) {
    let index = 0
    for (const item of value) yield [String(index++), () => item]
    return
  }
  // Their text is their stack; these are said there.
  const said = value instanceof Error ? ['stack', 'message'] : []
  for (const key of Object.keys(value)) {
    if (said.includes(key)) continue
    const property = Object.getOwnPropertyDescriptor(value, key)
    yield [key, property && 'value' in property ? () => property.value : undefined]
  }
  if (value instanceof Error && value.cause !== undefined) yield ['cause', () => value.cause]
}

function labelText(key: unknown): string {
  return typeof key === 'object' && key !== null ? constructorOf(key) : String(key)
}

export function short(text: string, most = MOST_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most)}... (${text.length - most} more characters)`
}
