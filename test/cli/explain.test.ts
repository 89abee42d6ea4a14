import { describe, expect, it } from 'vitest'
import { explained } from '../../src/cli/explain.ts'
import type { SandboxView } from '../../src/core/wire/http.ts'

const now = Date.parse('2026-11-26T12:00:00.000Z')
const at = now - 3 * 3_600_000
const sandbox = {
  ...{ id: 'sb_a', name: 'my-app', template: 'react', state: 'asleep', host: '10.0.0.7', port: 20_001 },
  createdAt: new Date(at).toISOString(),
} as SandboxView

describe('the story in a terminal', () => {
  it('is aligned, with times a person can read, a bar for each phase, and no control character', () => {
    const events = [
      { at, event: 'placed', data: { host: '10.0.0.7', containers: 3, capacity: 16 } },
      { at: at + 240, event: 'container', data: { port: 20_001, origin: 'start', ms: 238, create: 120, healthy: 60 } },
      { at: at + 244, event: 'running', data: { host: '10.0.0.7', port: 20_001, ms: 244 } },
      { at: now - 600_000, event: 'asleep', data: { cause: 'idle' } },
      { at: now - 60_000, event: 'odd\u001b[2J', data: { cause: 'line\nbreak' } },
    ]
    expect(explained(sandbox, events, now).split('\n')).toEqual([
      'my-app (sb_a, react) is asleep on 10.0.0.7, port 20001; made 3 h ago',
      '',
      '     3 h ago  placed on 10.0.0.7',
      '              of the hosts with room it had the fewest sandboxes (3 of 16 now)',
      '     +240 ms  a container was started, on port 20001  238 ms',
      `              create    120 ms  ${'█'.repeat(24)}`,
      `              healthy    60 ms  ${'█'.repeat(12)}`,
      '     +244 ms  running, 244 ms after it was asked for',
      '  10 min ago  fell asleep',
      '              nobody used it',
      '   1 min ago  odd\\u001b[2J',
      '              line\\u000abreak',
    ])
  })

  it('says when there is none', () => {
    expect(explained({ ...sandbox, port: 0, state: 'placing' }, [], now)).toBe(
      'my-app (sb_a, react) is placing on 10.0.0.7; made 3 h ago\n\nNothing is recorded of it.',
    )
  })
})
