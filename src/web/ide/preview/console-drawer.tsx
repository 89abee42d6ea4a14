import { type PointerEvent, useLayoutEffect, useMemo, useRef } from 'react'
import { copyText } from '../../shared/clipboard.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { filtered, type LevelGroup, type LogEntry, levelGroups, plainText } from './console-log.ts'
import type { Preview, Watched } from './preview.ts'
import { SourceLinks, shortPlace } from './source-links.ts'
import { ValueView } from './value-view.tsx'

const titles: Record<LevelGroup, string> = { error: 'Errors', warn: 'Warnings', log: 'Messages', debug: 'Debug' }

const HEIGHT = { least: 80, most: 900 } as const

/** What the page prints, and what goes wrong in it. */
export function ConsoleDrawer({ preview }: { preview: Preview }) {
  const workspace = useWorkspace()
  const { previews, connection } = workspace
  const { consoleHeight, filter, keepLog } = useStore(previews.look)
  const { entries } = useStore(preview.log.state)
  const { watched } = useStore(preview.state)
  const shown = useMemo(() => filtered(entries, filter), [entries, filter])
  const links = useMemo(() => {
    return new SourceLinks(
      async (port, script, line, column) =>
        (await connection.request('preview.locate', { port, script, line, column })).place,
    )
  }, [connection])
  const counts = useMemo(() => countLevels(entries), [entries])
  const toggle = (level: LevelGroup) => {
    const levels = filter.levels.includes(level)
      ? filter.levels.filter((other) => other !== level)
      : [...filter.levels, level]
    previews.change({ filter: { ...filter, levels } })
  }
  return (
    <section className="console" aria-label="Console of the page" style={{ height: consoleHeight }}>
      <Handle height={consoleHeight} onResize={(height) => previews.change({ consoleHeight: height })} />
      <div className="consolebar">
        <input
          type="search"
          aria-label="Filter the console"
          placeholder="Filter"
          value={filter.text}
          spellCheck={false}
          onChange={(event) => previews.change({ filter: { ...filter, text: event.target.value } })}
        />
        <fieldset aria-label="Levels">
          {levelGroups.map((level) => (
            <button
              key={level}
              type="button"
              className="level"
              data-level={level}
              aria-pressed={filter.levels.includes(level)}
              title={titles[level]}
              onClick={() => toggle(level)}
            >
              <span className="level-name">{titles[level]}</span> {counts[level]}
            </button>
          ))}
        </fieldset>
        <span className="grow" />
        <button
          type="button"
          className="level"
          aria-pressed={keepLog}
          title="Keep the console when another page begins"
          onClick={() => previews.change({ keepLog: !keepLog })}
        >
          Keep
        </button>
        <button
          type="button"
          className="tool"
          aria-label="Empty the console"
          title="Empty"
          onClick={() => preview.log.clear()}
        >
          <Icon name="clear" size={14} />
        </button>
        <button
          type="button"
          className="tool"
          aria-label="Close the console"
          title="Close"
          onClick={() => previews.change({ console: false })}
        >
          <Icon name="close" size={14} />
        </button>
      </div>
      <Entries
        preview={preview}
        entries={shown}
        links={links}
        silence={silence(entries.length, shown.length, watched)}
      />
    </section>
  )
}

/** Why there is nothing to see. */
function silence(all: number, shown: number, watched: Watched): string {
  if (watched === 'policy') {
    return 'The content security policy of this page forbids the script that listens to its console. The developer tools of your browser show it.'
  }
  if (watched === 'encoded') {
    return 'This page came compressed or in an unusual encoding, so nothing listens to its console. The developer tools of your browser show it.'
  }
  if (watched === 'no') return 'Nothing listens to the console of this page: it is no HTML document.'
  if (shown > 0) return ''
  return all > 0 ? 'Nothing of what was printed passes the filter.' : 'Nothing was printed.'
}

interface EntriesProps {
  preview: Preview
  entries: readonly LogEntry[]
  links: SourceLinks
  silence: string
}

