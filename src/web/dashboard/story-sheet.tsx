import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { durationText } from '../../core/duration-text.ts'
import type { SandboxEvent } from '../../core/sandbox-event.ts'
import { type StoryLine, type StoryPhase, storyOf } from '../../core/story.ts'
import type { SandboxView } from '../../core/wire/http.ts'
import { Icon } from '../shared/icons.tsx'
import { Sheet } from '../shared/sheet.tsx'
import { agoText } from './age.ts'
import { masterApi } from './master-api.ts'

/** What happened to a sandbox and why, with what happens while it is shown. */
export function StorySheet({ sandbox, now, onClose }: { sandbox: SandboxView; now: number; onClose: () => void }) {
  const { events, problem } = useStory(sandbox.id)
  const lines = events && storyOf(events)
  const list = useRef<HTMLOListElement>(null)
  const count = lines?.length ?? 0
  useLayoutEffect(() => {
    // The newest is at the end, and what one comes for.
    if (count > 0) list.current?.scrollTo(0, list.current.scrollHeight)
  }, [count])
  return (
    <Sheet title={`Story of ${sandbox.name}`} wide onClose={onClose}>
      <button type="button" className="icon-button share-close" aria-label="Close" onClick={onClose}>
        <Icon name="close" size={14} />
      </button>
      {problem !== undefined && (
        <div className="trouble" role="alert">
          <span>{problem}</span>
        </div>
      )}
      {!lines && problem === undefined && <p className="story-empty">Loading</p>}
      {lines?.length === 0 && <p className="story-empty">Nothing is recorded of it.</p>}
      {lines && lines.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <ol className="story" aria-label="Events, oldest first" tabIndex={0} ref={list}>
          {lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are only added, and two may be of one moment
            <Line key={`${line.at}-${index}`} line={line} now={now} />
          ))}
        </ol>
      )}
    </Sheet>
  )
}

function Line({ line, now }: { line: StoryLine; now: number }) {
  const { at, sinceMs, text, detail, ms, phases, tone } = line
  const when = sinceMs > 0 ? `+${durationText(sinceMs)}` : agoText(new Date(at).toISOString(), now)
  return (
    <li data-tone={tone} data-begins={sinceMs === 0 ? '' : undefined}>
      <i />
      <span className="what">{text}</span>
      <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
        {when}
      </time>
      {(detail !== '' || ms !== undefined) && (
        <span className="why">
          {[detail, ms === undefined ? '' : `took ${durationText(ms)}`].filter((part) => part !== '').join('; ')}
        </span>
      )}
      {phases.length > 0 && <Phases phases={phases} />}
    </li>
  )
}

/** Each with a bar in proportion to the longest. */
function Phases({ phases }: { phases: readonly StoryPhase[] }) {
  const longest = Math.max(...phases.map(({ ms }) => ms), 1)
  return (
    <span className="phases">
      {phases.map(({ name, ms }) => (
        <span key={name}>
          <span>{name}</span>
          <span className="bar" aria-hidden="true">
            <i style={{ width: `${(100 * Math.max(ms, 0)) / longest}%` }} />
          </span>
          <span>{durationText(ms)}</span>
        </span>
      ))}
    </span>
  )
}

/** The events of a sandbox: read when it is shown, and again whenever the fleet's stream tells of it. */
function useStory(id: string): { events?: readonly SandboxEvent[]; problem?: string } {
  const [story, setStory] = useState<{ events?: readonly SandboxEvent[]; problem?: string }>({})
  useEffect(() => {
    let isShown = true
    const read = () => {
      masterApi.events(id).then(
        (events) => isShown && setStory({ events }),
        (error: unknown) => {
          const problem = error instanceof Error ? error.message : String(error)
          if (isShown) setStory(({ events }) => ({ ...(events && { events }), problem }))
        },
      )
    }
    read()
    const stream = new EventSource(`/v1/events?sandbox=${encodeURIComponent(id)}`)
    stream.onopen = read
    stream.onmessage = read
    return () => {
      isShown = false
      stream.close()
    }
  }, [id])
  return story
}
