import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventStreamParser } from '../../../src/web/dashboard/event-stream.ts'

const stream =
  'event: progress\ndata: {"a":1}\n\n: a comment\nid: 7\ndata: two\r\ndata: lines\r\n\r\nevent: created\ndata:x\n\n'
const events = [
  { event: 'progress', data: '{"a":1}' },
  { event: 'message', data: 'two\nlines' },
  { event: 'created', data: 'x' },
]

it('gives the same events however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const parser = new EventStreamParser()
      const at = [0, ...cuts.sort((a, b) => a - b), stream.length]
      const got = at.slice(1).flatMap((end, index) => parser.feed(stream.slice(at[index], end)))
      expect(got).toEqual(events)
    }),
  )
})

it('holds an event back until its empty line', () => {
  const parser = new EventStreamParser()
  expect(parser.feed('data: x\n')).toEqual([])
  expect(parser.feed('\n')).toEqual([{ event: 'message', data: 'x' }])
})
