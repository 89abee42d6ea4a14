import { useEffect, useRef, useState } from 'react'
import '../styles/viewers.css'
import type { Content } from '../documents/content.ts'
import type { Document } from '../documents/document.ts'
import { nameOf } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'
import { besideKind } from './beside-kind.ts'
import { linkedPath, renderMarkdown, slugOf } from './markdown.ts'

/** Between two drawings of a text that is being typed. */
const EVERY_MS = 150

/** A document as it will look, beside its text. */
export default function BesidePane({ document, content }: { document: Document; content: Content }) {
  const text = useText(content)
  return (
    <section className="beside-pane" aria-label={`Preview of ${nameOf(document.path)}`} data-testid="beside">
      {besideKind(document.path) === 'markdown' ? (
        <Markdown path={document.path} text={text} />
      ) : (
        <Drawing name={nameOf(document.path)} text={text} />
      )}
    </section>
  )
}

function useText({ text }: Content): string {
  const [shown, setShown] = useState(() => text.toString())
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const show = () => {
      timer = undefined
      setShown(text.toString())
    }
    const changed = () => {
      timer ??= setTimeout(show, EVERY_MS)
    }
    show()
    text.observe(changed)
    return () => {
      clearTimeout(timer)
      text.unobserve(changed)
    }
  }, [text])
  return shown
}

function Markdown({ path, text }: { path: string; text: string }) {
  const workspace = useWorkspace()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.replaceChildren(renderMarkdown(text, path)), [text, path])
  const follow = (event: React.MouseEvent) => {
    const link = (event.target as Element).closest('a')
    const href = link?.getAttribute('href') ?? ''
    if (href === '' || /^[a-z][a-z0-9+.-]*:/i.test(href)) return
    event.preventDefault()
    if (href.startsWith('#')) {
      const wanted = slugOf(decodeURIComponent(href.slice(1)))
      const headings = [...(place.current?.querySelectorAll('h1,h2,h3,h4,h5,h6') ?? [])]
      headings.find((heading) => slugOf(heading.textContent ?? '') === wanted)?.scrollIntoView()
      return
    }
    const target = linkedPath(path, href)
    if (target !== undefined) workspace.openFile(target)
  }
  // biome-ignore lint/a11y/useKeyWithClickEvents: links are pressed by keys as well, which click them
  return <div ref={place} className="markdown" role="document" onClick={follow} />
}

function Drawing({ name, text }: { name: string; text: string }) {
  const [address, setAddress] = useState<string | undefined>()
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }))
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [text])
  return (
    <div className="image-view" data-fit="">
      {/* A picture runs no script and loads nothing. */}
      {address !== undefined && <img src={address} alt={name} />}
    </div>
  )
}
