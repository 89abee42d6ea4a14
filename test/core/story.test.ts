import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationText } from '../../src/core/duration-text.ts'
import { eventText, storyOf } from '../../src/core/story.ts'

const born = [
  { at: 1_000, event: 'placed', data: { host: '10.0.0.7', containers: 3, capacity: 16 } },
  {
    at: 1_240,
    event: 'container',
    data: { port: 20_001, ms: 238.4, queue: 0.2, create: 120, healthy: 110.6, total: 230 },
  },
  { at: 1_243, event: 'published', data: { name: 'abc.omega.localhost', ms: 2 } },
  { at: 1_244, event: 'running', data: { host: '10.0.0.7', port: 20_001, ms: 244 } },
]

describe('the story of a sandbox', () => {
  it('says which host and why, and where the time of a create went', () => {
    expect(storyOf(born)).toEqual([
      {
        ...{ at: 1_000, sinceMs: 0, event: 'placed', text: 'placed on 10.0.0.7', phases: [], tone: 'work' },
        detail: 'of the hosts with room it had the fewest sandboxes (3 of 16 now)',
      },
      {
        ...{ at: 1_240, sinceMs: 240, event: 'container', text: 'the container answers, on port 20001', ms: 238.4 },
        phases: [
          { name: 'queue', ms: 0.2 },
          { name: 'create', ms: 120 },
          { name: 'healthy', ms: 110.6 },
        ],
        ...{ detail: '', tone: 'work' },
      },
      {
        ...{ at: 1_243, sinceMs: 243, event: 'published', text: 'its name resolves', ms: 2 },
        ...{ detail: 'abc.omega.localhost', phases: [], tone: 'work' },
      },
      {
        ...{ at: 1_244, sinceMs: 244, event: 'running', text: 'running, 244 ms after it was asked for', detail: '' },
        ...{ phases: [], tone: 'good' },
      },
    ])
  })

  it('knows a warm container, and adds phases up when nobody measured the whole', () => {
    const [line] = storyOf([{ at: 5, event: 'container', data: { port: 20_001, origin: 'pool', take: 1, claim: 4.5 } }])
    expect(line).toMatchObject({ text: 'a warm container was taken, on port 20001', ms: 5.5 })
  })

  it.each([
    [
      'failed',
      { host: '10.0.0.7', reason: 'disk on fire', ms: 12 },
      '10.0.0.7 failed; the next one is tried (12 ms): disk on fire',
    ],
    ['asleep', { cause: 'nobody used it for 10 min' }, 'fell asleep: nobody used it for 10 min'],
    ['awake', { cause: 'a visit', ms: 14 }, 'woke up (14 ms): a visit'],
    ['stopped', { cause: 'idle', idleMs: 7_200_000 }, 'stopped; its files are kept: nobody used it; idle 2 h'],
    ['renamed', { from: 'old', to: 'new' }, 'renamed from old to new'],
    ['forked', { to: 'copy', id: 'sb_b' }, 'copied to copy'],
    [
      'running',
      { host: '10.0.0.7', port: 1, from: 'my-app', ms: 900 },
      'running as a copy of my-app, 900 ms after it was asked for',
    ],
    [
      'placed',
      { host: '10.0.0.7', containers: 3, capacity: 4, beside: 'my-app' },
      'placed on 10.0.0.7: beside my-app, whose copy it is (3 of 4 now)',
    ],
    ['expiry', { expiresAt: null }, 'has no end any more'],
    ['awake', { cause: 'visit' }, 'woke up: somebody came'],
    ['stopped', { cause: 'memory' }, 'stopped; its files are kept: its host had little memory left'],
    ['lost', {}, 'lost: its container is gone'],
    ['deleted', { cause: 'its time was over' }, 'deleted: its time was over'],
    ['snapshot-taken', { name: 'a', sizeMiB: 12, list: [1] }, 'snapshot taken: name a; sizeMiB 12; list [1]'],
    ['constructor', { toString: 'x' }, 'constructor: to string x'],
    ['', {}, ''],
  ])('tells %s', (event, data, text) => {
    expect(eventText({ at: 1, event, data })).toBe(text)
  })

  it('begins a new chapter a minute after the last one began', () => {
    const at = [0, 60_000, 60_001, 100_000, 120_001, 120_002]
    const lines = storyOf(at.map((at) => ({ at, event: 'x', data: {} })))
    expect(lines.map(({ sinceMs }) => sinceMs)).toEqual([0, 60_000, 0, 39_999, 60_000, 0])
  })

  it('tells whatever comes, and keeps no fact of an unknown event to itself', () => {
    const events = fc.array(
      fc.record({
        at: fc.nat(),
        event: fc.oneof(fc.string(), fc.constantFrom('placed', 'container', 'running', 'awake', 'renamed')),
        data: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('ms', 'host', 'port', 'cause')), fc.jsonValue()),
      }),
    )
    fc.assert(
      fc.property(events, (list) => {
        const lines = storyOf(list)
        expect(lines.map(({ at, event }) => [at, event])).toEqual(list.map(({ at, event }) => [at, event]))
      }),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.stringMatching(/^[!-~]{1,20}$/)), (data) => {
        const [line] = storyOf([{ at: 1, event: 'unheard-of', data }])
        for (const value of Object.values(data)) expect(line?.detail).toContain(value)
      }),
    )
  })
})

describe('lengths of time', () => {
  it.each([
    [0, '0 ms'],
    [0.25, '0.3 ms'],
    [12.4, '12 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1_240, '1.2 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min'],
    [3_599_000, '60 min'],
    [5_400_000, '1.5 h'],
    [86_400_000, '1 day'],
    [12 * 86_400_000, '12 days'],
  ])('%s is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
