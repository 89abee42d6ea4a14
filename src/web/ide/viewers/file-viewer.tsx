import { useCallback, useEffect, useState } from 'react'
import type { ErrorCode } from '../../../core/errors.ts'
import { mediaOf } from '../../../core/wire/media.ts'
import { Skeleton } from '../../shared/skeleton.tsx'
import '../styles/viewers.css'
import { shownName } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'
import { type FileKind, kindOf, SAMPLE_BYTES } from './file-kind.ts'
import { HexView } from './hex-view.tsx'
import { ImageView } from './image-view.tsx'
import { MediaView } from './media-view.tsx'
import type { RemoteFile } from './remote-file.ts'
import { TextView } from './text-view.tsx'
import { useRemoteFile } from './use-remote-file.ts'

export interface FileViewerProps {
  path: string
  /** Why it is no document, if that was tried. */
  code?: ErrorCode
  /** Its bytes first, whatever it is. */
  hex?: boolean
}

type View = 'media' | 'text' | 'hex'
const titles: Record<View, string> = { media: 'Preview', text: 'Text', hex: 'Hex' }

/** A file that is no document people type in: a picture, sound, a film, a PDF, a text that is too large, or bytes. */
export default function FileViewer({ path, code, hex = false }: FileViewerProps) {
  const { file, problem, changed, reload } = useRemoteFile(path)
  const [trouble, setTrouble] = useState<string | undefined>()
  const { documents } = useWorkspace()
  const again = useCallback(() => {
    setTrouble(undefined)
    reload()
    // It may have become a document meanwhile.
    if (code !== undefined) void documents.at(path).load()
  }, [reload, code, documents, path])
  if (problem !== undefined) {
    return (
      <div className="empty" role="alert">
        <strong>{shownName(path)} cannot be shown</strong>
        <p>{problem}</p>
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      </div>
    )
  }
  if (!file) return <Skeleton />
  return (
    <div className="viewer">
      {(changed || trouble !== undefined) && (
        <div className="banner" role="status" data-testid="viewer-changed">
          <span>{trouble ?? 'This file has changed on the disk.'}</span>
          <button type="button" className="button primary" onClick={again}>
            Load it again
          </button>
        </div>
      )}
      <Views key={file.tag} file={file} code={code} hex={hex} onTrouble={setTrouble} />
    </div>
  )
}

interface ViewsProps {
  file: RemoteFile
  code: ErrorCode | undefined
  hex: boolean
  onTrouble: (sentence: string) => void
}

function Views({ file, code, hex, onTrouble }: ViewsProps) {
  const media = mediaOf(file.path)
  const [view, setView] = useState<View | undefined>(hex ? 'hex' : media && 'media')
  const [kind, setKind] = useState<FileKind | undefined>()
  const onProblem = useCallback(
    (error: unknown) => onTrouble(error instanceof Error ? error.message : String(error)),
    [onTrouble],
  )
  useEffect(() => {
    file.read(0, SAMPLE_BYTES).then((sample) => {
      const found = kindOf(sample)
      setKind(found)
      setView((before) => before ?? (found.isText ? 'text' : 'hex'))
    }, onProblem)
  }, [file, onProblem])
  if (view === undefined) return null
  const offered: View[] = [...(media ? (['media'] as const) : []), 'text', 'hex']
  const choice = (
    <span className="row-of-tools" role="toolbar" aria-label="Show as">
      {offered.map((one) => (
        <button key={one} type="button" className="button" aria-pressed={view === one} onClick={() => setView(one)}>
          {titles[one]}
        </button>
      ))}
    </span>
  )
  const onBroken = () => {
    onTrouble('The browser cannot show this file. It may be damaged, or of a kind that it does not know.')
    setView('hex')
  }
  if (view === 'media' && media?.view === 'image') {
    return (
      <ImageView file={file} onBroken={onBroken}>
        {choice}
      </ImageView>
    )
  }
  if (view === 'media' && media && media.view !== 'image') {
    return (
      <MediaView file={file} view={media.view} onBroken={onBroken}>
        {choice}
      </MediaView>
    )
  }
  if (view === 'text' && kind) {
    return (
      <TextView file={file} encoding={kind.encoding} reason={reasonOf(code, kind)} onProblem={onProblem}>
        {choice}
      </TextView>
    )
  }
  return (
    <HexView file={file} onProblem={onProblem}>
      {choice}
    </HexView>
  )
}

function reasonOf(code: ErrorCode | undefined, { encoding }: FileKind): string {
  if (code === 'TOO_LARGE')
    return 'This file is too large to be edited here. It is shown as plain text, and can only be read.'
  if (code === 'UNSUPPORTED_MEDIA_TYPE') {
    return encoding === 'utf-8'
      ? 'Something in this file is not UTF-8. It is shown as plain text, and can only be read.'
      : 'This file is not UTF-8. It is shown in another encoding, and can only be read.'
  }
  return 'This is the file as it is on the disk, to be read only.'
}

/** A tab of its own, for a file that may be open as a document as well. */
export function HexTab({ arg }: { arg: string }) {
  return <FileViewer path={arg} hex />
}
