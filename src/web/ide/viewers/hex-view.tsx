import { useCallback, useEffect, useRef, useState } from 'react'
import { GoToField } from './go-to-field.tsx'
import type { RemoteFile } from './remote-file.ts'
import { type RowsHandle, RowsScroller } from './rows-scroller.tsx'
import { ViewerBar } from './viewer-bar.tsx'

const ROW_HEIGHT = 20
/** Rows fetched around those in sight. */
const AROUND = 200
/** Below this width half as many bytes fit in a row, CSS pixels. */
const NARROW = 620

interface HexViewProps {
  file: RemoteFile
  /** Other ways to look at it. */
  children?: React.ReactNode
  onProblem: (error: unknown) => void
}

/** A file's bytes, sixteen in a row, with the letters they would be. */
export function HexView({ file, children, onProblem }: HexViewProps) {
  const [perRow] = useState(() => (innerWidth < NARROW ? 8 : 16))
  const [loaded, setLoaded] = useState<{ start: number; bytes: Uint8Array }>({ start: 0, bytes: new Uint8Array() })
  const [shown, setShown] = useState({ first: 0, last: 40 })
  const rows = useRef<RowsHandle>(null)
  const onShown = useCallback((first: number, last: number) => setShown({ first, last }), [])
  useEffect(() => {
    let left = false
    const start = Math.max(0, shown.first - AROUND) * perRow
    file.read(start, (shown.last + AROUND) * perRow).then(
      (bytes) => !left && setLoaded({ start, bytes }),
      (error: unknown) => !left && onProblem(error),
    )
    return () => {
      left = true
    }
  }, [file, shown, perRow, onProblem])

  const digits = Math.max(8, (file.size - 1).toString(16).length)
  const draw = (row: number) => {
    const at = row * perRow
    const from = at - loaded.start
    const bytes = from < 0 ? new Uint8Array() : loaded.bytes.subarray(from, from + perRow)
    return (
      <>
        <span className="offset">{at.toString(16).padStart(digits, '0')}</span>
        <span className="hex">{bytes.length === 0 ? '…' : hexOf(bytes, perRow)}</span>
        <span className="letters">{lettersOf(bytes)}</span>
      </>
    )
  }
  const goTo = (text: string) => {
    const offset = parseOffset(text)
    if (offset === undefined || offset >= file.size)
      return `An offset is a number below ${file.size}, or 0x and hex digits.`
    rows.current?.goTo(Math.floor(offset / perRow))
    return undefined
  }
  return (
    <>
      <ViewerBar path={file.path} size={file.size}>
        <GoToField label="Go to offset" onGo={goTo} />
        {children}
      </ViewerBar>
      {file.size === 0 ? (
        <div className="empty">The file is empty.</div>
      ) : (
        <div className="hex-view" data-testid="hex">
          <RowsScroller
            label="Bytes of the file"
            count={Math.ceil(file.size / perRow)}
            rowHeight={ROW_HEIGHT}
            draw={draw}
            onShown={onShown}
            handle={rows}
          />
        </div>
      )}
    </>
  )
}

/** In two halves, as wide for few bytes as for many. */
function hexOf(bytes: Uint8Array, perRow: number): string {
  const pairs = Array.from({ length: perRow }, (_, index) => bytes[index]?.toString(16).padStart(2, '0') ?? '  ')
  return `${pairs.slice(0, perRow / 2).join(' ')}  ${pairs.slice(perRow / 2).join(' ')}`
}

function lettersOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')
}

export function parseOffset(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^0x[0-9a-f]{1,13}$/i.test(trimmed)) return Number.parseInt(trimmed.slice(2), 16)
  return /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : undefined
}
