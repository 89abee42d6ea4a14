import { OmegaError } from '../core/errors.ts'
import type { RecordType, Rrset, RrsetBody, RrsetPatch } from '../core/wire/dns.ts'
import { type CallOptions, call } from './http-client.ts'

/** What a call may take, milliseconds: a write is one group commit, or one step of Redis. */
const timeoutMs = 5000

/** The dns role's HTTP API. Names are relative to the zone, `@` for its apex. */
export class DnsClient {
  readonly #url: string
  readonly #token: string

  /** `url` is the base URL of a dns server's HTTP API. */
  constructor(url: string, token: string) {
    this.#url = url.replace(/\/$/, '')
    this.#token = token
  }

  /** Replaces an RRset; resolves once it is stored and answered. Gives the zone's serial. */
  async put(zone: string, name: string, type: RecordType, body: RrsetBody): Promise<number> {
    return this.#save(rrsetPath(zone, name, type), { method: 'PUT', body })
  }

  /** Takes an RRset away; one that is not there is fine. */
  async delete(zone: string, name: string, type: RecordType): Promise<void> {
    try {
      await this.#save(rrsetPath(zone, name, type), { method: 'DELETE' })
    } catch (error) {
      if (!(error instanceof OmegaError && error.code === 'RECORD_NOT_FOUND')) throw error
    }
  }

  /** All changes or none; a change without records takes its RRset away. Gives the zone's serial. */
  async patch(zone: string, changes: readonly RrsetPatch[]): Promise<number> {
    return this.#save(zonePath(zone), { method: 'PATCH', body: changes })
  }

  /** Names of the zones this server answers for. */
  async zones(): Promise<string[]> {
    const { zones } = await call<{ zones: { name: string }[] }>(`${this.#url}/v1/zones`, {
      token: this.#token,
      timeoutMs,
    })
    return zones.map(({ name }) => name)
  }

  /** Everything in the zone that is not of its own settings. */
  async list(zone: string): Promise<{ serial: number; rrsets: Rrset[] }> {
    return call(`${this.#url}${zonePath(zone)}`, { token: this.#token, timeoutMs })
  }

  async #save(path: string, options: CallOptions): Promise<number> {
    const { serial } = await call<{ serial: number }>(`${this.#url}${path}`, {
      ...options,
      token: this.#token,
      timeoutMs,
    })
    return serial
  }
}

function zonePath(zone: string): string {
  return `/v1/zones/${encodeURIComponent(zone)}/rrsets`
}

function rrsetPath(zone: string, name: string, type: RecordType): string {
  return `${zonePath(zone)}/${encodeURIComponent(name)}/${type}`
}
