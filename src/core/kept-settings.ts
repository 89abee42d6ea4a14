/** A setting as it is kept: the newest one wins, whichever device it comes from. */
export interface KeptSetting {
  /** JSON; null for the default. */
  readonly value: unknown
  /** When it was chosen, milliseconds since the epoch. */
  readonly at: number
}

export type KeptSettings = Record<string, KeptSetting>

/** All of a person's settings, as they are kept, in bytes. */
export const SETTINGS_LIMIT_BYTES = 32 * 1024

/** What a setting may be called: also those of versions to come. */
export const SETTING_NAME = '^[A-Za-z][A-Za-z0-9.]{0,63}$'

/**
 * What is kept, with the changes that are newer; of equals the one that is kept stays. No change is from later than
 * `now`: a device whose clock is ahead would have the last word for ever. Merging is the same in any order, and may be
 * repeated.
 */
export function mergeSettings(kept: KeptSettings, changes: KeptSettings, now: number): KeptSettings {
  const merged = { ...kept }
  for (const [name, change] of Object.entries(changes)) {
    const at = Math.min(change.at, now)
    const known = Object.hasOwn(merged, name) ? merged[name] : undefined
    if (!known || at > known.at) merged[name] = { value: change.value, at }
  }
  return merged
}

/** Bytes of names and values as they are kept: `NAME`, and `AT JSON`. */
export function settingsSize(kept: KeptSettings): number {
  let size = 0
  for (const [name, { value, at }] of Object.entries(kept)) {
    size += utf8Length(name) + utf8Length(`${at} ${JSON.stringify(value)}`)
  }
  return size
}

function utf8Length(text: string): number {
  let length = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}