function Entries({ preview, entries, links, silence: why }: EntriesProps) {
  const list = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was added is why it runs
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight
  }, [entries])
  return (
    <div
      ref={list}
      className="entries"
      role="log"
      aria-label="Console"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollTop + clientHeight >= scrollHeight - 8
      }}
    >
      {why !== '' && <p className="silence">{why}</p>}
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} preview={preview} links={links} />
      ))}
    </div>
  )
}

function Entry({ entry, preview, links }: { entry: LogEntry; preview: Preview; links: SourceLinks }) {
  const { kind, level, values, depth, stack, times } = entry
  const isError = level === 'error' || level === 'warn'
  return (
    <div className="entry" data-level={level} data-kind={kind} style={{ paddingLeft: 10 + depth * 14 }}>
      {isError && <Icon name={level === 'error' ? 'error' : 'warning'} size={12} />}
      {times > 1 && (
        <span className="entry-times" title={`${times} times in a row`}>
          {times}
        </span>
      )}
      <div className="entry-values">
        {values.map((value, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they never change
          <ValueView key={index} value={value} />
        ))}
        {level === 'error' && stack.length > 1 && <Stack entry={entry} preview={preview} links={links} />}
      </div>
      {stack[0] && <SourceLink preview={preview} links={links} frame={stack[0]} />}
      <CopyEntry entry={entry} />
    </div>
  )
}

function Stack({ entry, preview, links }: { entry: LogEntry; preview: Preview; links: SourceLinks }) {
  return (
    <details className="entry-stack">
      <summary>{entry.stack.length} calls</summary>
      {entry.stack.map((frame, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change
        <div key={index}>
          {frame.name || 'anonymous'} <SourceLink preview={preview} links={links} frame={frame} />
        </div>
      ))}
    </details>
  )
}

/** Opens the file at the line when it is one of the project. */
function SourceLink({
  preview,
  links,
  frame,
}: {
  preview: Preview
  links: SourceLinks
  frame: LogEntry['stack'][number]
}) {
  const workspace = useWorkspace()
  const place = useStore(links.placeOf(preview.port, preview.origin, frame))
  if (!place) return <span className="entry-place">{shortPlace(frame)}</span>
  const { path, line, column } = place
  return (
    <button
      type="button"
      className="entry-place"
      title={`${path}:${line}:${column}`}
      onClick={() => workspace.openFile(path, { line, column })}
    >
      {shortPlace({ url: path, line })}
    </button>
  )
}

function CopyEntry({ entry }: { entry: LogEntry }) {
  const { notices } = useWorkspace()
  const copy = () => notices.attempt(copyText(plainText(entry)))
  return (
    <button type="button" className="tool entry-copy" aria-label="Copy this entry" title="Copy" onClick={copy}>
      <Icon name="copy" size={12} />
    </button>
  )
}

/** The drawer's upper edge: drag it, or focus it and use the arrow keys. */
function Handle({ height, onResize }: { height: number; onResize: (height: number) => void }) {
  const resize = (wanted: number) => onResize(Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, wanted))))
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const bottom = event.currentTarget.parentElement?.getBoundingClientRect().bottom ?? 0
    resize(bottom - event.clientY)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be dragged
    <div
      className="splitter console-handle"
      role="separator"
      aria-label="Height of the console"
      aria-orientation="horizontal"
      aria-valuenow={height}
      aria-valuemin={HEIGHT.least}
      aria-valuemax={HEIGHT.most}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        document.body.dataset.resizing = ''
      }}
      onPointerMove={drag}
      onLostPointerCapture={() => delete document.body.dataset.resizing}
      onKeyDown={(event) => {
        const step = { ArrowUp: 16, ArrowDown: -16 }[event.key]
        if (step === undefined) return
        event.preventDefault()
        resize(height + step)
      }}
    />
  )
}

function countLevels(entries: readonly LogEntry[]): Record<LevelGroup, number> {
  const counts = { error: 0, warn: 0, log: 0, debug: 0 }
  for (const { kind, level, times } of entries) {
    if (kind !== 'page') counts[level === 'info' ? 'log' : level] += times
  }
  return counts
}
