import type { FeedEvent } from '../../core/fleet-feed.ts'
import { hostState, type Silence } from '../../core/fleet-hosts.ts'
import type { SandboxEvent } from '../../core/fleet-store.ts'
import type { Host, HostLoad, NewHost } from '../../core/host.ts'
import type { KeptSettings } from '../../core/kept-settings.ts'
import type { NewSandbox, Sandbox, SandboxState } from '../../core/sandbox.ts'
import type { Reply } from './script.ts'

/**
 * How sandboxes and hosts are written in Redis: words the scripts read, then JSON they do not look into. The words
 * are addresses, DNS labels and numbers, so none has a space; `word` makes sure.
 */
export function word(text: string): string {
  return encodeURIComponent(text)
}

/** The part of a sandbox's record no script reads. */
export function encodeSandboxRest({ template, expiresAt }: Pick<NewSandbox, 'template' | 'expiresAt'>): string {
  return JSON.stringify({ template, expiresAt })
}

/** `state host port updatedAt createdAt subdomain name rest` */
export function decodeSandbox(id: string, record: string): Sandbox {
  const { words, rest } = split(record, 7)
  const [state = '', host = '', port, updatedAt, createdAt, subdomain = '', name = ''] = words
  const { template, expiresAt } = rest as Pick<Sandbox, 'template' | 'expiresAt'>
  return {
    id,
    name: decodeURIComponent(name),
    subdomain: decodeURIComponent(subdomain),
    template,
    state: state as SandboxState,
    host,
    port: Number(port),
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    expiresAt,
  }
}

/** The part of a host's record no script reads. */
export function encodeHostRest({ apiUrl, runtime, version }: NewHost): string {
  return JSON.stringify({ apiUrl, runtime, version })
}

/** The word for a host that can take more. */
export const NO_PRESSURE = '-'

/** From {address, `capacity draining silence pressure registeredAt rest`, taken, last beat, load}. */
export function decodeHost(reply: Reply): Host {
  const [address, record, taken, lastBeatAt, told] = reply as [string, string, number, string, string | null]
  const { words, rest } = split(record, 5)
  const [capacity, draining, silence, , registeredAt] = words
  const load = told ? { load: JSON.parse(told) as HostLoad } : {}
  const { apiUrl, runtime, version } = rest as Pick<Host, 'apiUrl' | 'runtime' | 'version'>
  return {
    address,
    apiUrl,
    capacity: Number(capacity),
    runtime,
    version,
    state: hostState({ draining: draining === '1', silence: Number(silence) as Silence, ...load }),
    containers: taken,
    registeredAt: Number(registeredAt),
    lastBeatAt: Number(lastBeatAt),
    ...load,
  }
}

/** `at {event, data}` */
export function decodeEvent(line: string): SandboxEvent {
  const { words, rest } = split(line, 1)
  const { event, data } = rest as Omit<SandboxEvent, 'at'>
  return { at: Number(words[0]), event, data }
}

/** From an entry of the stream: {id, {`sandbox`, id, `name`, name, `line`, `at {event, data}`}}. */
export function decodeFeedEvent([id, [, sandboxId = '', , name = '', , line = '']]: [string, string[]]): FeedEvent {
  return { id, sandboxId, name: decodeURIComponent(name), ...decodeEvent(line) }
}

/** From {name, `at JSON`} of each. */
export function decodeSettings(fields: readonly (readonly [name: string, line: string])[]): KeptSettings {
  const kept = fields.map(([name, line]) => {
    const { words, rest } = split(line, 1)
    return [name, { value: rest, at: Number(words[0]) }]
  })
  return Object.fromEntries(kept)
}

function split(record: string, count: number): { words: string[]; rest: unknown } {
  const words: string[] = []
  let from = 0
  while (words.length < count) {
    const space = record.indexOf(' ', from)
    words.push(record.slice(from, space))
    from = space + 1
  }
  return { words, rest: JSON.parse(record.slice(from)) }
}
