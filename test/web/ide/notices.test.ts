import { describe, expect, it } from 'vitest'
import { OmegaError } from '../../../src/core/errors.ts'
import { ManualClock } from '../../../src/core/manual-clock.ts'
import { Notices } from '../../../src/web/ide/notices/notices.ts'

function open() {
  const clock = new ManualClock()
  const notices = new Notices(clock)
  return { clock, notices, shown: () => notices.list.get().filter((notice) => notice.shown) }
}

describe('what is told', () => {
  it('goes by itself, but for a failure, and stays in the list', async () => {
    const { clock, notices, shown } = open()
    notices.say('Copied.')
    notices.failed(new OmegaError('FORBIDDEN', 'This is not allowed. Ask somebody else.'))
    expect(shown().map(({ text, kind }) => [text, kind])).toEqual([
      ['Copied.', 'info'],
      ['This is not allowed. Ask somebody else.', 'error'],
    ])
    await clock.pass(60_000)
    expect(shown().map(({ text }) => text)).toEqual(['This is not allowed. Ask somebody else.'])
    expect(notices.list.get()).toHaveLength(2)
    expect(notices.unseen.get()).toBe(1)
    notices.seen()
    expect(notices.unseen.get()).toBe(0)
  })

  it('stays while somebody points at it', async () => {
    const { clock, notices, shown } = open()
    notices.say('Deleted a file.', { actions: [{ title: 'Undo', run: () => {} }] })
    await clock.pass(2_000)
    notices.hold(true)
    await clock.pass(60_000)
    expect(shown()).toHaveLength(1)
    notices.hold(false)
    await clock.pass(60_000)
    expect(shown()).toHaveLength(0)
  })

  it('is counted when it is the same again', async () => {
    const { notices, shown } = open()
    for (let round = 0; round < 3; round++) notices.failed(new Error('no'))
    expect(shown().map(({ text, times }) => [text, times])).toEqual([['no', 3]])
  })

  it('is not more than can be read', async () => {
    const { notices, shown } = open()
    for (let round = 0; round < 150; round++) notices.failed(new Error(`no ${round}`))
    expect(shown().map(({ text }) => text)).toEqual(['no 146', 'no 147', 'no 148', 'no 149'])
    expect(notices.list.get()).toHaveLength(100)
    notices.clear()
    expect(notices.list.get()).toEqual([])
  })

  it('says that a connection is missing as something that takes longer, not as a failure', async () => {
    const { clock, notices, shown } = open()
    notices.failed(new OmegaError('UNREACHABLE', 'omega keeps trying.'), 'Renaming has to wait.')
    expect(shown()).toMatchObject([{ kind: 'warning', text: 'Renaming has to wait.', detail: 'omega keeps trying.' }])
    await clock.pass(60_000)
    expect(shown()).toEqual([])
  })
})

describe('long work', () => {
  it('is shown once it takes long, with how far it is, and goes when it is done', async () => {
    const { clock, notices, shown } = open()
    let finish = (_: string) => {}
    const result = notices.progress('Uploading 3 files', async ({ report }) => {
      report(0.5, 'two.txt')
      return new Promise<string>((resolve) => {
        finish = resolve
      })
    })
    expect(shown()).toEqual([])
    await clock.pass(1_000)
    expect(shown()).toMatchObject([{ kind: 'progress', text: 'Uploading 3 files', done: 0.5, detail: 'two.txt' }])
    finish('done')
    expect(await result).toBe('done')
    expect(notices.list.get()).toEqual([])
  })

  it('that fails says so; that is cancelled says nothing', async () => {
    const { notices, shown } = open()
    expect(await notices.progress('Cloning', () => Promise.reject(new Error('No such place.')))).toBeUndefined()
    expect(shown()).toMatchObject([{ kind: 'error', text: 'Cloning: this did not succeed.', detail: 'No such place.' }])
    notices.clear()
    const cancelled = notices.progress(
      'Cloning',
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up')))),
      { cancellable: true },
    )
    notices.list.get()[0]?.cancel?.()
    expect(await cancelled).toBeUndefined()
    expect(notices.list.get()).toEqual([])
  })
})
