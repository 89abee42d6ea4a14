import { useEffect, useState } from 'react'
import { encode } from 'uqr'
import { Sheet } from '../../shared/sheet.tsx'
import { useWorkspace } from '../workspace-context.ts'
import type { Preview } from './preview.ts'

/** A QR code that opens the page on another device, and signs it in. */
export function PhoneSheet({ preview, onClose }: { preview: Preview; onClose: () => void }) {
  const { previews } = useWorkspace()
  const [link, setLink] = useState<string>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    previews.link(preview.port, 'phone').then(setLink, (error: unknown) => {
      setProblem(error instanceof Error ? error.message : String(error))
    })
  }, [previews, preview])
  const isLocal = /(?:^|\.)localhost$/.test(location.hostname)
  return (
    <Sheet title="Open on a phone" onClose={onClose}>
      {link !== undefined && <Code text={link} />}
      {link === undefined && problem === undefined && <span className="spinner" />}
      <p role={problem === undefined ? undefined : 'alert'}>
        {problem ??
          'Point the camera at it. It opens this page of the preview and signs that device in for it; it works once, within ten minutes. Show it only to those who may see the page.'}
      </p>
      {isLocal && (
        <p className="warning">
          Names below localhost lead each device to itself: another device reaches this sandbox only when omega runs
          under a domain (omega up --domain).
        </p>
      )}
      <div className="choices">
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Sheet>
  )
}

function Code({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 2 })
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label="QR code of the preview's address">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  )
}
