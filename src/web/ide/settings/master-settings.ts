import { fromProblem, OmegaError } from '../../../core/errors.ts'
import type { KeptSettings } from '../../../core/kept-settings.ts'
import type { ExchangeSettings } from './settings-sync.ts'

const KEY = 'omega.settings-credential'
/** As roles/master/settings-access.ts says it. */
const FRAGMENT = /^#omega-settings=([a-z0-9-]+\/[\w.-]+)$/

/**
 * Takes the credential that a link of the master's left in the address, and takes it out of there. It is kept in this
 * browser for this sandbox's origin, and is good for the person's settings only.
 */
export function takeCredential(): void {
  const credential = FRAGMENT.exec(location.hash)?.[1]
  if (credential === undefined) return
  history.replaceState(history.state, '', location.pathname + location.search)
  try {
    localStorage.setItem(KEY, credential)
  } catch {
    // Forbidden: the settings stay with this page.
  }
}

/** The way to the master at this address; undefined without a credential. */
export function masterSettings(masterUrl: string): ExchangeSettings | undefined {
  const credential = keptCredential()
  if (credential === undefined) return undefined
  return async (changes) => {
    const isAsking = Object.keys(changes).length === 0
    const answer = await fetch(new URL('/v1/settings', masterUrl), {
      method: isAsking ? 'GET' : 'PATCH',
      credentials: 'omit',
      cache: 'no-store',
      headers: {
        authorization: `Bearer ${credential}`,
        ...(isAsking ? {} : { 'content-type': 'application/json' }),
      },
      ...(isAsking ? {} : { body: JSON.stringify({ settings: changes }) }),
    }).catch(() => undefined)
    const body: unknown = await answer?.json().catch(() => undefined)
    if (answer?.ok) return (body as { settings: KeptSettings }).settings
    if (answer?.status === 401) forgetCredential()
    throw fromProblem(body) ?? new OmegaError('UNREACHABLE', 'The master does not answer.')
  }
}

function forgetCredential(): void {
  try {
    localStorage.removeItem(KEY)
  } catch {
    // There is none then.
  }
}

function keptCredential(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}
