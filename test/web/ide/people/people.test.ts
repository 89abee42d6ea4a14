import { beforeEach, describe, expect, it } from 'vitest'
import { OmegaError } from '../../../../src/core/errors.ts'
import { ManualClock, settle } from '../../../../src/core/manual-clock.ts'
import type { PersonHere } from '../../../../src/core/wire/operations/people.ts'
import { Follow } from '../../../../src/web/ide/people/follow.ts'
import { People } from '../../../../src/web/ide/people/people.ts'
import { OwnSelf } from '../../../../src/web/ide/people/self.ts'
import { SettingsStore } from '../../../../src/web/ide/settings/settings.ts'
import { Store } from '../../../../src/web/shared/store.ts'

const person = (id: string, more: Partial<PersonHere> = {}): PersonHere => ({
  id,
  name: id,
  colour: 0,
  access: 'owner',
  idle: false,
  away: false,
  ...more,
})

describe('telling who we are and what we look at', () => {
  let clock: ManualClock
  let asked: [op: string, params: Record<string, unknown>][]
  let taken: string[]
  let beginSession: () => void
  let self: OwnSelf
  let people: People
  let kept: Map<string, string>

  beforeEach(() => {
    clock = new ManualClock()
    asked = []
    taken = []
    kept = new Map()
    self = new OwnSelf(new SettingsStore(undefined), undefined, () => 0)
    people = open()
  })

  function open(): People {
    let seats = 0
    return new People({
      clock,
      self,
      storage: { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
      newSeat: () => `seat-${seats++}`,
      connection: {
        on: () => () => {},
        onSession: (listener) => {
          beginSession = listener
        },
        request: async (op, params) => {
          asked.push([op, params as Record<string, unknown>])
          if (op !== 'people.join') return {} as never
          const { seat } = params as { seat: string }
          if (taken.includes(seat)) throw new OmegaError('CONFLICT', 'taken')
          return { id: `id of ${seat}` } as never
        },
      },
    })
  }
  const told = () => asked.filter(([op]) => op === 'people.at').map(([, params]) => params)

  it('says that its person stirs, once a minute at most, and nothing by itself', async () => {
    const stirs = () => asked.filter(([op]) => op === 'people.stirs').length
    people.stirs()
    expect(stirs()).toBe(0)
    beginSession()
    await settle()
    await clock.pass(10 * 60_000)
    expect(stirs()).toBe(0)
    for (let second = 0; second < 61; second++) {
      people.stirs()
      await clock.pass(1_000)
    }
    expect(stirs()).toBe(2)
  })

  it('joins with each session, by the seat of the tab, and says where we are', async () => {
    people.looksAt({ path: 'a.ts' })
    beginSession()
    await settle()
    expect(people.me.get()).toEqual({ id: 'id of seat-0' })
    expect(asked).toEqual([
      ['people.join', { seat: 'seat-0', name: 'Badger' }],
      ['people.at', { path: 'a.ts', idle: false }],
    ])
    asked.splice(0)
    people = open()
    beginSession()
    await settle()
    expect(asked[0]).toEqual(['people.join', { seat: 'seat-0', name: 'Badger' }])
  })

  it('takes another seat when a duplicated tab has the one', async () => {
    taken = ['seat-0']
    beginSession()
    await settle()
    expect(people.me.get()).toEqual({ id: 'id of seat-1' })
    expect(kept.get('omega.seat')).toBe('seat-1')
  })

  it('tells a new name and colour, and movements together and once', async () => {
    beginSession()
    await settle()
    asked.splice(0)
    self.rename('Ada')
    self.paint(3)
    await settle()
    expect(asked).toContainEqual(['people.join', { seat: 'seat-0', name: 'Ada', colour: 3 }])
    asked.splice(0)
    people.looksAt({ path: 'a.ts' })
    people.looksAt({ path: 'b.ts', terminal: 'app' })
    people.looksAt({ path: 'b.ts' })
    await clock.pass(100)
    expect(told()).toEqual([{ path: 'b.ts', idle: false }])
    people.looksAt({ path: 'b.ts' })
    await clock.pass(100)
    expect(told()).toHaveLength(1)
  })

  it('is idle after two minutes without a movement, and while the tab is hidden', async () => {
    beginSession()
    await settle()
    asked.splice(0)
    await clock.pass(60_000)
    people.stirs()
    await clock.pass(119_000)
    expect(told()).toEqual([])
    await clock.pass(2_000)
    expect(told()).toEqual([{ idle: true }])
    people.stirs()
    await clock.pass(100)
    people.hides(true)
    await clock.pass(100)
    expect(told()).toEqual([{ idle: true }, { idle: false }, { idle: true }])
  })
})

describe('following', () => {
  let here: Store<readonly PersonHere[]>
  let shown: string | undefined
  let lost: string[]
  let follow: Follow

  beforeEach(() => {
    here = new Store<readonly PersonHere[]>([person('ada', { path: 'a.ts' }), person('bob')])
    shown = 'mine.ts'
    lost = []
    follow = new Follow({
      people: { here, of: (id) => here.get().find((one) => one.id === id) },
      shown: () => shown,
      open: (path) => {
        shown = path
        follow.shownChanged()
      },
      onLost: ({ name }) => lost.push(name),
    })
  })

  it('goes to their file, and to the next one', () => {
    follow.start('ada')
    expect(shown).toBe('a.ts')
    here.set([person('ada', { path: 'b.ts' })])
    expect([shown, follow.target.get()]).toEqual(['b.ts', 'ada'])
    here.set([person('ada', { away: true, path: 'b.ts' })])
    here.set([person('ada')])
    expect([shown, follow.target.get()]).toEqual(['b.ts', 'ada'])
  })

  it('ends when one opens another file oneself, and is not begun again by theirs', () => {
    follow.start('ada')
    shown = 'mine.ts'
    follow.shownChanged()
    here.set([person('ada', { path: 'c.ts' })])
    expect([shown, follow.target.get()]).toEqual(['mine.ts', undefined])
  })

  it('ends when they leave, and says so', () => {
    follow.start('ada')
    here.set([person('bob')])
    expect([follow.target.get(), lost]).toEqual([undefined, ['ada']])
  })

  it('opens no tab of the page itself, whatever they say they look at', () => {
    here.set([person('ada', { path: '\0settings:' })])
    follow.start('ada')
    expect(shown).toBe('mine.ts')
  })
})
