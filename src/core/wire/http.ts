import { type Static, Type } from 'typebox'
import { GitSource } from '../git-source.ts'
import { Host } from '../host.ts'
import { SETTING_NAME } from '../kept-settings.ts'
import { Template } from '../template.ts'

/**
 * The master's public HTTP API: its bodies, from which come validation, OpenAPI 3.1 and types.
 * Times are ISO 8601 strings in UTC here, and milliseconds everywhere inside.
 */

const name = Type.Optional(Type.String({ maxLength: 63, description: 'A DNS label, unique in the fleet.' }))
/** Ten years at most: longer is never. */
const seconds = { minimum: 1, maximum: 315_360_000 }
const ttl = Type.Optional(
  Type.Integer({ ...seconds, description: 'Seconds from now until it is deleted; never if absent.' }),
)

export const CreateSandbox = Type.Object(
  {
    template: Type.Optional(Type.String({ maxLength: 40, description: 'Template name; `react` if absent.' })),
    name,
    ttl,
    env: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }), Type.String({ maxLength: 32_768 }), {
        additionalProperties: false,
        description: 'Environment variables for terminals and the app.',
      }),
    ),
    git: Type.Optional(GitSource),
  },
  { additionalProperties: false },
)
export type CreateSandbox = Static<typeof CreateSandbox>

export const ForkSandbox = Type.Object(
  {
    name,
    ttl,
    snapshot: Type.Optional(
      Type.String({ minLength: 1, maxLength: 63, description: 'Its files as they were then; id or name.' }),
    ),
  },
  { additionalProperties: false },
)
export type ForkSandbox = Static<typeof ForkSandbox>

export const UpdateSandbox = Type.Object(
  {
    name,
    ttl: Type.Optional(
      Type.Union([Type.Integer(seconds), Type.Null()], {
        description: 'Seconds from now until it is deleted; null for never.',
      }),
    ),
    expiresAt: Type.Optional(
      Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
        description: 'The same as a time; null for never. One of `ttl` and `expiresAt` at most.',
      }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type UpdateSandbox = Static<typeof UpdateSandbox>

const settingChange = Type.Object(
  {
    value: Type.Unknown({ description: 'JSON; null for the default.' }),
    at: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'When it was chosen, ms since 1970.',
    }),
  },
  { additionalProperties: false },
)

/** A person's settings, or changes of some of them. */
export const SettingsView = Type.Object(
  {
    settings: Type.Record(Type.String({ pattern: SETTING_NAME }), settingChange, {
      additionalProperties: false,
      maxProperties: 200,
    }),
  },
  { additionalProperties: false },
)
export type SettingsView = Static<typeof SettingsView>

export const SandboxView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  subdomain: Type.String(),
  domain: Type.String(),
  host: Type.String(),
  port: Type.Integer(),
  url: Type.String({ description: 'The clean URL of the IDE; asks who is there.' }),
  template: Type.String(),
  state: Type.String({ description: '`placing`, `running`, `asleep`, `stopped` or `deleting`.' }),
  createdAt: Type.String({ format: 'date-time' }),
  expiresAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
    description: 'When it is deleted; null for never.',
  }),
})
export type SandboxView = Static<typeof SandboxView>

export const CreatedSandbox = Type.Object({
  ...SandboxView.properties,
  openUrl: Type.String({ description: 'One-time link that signs a browser in; valid for ten minutes.' }),
  token: Type.String({ description: "The sandbox's own bearer token." }),
})
export type CreatedSandbox = Static<typeof CreatedSandbox>

export const NewSnapshot = Type.Object(
  { name: Type.Optional(Type.String({ maxLength: 63, description: 'A DNS label, unique in the sandbox.' })) },
  { additionalProperties: false },
)
export type NewSnapshot = Static<typeof NewSnapshot>

export const SnapshotView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
  bytes: Type.Integer({ description: 'What it takes on the disk beside the image it was made of.' }),
})
export type SnapshotView = Static<typeof SnapshotView>
export const SnapshotViews = Type.Object({ snapshots: Type.Array(SnapshotView) })
export type SnapshotViews = Static<typeof SnapshotViews>

export const SandboxList = Type.Object({ sandboxes: Type.Array(SandboxView) })
export const HostView = Type.Object({
  ...Host.properties,
  registeredAt: Type.String({ format: 'date-time' }),
  lastBeatAt: Type.String({ format: 'date-time' }),
})
export type HostView = Static<typeof HostView>
export const HostList = Type.Object({ hosts: Type.Array(HostView) })
export const TemplateList = Type.Object({ templates: Type.Array(Template) })

export const SandboxEventView = Type.Object({
  at: Type.String({ format: 'date-time' }),
  event: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
})
export type SandboxEventView = Static<typeof SandboxEventView>
export const SandboxEvents = Type.Object({ events: Type.Array(SandboxEventView) })

/** A step of a create, as a server-sent event `progress` while the request waits. */
export interface CreateProgress {
  step: 'waiting' | 'placed' | 'container' | 'published' | 'retry'
  message: string
  /** Since the request began. */
  ms: number
}
