import { type Static, Type } from 'typebox'
import { GitSource } from '../git-source.ts'

/** Everything of omega's own on a sandbox's origins lives under this prefix; all other paths are the page's or the app's. */
export const OWN_PREFIX = '/_omega/'

/**
 * `POST /_omega/claim`: a started worker becomes one sandbox's worker. The first claim wins, the same claim may be
 * repeated, another one is refused (409).
 */
export const Claim = Type.Object(
  {
    sandboxId: Type.String(),
    name: Type.String(),
    subdomain: Type.String(),
    domain: Type.String(),
    template: Type.String(),
    /** Public port, part of the origins it accepts. */
    port: Type.Integer(),
    token: Type.String(),
    /** Shows that the manager that started the worker asks: its hash is in the worker's environment. */
    key: Type.Optional(Type.String()),
    masterUrl: Type.String(),
    env: Type.Record(Type.String(), Type.String()),
    /** What is cloned in the place of the template's files. */
    git: Type.Optional(GitSource),
  },
  { additionalProperties: false },
)
export type Claim = Static<typeof Claim>
