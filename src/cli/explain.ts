import { durationText } from '../core/duration-text.ts'
import type { SandboxEvent } from '../core/sandbox-event.ts'
import { type StoryLine, storyOf } from '../core/story.ts'
import type { SandboxView } from '../core/wire/http.ts'
import { printable } from './output.ts'

const BAR_WIDTH = 24

/** `omega sandbox get NAME --explain`: the story of a sandbox for a terminal, oldest first. `now` in milliseconds. */
export function explained(sandbox: SandboxView, events: readonly SandboxEvent[], now: number): string {
  const lines = storyOf(events)
  const { name, id, state, host, port, template } = sandbox
  const place = port === 0 ? host : `${host}, port ${port}`
  const head = `${name} (${id}, ${template}) is ${state} on ${place}; made ${durationText(now - Date.parse(sandbox.createdAt))} ago`
  if (lines.length === 0) return `${printable(head)}\n\nNothing is recorded of it.`
  const rows = lines.map((line) => ({ line, when: whenOf(line, now) }))
  const width = Math.max(...rows.map(({ when }) => when.length))
  const body = rows.flatMap(({ line, when }) => {
    const took = line.ms === undefined ? '' : `  ${durationText(line.ms)}`
    const indent = ' '.repeat(width + 4)
    return [
      `  ${when.padStart(width)}  ${printable(line.text)}${took}`,
      ...(line.detail === '' ? [] : [`${indent}${printable(line.detail)}`]),
      ...phaseRows(line).map((row) => `${indent}${row}`),
    ]
  })
  return [printable(head), '', ...body].join('\n')
}

/** How long ago its chapter began, or how long after that. */
function whenOf({ at, sinceMs }: StoryLine, now: number): string {
  return sinceMs === 0 ? `${durationText(Math.max(0, now - at))} ago` : `+${durationText(sinceMs)}`
}

/** A bar for each phase, in proportion to the longest. */
function phaseRows({ phases }: StoryLine): string[] {
  const longest = Math.max(...phases.map(({ ms }) => ms), 1)
  const nameWidth = Math.max(...phases.map(({ name }) => printable(name).length), 0)
  return phases.map(({ name, ms }) => {
    const bar = '█'.repeat(Math.round((BAR_WIDTH * Math.max(ms, 0)) / longest))
    return `${printable(name).padEnd(nameWidth)}  ${durationText(ms).padStart(7)}  ${bar}`.trimEnd()
  })
}
