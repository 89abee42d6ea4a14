import type { FastifyRequest } from 'fastify'
import { OmegaError } from '../../core/errors.ts'
import type { FleetStore } from '../../core/fleet-store.ts'
import { type KeptSettings, SETTINGS_LIMIT_BYTES } from '../../core/kept-settings.ts'
import { isSettingName, settingProblem } from '../../core/settings.ts'
import { SettingsView } from '../../core/wire/http.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import type { Access } from './access.ts'
import { OWNER, type SettingsAccess } from './settings-access.ts'

export interface SettingsParts {
  access: Access
  settingsAccess: SettingsAccess
  store: FleetStore
}

/** Changes at once, and how many more a second: enough for a person, too little to keep a store busy. */
const BURST = 60
const PER_SECOND = 1

/** `/v1/settings`: what a person has chosen, for all their sandboxes and devices. */
export function registerSettingsRoutes(app: WebApp, { access, settingsAccess, store }: SettingsParts): void {
  const budgets = new Map<string, ChangeBudget>()

  /** Whose settings: by a page's credential, or an operator's own. */
  const personOf = (request: FastifyRequest): string => {
    const person = settingsAccess.personOf(request)
    if (person === undefined) access.checkOperator(request)
    else settingsAccess.checkOrigin(request)
    return person ?? OWNER
  }

  app.options('/v1/settings', { schema: { hide: true } }, (request, reply) => {
    settingsAccess.allowOrigin(request, reply)
    return reply.code(204).send()
  })

  app.get(
    '/v1/settings',
    {
      // Before the checks, so that a page may read a refusal, too.
      onRequest: async (request, reply) => settingsAccess.allowOrigin(request, reply),
      schema: {
        summary: "A person's settings",
        description: 'Theme, fonts, keys, ...: each with the time it was chosen.',
        tags: ['settings'],
        response: { 200: SettingsView },
      },
    },
    async (request) => ({ settings: await store.settings(personOf(request)) }),
  )

  app.patch(
    '/v1/settings',
    {
      onRequest: async (request, reply) => {
        settingsAccess.allowOrigin(request, reply)
        personOf(request)
      },
      schema: {
        summary: 'Change settings',
        description:
          'The newest change of each setting wins, whatever the order they come in; the answer has all settings as they are then. A name that this version does not know is kept for others.',
        tags: ['settings'],
        body: SettingsView,
        response: { 200: SettingsView },
      },
    },
    async (request) => {
      const person = personOf(request)
      checkValues(request.body.settings)
      const budget = budgets.get(person) ?? new ChangeBudget(Date.now())
      budgets.set(person, budget)
      budget.spend(Date.now())
      const answer = await store.changeSettings(person, request.body.settings)
      if (answer.outcome === 'kept') return { settings: answer.settings }
      throw new OmegaError(
        'TOO_LARGE',
        `The settings would be more than ${SETTINGS_LIMIT_BYTES} bytes in all. Reset some to their defaults first.`,
      )
    },
  )
}

function checkValues(settings: KeptSettings): void {
  for (const [name, { value }] of Object.entries(settings)) {
    const problem = isSettingName(name) && value !== null ? settingProblem(name, value) : undefined
    if (problem !== undefined) {
      throw new OmegaError('INVALID_REQUEST', `The setting ${name} ${problem}.`, { pointer: `/settings/${name}/value` })
    }
  }
}

/** How many changes may still be made: some at once, then one after the other. */
class ChangeBudget {
  #left = BURST
  #at: number

  constructor(now: number) {
    this.#at = now
  }

  spend(now: number): void {
    this.#left = Math.min(BURST, this.#left + ((now - this.#at) / 1000) * PER_SECOND)
    this.#at = now
    if (this.#left < 1) {
      throw new OmegaError('TOO_MANY_REQUESTS', 'The settings are changed too often. Wait a few seconds.', {
        retryAfter: 1 / PER_SECOND,
      })
    }
    this.#left--
  }
}
