import { beforeEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../../src/core/errors.ts'
import { type KeptSettings, mergeSettings } from '../../../src/core/kept-settings.ts'
import { ManualClock, settle } from '../../../src/core/manual-clock.ts'
import { SettingsStore } from '../../../src/web/ide/settings/settings.ts'
import { SettingsSync } from '../../../src/web/ide/settings/settings-sync.ts'
import { memoryStorage } from '../support/memory-storage.ts'

/** A master and its devices, in one time. */
let clock: ManualClock
let kept: KeptSettings
let problem: OmegaError | undefined
let asked: KeptSettings[]
beforeEach(() => {
  clock = new ManualClock()
  kept = {}
  problem = undefined
  asked = []
})

function device(hasCredential = true) {
  const settings = new SettingsStore(memoryStorage(), () => clock.now() + 1_000)
  const exchange = async (changes: KeptSettings) => {
    asked.push(changes)
    if (problem) throw problem
    kept = mergeSettings(kept, changes, clock.now() + 1_000)
    return kept
  }
  return {
    settings,
    sync: new SettingsSync({ settings, clock, exchange: () => (hasCredential ? exchange : undefined) }),
  }
}

describe('the settings of two devices', () => {
  it('become the same', async () => {
    const [a, b] = [device(), device()]
    a.settings.set('theme', 'dark')
    b.settings.set('tabSize', 2)
    await clock.pass(1_000)
    await a.sync.now()
    expect(a.settings.values.get()).toEqual(b.settings.values.get())
    expect(a.settings.values.get()).toMatchObject({ theme: 'dark', tabSize: 2 })
    expect(a.sync.state.get()).toEqual({ name: 'synced' })
    a.settings.reset('theme')
    await clock.pass(1_000)
    await b.sync.now()
    expect(b.settings.values.get()).toMatchObject({ theme: 'system', tabSize: 2 })
  })

  it('a choice made without the master is told later, and an older one of another device does not undo it', async () => {
    const [a, b] = [device(), device()]
    await clock.pass(10)
    a.settings.set('theme', 'light')
    problem = new OmegaError('UNREACHABLE', 'away')
    await clock.pass(1_000)
    expect(a.sync.state.get()).toEqual({ name: 'waiting' })
    b.settings.set('theme', 'dark')
    problem = undefined
    await b.sync.now()
    await clock.pass(60_000)
    await b.sync.now()
    expect([a.settings.values.get().theme, b.settings.values.get().theme]).toEqual(['dark', 'dark'])
    expect(a.settings.untold.get()).toEqual([])
  })
})

it('what is chosen while the master is being told is told as well', async () => {
  const { settings, sync } = device()
  settings.set('editorFontSize', 14)
  const telling = sync.now()
  settings.set('editorFontSize', 15)
  await telling
  expect(settings.values.get().editorFontSize).toBe(15)
  await clock.pass(2_000)
  expect(kept).toMatchObject({ editorFontSize: { value: 15 } })
})

it('many changes in a row are told once', async () => {
  const { settings } = device()
  for (let size = 10; size < 30; size++) settings.set('editorFontSize', size)
  await clock.pass(2_000)
  expect(asked).toHaveLength(1)
})

it('is tried again ever more rarely while the master is away', async () => {
  problem = new OmegaError('UNREACHABLE', 'away')
  const { settings } = device()
  settings.set('theme', 'dark')
  await clock.pass(60_000)
  expect(asked.length).toBe(4)
  problem = undefined
  await clock.pass(60_000)
  expect(kept).toMatchObject({ theme: { value: 'dark' } })
})

it('who has no credential, or one that is over, keeps them in the browser', async () => {
  const stranger = device(false)
  stranger.settings.set('theme', 'dark')
  await clock.pass(60_000)
  expect([asked, stranger.sync.state.get()]).toEqual([[], { name: 'alone' }])
  problem = new OmegaError('UNAUTHENTICATED', 'over')
  const late = device()
  late.settings.set('theme', 'dark')
  await clock.pass(3_600_000)
  expect([asked.length, late.sync.state.get(), late.settings.values.get().theme]).toEqual([
    1,
    { name: 'alone' },
    'dark',
  ])
})

it('what the master refuses is not sent again and again', async () => {
  problem = new OmegaError('TOO_LARGE', 'Reset some.')
  const { settings, sync } = device()
  settings.set('theme', 'dark')
  await clock.pass(3_600_000)
  expect([asked.length, sync.state.get()]).toEqual([1, { name: 'refused', problem: 'Reset some.' }])
  problem = undefined
  settings.set('theme', 'light')
  await clock.pass(1_000)
  await settle()
  expect(sync.state.get()).toEqual({ name: 'synced' })
})
