import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as encoding from 'lib0/encoding'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeDocumentMessage } from '../../../../src/core/wire/document-message.ts'
import { Tag } from '../../../../src/core/wire/frames.ts'
import type { PersonHere } from '../../../../src/core/wire/operations/people.ts'
import { guestOf } from '../../../support/guests.ts'
import { TestWorker, type WireClient } from '../../../support/worker.ts'

let worker: TestWorker
beforeEach(async () => {
  worker = await TestWorker.boot()
})
afterEach(() => worker.close())

const seat = (letter: string) => letter.repeat(24)
const join_ = (client: WireClient, letter: string, name = letter) =>
  client.request('people.join', { seat: seat(letter), name })
/** The list once it is as wanted. */
async function sees(client: WireClient, wanted: (people: PersonHere[]) => boolean): Promise<PersonHere[]> {
  return (await client.event('people.changed', ({ people }) => wanted(people))).people
}
const names = (people: readonly PersonHere[]) => people.map(({ name }) => name).join()

describe('who is here', () => {
  it('everybody is told of everybody, with what they may do and look at', async () => {
    const owner = await worker.connect()
    const looker = await worker.connect(await guestOf(worker, { access: 'look' }))
    const editor = await worker.connect(await guestOf(worker, { access: 'edit' }))
    const { id } = await join_(owner, 'a', 'Ada')
    await join_(looker, 'b', 'Bob')
    await join_(editor, 'c', 'Cy')
    await owner.request('people.at', { path: 'src/App.tsx', idle: false })
    await looker.request('people.at', { terminal: 'app', idle: true })
    for (const client of [owner, looker, editor]) {
      const [ada, bob, cy] = await sees(client, (all) => all.length === 3 && all[1]?.idle === true)
      expect(ada).toMatchObject({ id, name: 'Ada', access: 'owner', path: 'src/App.tsx', idle: false, away: false })
      expect(bob).toMatchObject({ name: 'Bob', access: 'look', terminal: 'app', idle: true })
      expect(cy).toMatchObject({ name: 'Cy', access: 'edit' })
      expect(new Set([ada?.colour, bob?.colour, cy?.colour]).size).toBe(3)
      // What a session is gone on with is told to nobody.
      expect(JSON.stringify(client.events)).not.toContain(owner.welcome?.session)
    }
  })

  it('who is cut off is away, who left is gone, and who comes back is the same', async () => {
    const [ada, bob] = [await worker.connect(), await worker.connect()]
    await join_(ada, 'a')
    const { id } = await join_(bob, 'b')
    await bob.request('people.at', { path: 'x', idle: false })
    bob.cut()
    await sees(ada, (all) => all[1]?.away === true)
    await bob.reconnect()
    await sees(ada, (all) => all[1]?.away === false)
    // A reload: another session, the same seat.
    bob.socket.close(1001)
    await bob.closed
    const again = await worker.connect()
    expect((await join_(again, 'b')).id).toBe(id)
    const people = await sees(again, (all) => all.length === 2 && all[1]?.away === false)
    expect(people[1]).toMatchObject({ id, path: 'x' })
  })

  it('nobody sits where somebody sits', async () => {
    const [ada, eve] = [await worker.connect(), await worker.connect()]
    await join_(ada, 'a')
    const { problem } = await eve.attempt('people.join', { seat: seat('a'), name: 'Ada' })
    expect(problem?.code).toBe('CONFLICT')
    const { id } = await join_(ada, 'a', 'Ada the second')
    expect(names(await sees(ada, (all) => names(all) === 'Ada the second'))).toBe('Ada the second')
    expect(id).not.toContain(seat('a').slice(0, 8))
  })

  it.each([
    ['\u202eevil\u0000\n\u2028 name\u200b', 'evil name'],
    ['  two   spaces ', 'two spaces'],
    ['\u0007', 'Somebody'],
    ['a'.repeat(200), 'a'.repeat(40)],
    ['e\u0301\u0301\u0301\u0301\u0301', 'e\u0301\u0301'],
    ['<img src=x>', '<img src=x>'],
  ])('%j is shown as %j', async (given, shown) => {
    const ada = await worker.connect()
    await join_(ada, 'a', given)
    expect((await sees(ada, () => true))[0]?.name).toBe(shown)
  })

  it.each([
    ['people.join', { seat: 'short', name: 'x' }],
    ['people.join', { seat: seat('a'), name: '' }],
    ['people.join', { seat: seat('a'), name: 'x', colour: 10 }],
    ['people.join', { seat: seat('a'), name: 'x', colour: 'red;background:url(//evil)' }],
    ['people.join', { seat: seat('a'), name: 'x', access: 'owner' }],
    ['people.at', { path: '\0settings:', idle: false }],
    ['people.at', { path: 'x'.repeat(5000), idle: false }],
    ['people.at', {}],
  ])('%s %j is refused', async (op, params) => {
    const ada = await worker.connect()
    expect((await ada.attempt(op, params)).problem?.code).toBe('INVALID_REQUEST')
  })
})

