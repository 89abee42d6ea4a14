import { type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { type Size, scaleIn } from './device.ts'

/** Around a screen, for its edge to be seen. */
const MARGIN = 24

/** Where pages are shown: all of the pane, or a screen of a certain size, drawn as large as chosen. */
export function Stage({ children }: { children: ReactNode }) {
  const { previews } = useWorkspace()
  const { screen, zoom } = useStore(previews.look)
  const stage = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const element = stage.current
    if (!element) return
    const measure = () => setRoom({ width: element.clientWidth, height: element.clientHeight })
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [])
  const scale = screen ? scaleIn({ width: room.width - MARGIN, height: room.height - MARGIN }, screen, zoom) : 1
  // The same elements either way: a frame that is moved in the document loads again.
  const outer = screen ? { width: screen.width * scale, height: screen.height * scale } : undefined
  const inner = screen ? { width: screen.width, height: screen.height, transform: `scale(${scale})` } : undefined
  return (
    <div className="frame" data-screen={screen ? '' : undefined} ref={stage}>
      <div className="page-screen" style={outer}>
        <div className="page-screen-inside" style={inner}>
          {children}
        </div>
      </div>
    </div>
  )
}
