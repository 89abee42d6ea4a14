import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from '../../shared/use-store.ts'
import { GoToField } from './go-to-field.tsx'
import type { RemoteFile } from './remote-file.ts'
import { RowIndex, type TextRow } from './row-index.ts'
import { type RowsHandle, RowsScroller } from './rows-scroller.tsx'
import { ViewerBar } from './viewer-bar.tsx'

const ROW_HEIGHT = 20
/** Rows fetched around those in sight. */
const AROUND = 300
const encodings = ['utf-8', 'windows-1252', 'iso-8859-2', 'windows-1251', 'koi8-r', 'shift_jis', 'euc-kr', 'gb18030']

interface TextViewProps {
  file: RemoteFile
  /** What its bytes are taken for at first. */
  encoding: string
  /** Why it is not edited. */
  reason: string
  children?: React.ReactNode
  onProblem: (error: unknown) => void
}

/** A text of any size, to be read only: what is in sight is fetched, rows are counted by the worker. */
export function TextView({ file, encoding: guessed, reason, children, onProblem }: TextViewProps) {
  const index = useMemo(() => new RowIndex(file), [file])
  const { rows: count, lines, counted, problem } = useStore(index.state)
  const [encoding, setEncoding] = useState(guessed)
  const [loaded, setLoaded] = useState<{ first: number; rows: readonly TextRow[] }>({ first: 0, rows: [] })
  const [shown, setShown] = useState({ first: 0, last: 40 })
  const handle = useRef<RowsHandle>(null)
  const onShown = useCallback((first: number, last: number) => setShown({ first, last }), [])
  const decoder = useMemo(() => new TextDecoder(encoding), [encoding])

  useEffect(() => {
    void index.load()
    return () => index.close()
  }, [index])
  const known = Math.min(count, shown.last + AROUND)
  useEffect(() => {
    let left = false
    const first = Math.max(0, shown.first - AROUND)
    index.rows(first, known).then(
      (rows) => !left && setLoaded({ first, rows }),
      (error: unknown) => !left && onProblem(error),
    )
    return () => {
      left = true
    }
  }, [index, shown.first, known, onProblem])

  const draw = (row: number) => {
    const found = loaded.rows[row - loaded.first]
    return (
      <>
        <span className="number">{found ? (found.line ?? '·') : ''}</span>
        <span className="text">{found ? textOf(decoder, found) : '…'}</span>
      </>
    )
  }
  const goTo = (text: string) => {
    const line = /^\d{1,12}$/.test(text.trim()) ? Number(text) : 0
    if (line < 1 || line > lines) return `A line is a number from 1 to ${lines}.`
    index.rowOf(line).then((row) => handle.current?.goTo(row), onProblem)
    return undefined
  }
  const facts = counted < 1 ? `counting lines, ${Math.floor(counted * 100)}%` : `${lines.toLocaleString('en')} lines`
  return (
    <>
      <ViewerBar path={file.path} size={file.size} facts={facts}>
        <GoToField label="Go to line" onGo={goTo} />
        <select aria-label="Encoding" value={encoding} onChange={(event) => setEncoding(event.target.value)}>
          {encodings.map((name) => (
            <option key={name} value={name}>
              {name === 'utf-8' ? 'UTF-8' : name}
            </option>
          ))}
        </select>
        {children}
      </ViewerBar>
      <div className="banner" data-testid="plain-banner">
        <span>{reason}</span>
      </div>
      {problem !== undefined && (
        <div className="banner bad" role="alert">
          <span>{problem}</span>
        </div>
      )}
      <div className="text-view" data-testid="plain-text">
        <RowsScroller
          label="Text of the file"
          count={count}
          rowHeight={ROW_HEIGHT}
          draw={draw}
          onShown={onShown}
          handle={handle}
        />
      </div>
    </>
  )
}

function textOf(decoder: TextDecoder, { bytes }: TextRow): string {
  return decoder.decode(bytes).replace(/\r?\n$/, '')
}