describe('cursors', () => {
  const cursor = (client: number, clock: number, state: unknown): Uint8Array => {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, JSON.stringify(state))
    return encodeDocumentMessage({ kind: 'awareness', update: encoding.toUint8Array(encoder) })
  }
  /** Opens the document and gathers what comes of cursors, as text. */
  const open = async (client: WireClient) => {
    const { channel } = await client.request('document.open', { path: 'a.txt' })
    let said = ''
    client.listen(channel, (payload) => {
      if (payload[0] === 1) said += Buffer.from(payload).toString('latin1')
    })
    const move = async (id: number, clock: number, state: unknown) => {
      client.send({ tag: Tag.data, channel, payload: cursor(id, clock, state) })
      await client.request('people.at', { idle: false })
    }
    return { move, said: () => said }
  }

  it('are of whoever moves them: nobody speaks for another, by name or by client', async () => {
    writeFileSync(join(worker.root, 'a.txt'), 'text')
    const [ada, eve] = [await worker.connect(), await worker.connect(await guestOf(worker, { access: 'look' }))]
    const mine = (await join_(ada, 'a')).id
    const hers = (await join_(eve, 'e')).id
    const [adas, eves] = [await open(ada), await open(eve)]
    await adas.move(1, 1, { user: { id: mine }, at: 'first' })
    await eves.move(2, 1, { user: { id: hers }, at: 'a looker points' })
    // As Ada; over Ada's cursor; taking Ada's cursor away.
    await eves.move(3, 1, { user: { id: mine }, at: 'forged' })
    await eves.move(1, 9, { user: { id: hers }, at: 'forged' })
    await eves.move(1, 9, null)
    await adas.move(1, 2, { user: { id: mine }, at: 'second' })
    await eve.request('people.at', { idle: false })
    expect(eves.said()).toContain('"at":"second"')
    expect(adas.said()).toContain('a looker points')
    expect(adas.said()).not.toContain('forged')
    // A page has a few clients, not any number of them.
    for (let client = 100; client < 130; client++) await eves.move(client, 1, { user: { id: hers }, at: `n${client}` })
    await ada.request('people.at', { idle: false })
    expect(adas.said()).toContain('n106')
    expect(adas.said()).not.toContain('n107')
  })

  it('a looker who sends an edit is told, and nothing happens', async () => {
    writeFileSync(join(worker.root, 'a.txt'), 'text')
    const eve = await worker.connect(await guestOf(worker, { access: 'look' }))
    for (const kind of ['update', 'step2'] as const) {
      const { channel } = await eve.request('document.open', { path: 'a.txt' })
      eve.listen(channel, () => undefined)
      const payload = encodeDocumentMessage({ kind, update: Uint8Array.of(0, 0) })
      eve.send({ tag: Tag.data, channel, payload })
      const { problem } = await eve.event('document.changed', (data) => data.channel === channel && 'problem' in data)
      expect(problem).toContain('You may look at this sandbox')
      expect((await eve.attempt('document.close', { channel })).problem?.code).toBe('NOT_FOUND')
      eve.events.splice(0)
    }
  })
})
