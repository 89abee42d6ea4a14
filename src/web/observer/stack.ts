import type { ScriptFrame } from '../../core/wire/observed.ts'

const MOST_FRAMES = 20

/** The calls in an error's stack (V8: `at f (URL:1:2)`; Firefox and Safari: `f@URL:1:2`), without those of our own. */
export function parseStack(stack: string | undefined): ScriptFrame[] {
  const frames: ScriptFrame[] = []
  for (const line of (stack ?? '').split('\n')) {
    const match =
      /^\s*at (?:(.*?) \()?(?:eval at .*?, )?(\S+?):(\d+):(\d+)\)?$/.exec(line) ??
      /^(.*?)@(\S+?):(\d+):(\d+)$/.exec(line)
    const url = match?.[2] ?? ''
    if (!match || url.includes('/_omega/observer.js')) continue
    frames.push({
      name: (match[1] ?? '').slice(0, 200),
      url: url.slice(0, 2000),
      line: Number(match[3]),
      column: Number(match[4]),
    })
    if (frames.length === MOST_FRAMES) break
  }
  return frames
}

/** The calls that led here. */
export function stackHere(): ScriptFrame[] {
  return parseStack(new Error().stack)
}
