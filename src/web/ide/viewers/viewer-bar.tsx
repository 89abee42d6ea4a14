import type { ReactNode } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { downloadAddress } from '../files/file-addresses.ts'
import { inBytes } from '../files/uploads.ts'

interface ViewerBarProps {
  path: string
  /** Bytes. */
  size: number
  /** What is told of it beside its size. */
  facts?: string
  children?: ReactNode
}

/** Above what a viewer shows: what it is, what can be done with it. */
export function ViewerBar({ path, size, facts, children }: ViewerBarProps) {
  return (
    <div className="viewer-bar">
      <span data-testid="file-size" title={`${size.toLocaleString('en')} bytes`}>
        {inBytes(size)}
      </span>
      {facts !== undefined && <span className="facts">{facts}</span>}
      <span className="grow" />
      {children}
      <a className="button" href={downloadAddress([path], true)} download="" aria-label="Download" title="Download">
        <Icon name="download" size={14} />
        <span className="word">Download</span>
      </a>
    </div>
  )
}
