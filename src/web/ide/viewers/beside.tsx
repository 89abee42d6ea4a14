import type { ReactNode } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import type { Content } from '../documents/content.ts'
import type { Document } from '../documents/document.ts'
import { Loaded } from '../frame/loaded.tsx'
import { besideKind, besideShown } from './beside-kind.ts'

interface BesideProps {
  document: Document
  content: Content
  /** Its text. */
  children: ReactNode
}

const loadPane = async () => (await import('./beside-pane.tsx')).default

/** A document's text, and for some kinds beside it what it will look like. */
export function Beside({ document, content, children }: BesideProps) {
  const isShown = useStore(besideShown)
  if (besideKind(document.path) === undefined) return children
  const label = isShown ? 'Hide the preview' : 'Show the preview beside'
  return (
    <div className="beside" data-shown={isShown ? '' : undefined}>
      {children}
      {isShown && <Loaded load={loadPane} props={{ document, content }} />}
      <button
        type="button"
        className="tool beside-toggle"
        aria-pressed={isShown}
        aria-label={label}
        title={`${label} (Ctrl+Shift+V)`}
        onClick={() => besideShown.set(!isShown)}
      >
        <Icon name="eye" size={15} />
      </button>
    </div>
  )
}
