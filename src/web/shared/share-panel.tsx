import { type FormEvent, useCallback, useEffect, useId, useRef, useState } from 'react'
import { type ShareAccess, shareGrants, shareLasts, shareLives } from '../../core/share.ts'
import type { CreatedShare, ShareRequest, ShareView } from '../../core/wire/shares.ts'
import { Icon } from './icons.tsx'

/** Where links are made: at the sandbox's own worker, or through the master. All reject with OmegaErrors. */
export interface ShareApi {
  list: () => Promise<ShareView[]>
  create: (request: ShareRequest) => Promise<CreatedShare>
  revoke: (id: string) => Promise<void>
}

/** What somebody who wants a link has in mind. */
export interface ShareWish {
  access: ShareAccess
  /** With `preview`: the port, and where the link leads on it. */
  port?: number
  path?: string
}

interface SharePanelProps {
  api: ShareApi
  /** Ports that listen, the one to offer first first. */
  ports: readonly number[]
  /** What is chosen at first. */
  first: ShareWish
}

const choices: { access: ShareAccess; title: string }[] = [
  { access: 'look', title: 'May look' },
  { access: 'edit', title: 'May edit' },
  { access: 'preview', title: 'One port only' },
]

/** Makes links for people without an account, and shows those that work. Says what a link grants before there is one. */
export function SharePanel({ api, ports, first }: SharePanelProps) {
  const [access, setAccess] = useState<ShareAccess>(first.access)
  const [port, setPort] = useState(String(first.port ?? ports[0] ?? 3000))
  const [life, setLife] = useState(1)
  const [made, setMade] = useState<CreatedShare>()
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [shares, reload] = useShares(api)
  const seconds = shareLives[life]?.seconds
  const number = /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535 ? Number(port) : undefined
  // What is said of a link that was made must not be said of another one.
  const change = (act: () => void) => {
    act()
    setMade(undefined)
    setProblem(undefined)
  }
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true)
    setProblem(undefined)
    await work().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
    setBusy(false)
  }
  const make = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      // The place in mind is one of that port's.
      const path = number === first.port && first.path !== undefined ? { path: first.path } : {}
      const what = access === 'preview' ? { port: number ?? 0, ...path } : { access }
      setMade(await api.create({ ...what, ...(seconds === undefined ? {} : { expiresIn: seconds }) }))
      await reload()
    })
  }
  const revoke = (id: string) =>
    void attempt(async () => {
      await api.revoke(id)
      if (made?.id === id) setMade(undefined)
      await reload()
    })
  return (
    <form className="share" onSubmit={make}>
      <Access access={access} onChoose={(next) => change(() => setAccess(next))} />
      <div className="share-fields">
        {access === 'preview' && <Port port={port} ports={ports} onChange={(next) => change(() => setPort(next))} />}
        <label>
          <span>Works for</span>
          <select
            className="field"
            value={life}
            onChange={(event) => change(() => setLife(Number(event.target.value)))}
          >
            {shareLives.map(({ title }, index) => (
              <option key={title} value={index}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <p className="share-grants" data-access={access} aria-live="polite" data-testid="share-grants">
        {shareGrants(access, number)} {shareLasts(seconds)}
      </p>
      {made ? (
        <MadeLink url={made.url} />
      ) : (
        <div className="choices">
          <button
            type="submit"
            className="button primary"
            disabled={busy || (access === 'preview' && number === undefined)}
          >
            <Icon name="link" size={14} />
            Make the link
          </button>
        </div>
      )}
      {problem !== undefined && (
        <p className="share-problem" role="alert">
          {problem}
        </p>
      )}
      <Shares shares={shares} busy={busy} onRevoke={revoke} />
    </form>
  )
}

function Access({ access, onChoose }: { access: ShareAccess; onChoose: (access: ShareAccess) => void }) {
  const name = useId()
  return (
    <fieldset className="share-access">
      <legend className="hidden-text">What the link allows</legend>
      {choices.map((choice) => (
        <label key={choice.access}>
          <input
            type="radio"
            name={name}
            value={choice.access}
            checked={access === choice.access}
            onChange={() => onChoose(choice.access)}
          />
          <span>{choice.title}</span>
        </label>
      ))}
    </fieldset>
  )
}

function Port({ port, ports, onChange }: { port: string; ports: readonly number[]; onChange: (port: string) => void }) {
  const known = useId()
  return (
    <label>
      <span>Port</span>
      <input
        className="field"
        inputMode="numeric"
        list={known}
        value={port}
        onChange={(event) => onChange(event.target.value.trim())}
      />
      <datalist id={known}>
        {ports.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  )
}

function MadeLink({ url }: { url: string }) {
  const field = useRef<HTMLInputElement>(null)
  const [copied, setCopied] = useState<boolean>()
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])
  const copy = async () => {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(url)
      setCopied(true)
    } catch {
      // Plain http away from localhost has no clipboard of its own.
      setCopied(document.execCommand('copy'))
    }
  }
  return (
    <div className="share-made">
      <input ref={field} className="field" readOnly value={url} aria-label="The link" data-testid="share-url" />
      <button type="button" className="button primary" onClick={() => void copy()}>
        <Icon name={copied ? 'check' : 'copy'} size={14} />
        {copied ? 'Copied' : 'Copy'}
      </button>
      <small role="status">
        {copied === false
          ? 'It could not be copied: select it and copy it by hand.'
          : 'It is shown this once. Give it only to people you mean.'}
      </small>
    </div>
  )
}

interface SharesProps {
  shares: readonly ShareView[] | undefined
  busy: boolean
  onRevoke: (id: string) => void
}

function Shares({ shares, busy, onRevoke }: SharesProps) {
  const [sure, setSure] = useState<string>()
  if (!shares || shares.length === 0) return null
  const now = Date.now()
  return (
    <section className="share-list" aria-label="Links that work">
      <h3>Links that work</h3>
      <ul>
        {shares.map((share) => (
          <li key={share.id} data-share={share.id}>
            <span title={share.grants}>
              <strong>{titleOf(share)}</strong>
              <small>
                {endOf(share, now)}
                {share.here > 0 && `, ${share.here} ${share.here === 1 ? 'page' : 'pages'} open`}
              </small>
            </span>
            {sure === share.id ? (
              <button type="button" className="button danger" disabled={busy} onClick={() => onRevoke(share.id)}>
                Revoke: who came by it is sent away
              </button>
            ) : (
              <button type="button" className="button" disabled={busy} onClick={() => setSure(share.id)}>
                Revoke
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function titleOf({ access, port }: ShareView): string {
  if (access === 'preview') return `Port ${port}`
  return access === 'edit' ? 'May edit' : 'May look'
}

function endOf({ expiresAt }: ShareView, now: number): string {
  if (expiresAt === undefined) return 'until it is revoked'
  const minutes = Math.max(1, Math.round((Date.parse(expiresAt) - now) / 60_000))
  if (minutes < 120) return `${minutes} min left`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours left` : `${Math.round(hours / 24)} days left`
}

/** The links there are, and what asks for them again. */
function useShares(api: ShareApi): [readonly ShareView[] | undefined, () => Promise<void>] {
  const [shares, setShares] = useState<readonly ShareView[]>()
  const reload = useCallback(async () => setShares(await api.list()), [api])
  useEffect(() => {
    reload().catch(() => undefined)
  }, [reload])
  return [shares, reload]
}
