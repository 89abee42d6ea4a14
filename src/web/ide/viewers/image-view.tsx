import { useState, type WheelEvent } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { fileAddress } from '../files/file-addresses.ts'
import { nameOf } from '../files/paths.ts'
import type { RemoteFile } from './remote-file.ts'
import { ViewerBar } from './viewer-bar.tsx'

const LEAST_ZOOM = 0.05
const MOST_ZOOM = 40
const STEP = 1.25
/** From this on a pixel is shown as a square. */
const PIXELS_FROM = 3

interface ImageViewProps {
  file: RemoteFile
  children?: React.ReactNode
  /** The browser cannot show it. */
  onBroken: () => void
}

/** A picture, as large as it fits at first, on a chequered ground. */
export function ImageView({ file, children, onBroken }: ImageViewProps) {
  /** Undefined: as it fits. */
  const [zoom, setZoom] = useState<number | undefined>()
  const [size, setSize] = useState<{ width: number; height: number; fitted: number } | undefined>()
  const now = zoom ?? size?.fitted ?? 1
  const set = (next: number) => setZoom(Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, next)))
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return
    set(now * STEP ** (-event.deltaY / 100))
  }
  const width = zoom === undefined || !size ? undefined : size.width * zoom
  const tool = (name: 'plus' | 'minus', label: string, run: () => void) => (
    <button type="button" className="tool" aria-label={label} title={label} onClick={run}>
      <Icon name={name} size={14} />
    </button>
  )
  return (
    <>
      <ViewerBar path={file.path} size={file.size} {...(size ? { facts: `${size.width} × ${size.height}` } : {})}>
        {tool('minus', 'Zoom out', () => set(now / STEP))}
        <button type="button" className="button" title="Actual size" onClick={() => setZoom(1)} data-testid="zoom">
          {Math.round(now * 100)}%
        </button>
        {tool('plus', 'Zoom in', () => set(now * STEP))}
        <button type="button" className="button" aria-pressed={zoom === undefined} onClick={() => setZoom(undefined)}>
          Fit
        </button>
        {children}
      </ViewerBar>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keys */}
      <div className="image-view" data-fit={zoom === undefined ? '' : undefined} tabIndex={0} onWheel={wheel}>
        <img
          // The tag makes another version of the file another picture.
          src={`${fileAddress(file.path)}#${file.tag}`}
          key={file.tag}
          alt={nameOf(file.path)}
          data-pixels={now >= PIXELS_FROM ? '' : undefined}
          style={{ width }}
          onError={onBroken}
          onLoad={({ currentTarget: image }) => {
            // A drawing may have no size of its own.
            const natural = image.naturalWidth || image.clientWidth
            setSize({
              width: natural,
              height: image.naturalHeight || image.clientHeight,
              fitted: natural === 0 ? 1 : image.clientWidth / natural,
            })
          }}
        />
      </div>
    </>
  )
}
