import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import type { Config } from './config.ts'

/** How the command line reaches a master; mode 0600. */
export interface Login {
  url: string
  token: string
  dnsUrl?: string
  dnsToken?: string
}

export function dataDirOf(config: Config): string {
  return resolve(config.need('data-dir'))
}

/** The fleet's secret, as given or kept; INVALID_REQUEST where there is none, since one made now would be another fleet's. */
export function knownFleetSecret(config: Config): string {
  if (config.text('secret') || existsSync(join(dataDirOf(config), 'secret'))) return fleetSecret(config)
  throw new OmegaError(
    'INVALID_REQUEST',
    `There is no fleet secret: OMEGA_SECRET is not set, and ${dataDirOf(config)} has none. Run this on the master's machine, with its settings (--config, --data-dir, OMEGA_SECRET).`,
  )
}

/** The fleet's secret: as given, else from the data directory, where the first start makes it. */
export function fleetSecret(config: Config): string {
  const given = config.text('secret')
  if (given) return given
  const folder = dataDirOf(config)
  const path = join(folder, 'secret')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    // Fails if it is there: two first starts at once must not have two secrets.
    writeFileSync(path, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8').trim()
}

export function readLogin(dataDir: string): Login | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'login.json'), 'utf8'))
  } catch {
    return undefined
  }
}

export function writeLogin(dataDir: string, login: Login): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, 'login.json')
  rmSync(`${path}.new`, { force: true })
  writeFileSync(`${path}.new`, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 })
  chmodSync(`${path}.new`, 0o600)
  renameSync(`${path}.new`, path)
}
