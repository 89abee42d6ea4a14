import { fileAddress } from '../files/file-addresses.ts'
import { nameOf } from '../files/paths.ts'
import type { RemoteFile } from './remote-file.ts'
import { ViewerBar } from './viewer-bar.tsx'

interface MediaViewProps {
  file: RemoteFile
  view: 'audio' | 'video' | 'pdf'
  children?: React.ReactNode
  onBroken: () => void
}

/** Sound, films and PDF, as the browser plays and shows them. */
export function MediaView({ file, view, children, onBroken }: MediaViewProps) {
  const address = fileAddress(file.path)
  const name = nameOf(file.path)
  return (
    <>
      <ViewerBar path={file.path} size={file.size}>
        {view === 'pdf' && (
          <a className="button" href={address} target="_blank" rel="noopener">
            Open in a new tab
          </a>
        )}
        {children}
      </ViewerBar>
      <div className="media-view" data-view={view}>
        {view === 'audio' && (
          // biome-ignore lint/a11y/useMediaCaption: there is nothing but the file
          <audio key={file.tag} controls preload="metadata" src={address} aria-label={name} onError={onBroken} />
        )}
        {view === 'video' && (
          // biome-ignore lint/a11y/useMediaCaption: there is nothing but the file
          <video key={file.tag} controls preload="metadata" src={address} aria-label={name} onError={onBroken} />
        )}
        {view === 'pdf' && navigator.pdfViewerEnabled && <iframe key={file.tag} title={name} src={address} />}
        {view === 'pdf' && !navigator.pdfViewerEnabled && (
          <div className="empty">
            <p>This browser shows no PDF in a page. Open it in a new tab, or download it.</p>
          </div>
        )}
      </div>
    </>
  )
}
