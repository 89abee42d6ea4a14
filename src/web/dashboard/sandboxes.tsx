import { useEffect, useMemo, useState } from 'react'
import type { Template } from '../../core/template.ts'
import type { SandboxView, SnapshotView } from '../../core/wire/http.ts'
import { Icon } from '../shared/icons.tsx'
import { SharePanel } from '../shared/share-panel.tsx'
import { Confirm, Sheet } from '../shared/sheet.tsx'
import { ageOf } from './age.ts'
import type { Fleet, FleetState } from './fleet.ts'
import { LifeMenu } from './life-menu.tsx'
import { masterApi } from './master-api.ts'
import { ForkSheet, RenameSheet } from './name-sheet.tsx'
import { SnapshotsSheet } from './snapshots-sheet.tsx'
import { StorySheet } from './story-sheet.tsx'

/** One that is asleep or stopped is started when it is opened. */
const isThere = ({ state }: SandboxView) => state === 'running' || state === 'asleep' || state === 'stopped'

/** The dialog that is open, and for which sandbox. */
interface Shown {
  sheet: 'share' | 'story' | 'snapshots' | 'fork' | 'rename' | 'delete'
  sandbox: SandboxView
  /** What a fork is made of, if not of what there is now. */
  snapshot?: SnapshotView
}

interface SandboxesProps {
  fleet: Fleet
  sandboxes: readonly SandboxView[] | undefined
  doing: FleetState['doing']
  templates: readonly Template[] | undefined
}

export function Sandboxes({ fleet, sandboxes, doing, templates }: SandboxesProps) {
  const [shown, setShown] = useState<Shown>()
  const close = () => setShown(undefined)
  const [said, setSaid] = useState('')
  const [problem, setProblem] = useState<string>()
  const now = useNow()
  const attempt = (action: Promise<unknown>) => {
    setProblem(undefined)
    action.catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
  }
  const portOf = ({ template }: SandboxView) => templates?.find(({ name }) => name === template)?.port ?? 0
  const open = (id: string) => attempt(masterApi.openLink(id).then((url) => location.assign(url)))
  const change = ({ id, name }: SandboxView, deed: 'start' | 'stop') => {
    const [during, done] = deed === 'start' ? ['starting', 'running'] : ['stopping', 'stopped']
    setSaid(`${name} is ${during}`)
    attempt(
      (deed === 'start' ? fleet.startSandbox(id) : fleet.stopSandbox(id)).then(
        () => setSaid(`${name} is ${done}`),
        (error: unknown) => {
          setSaid('')
          const reason = error instanceof Error ? error.message : String(error)
          throw new Error(`${name} could not be ${deed === 'start' ? 'started' : 'stopped'}. ${reason}`)
        },
      ),
    )
  }
  const sheetOf = ({ sheet, sandbox, snapshot }: Shown) => {
    const common = { fleet, sandbox, onClose: close }
    switch (sheet) {
      case 'share':
        return <ShareSheet sandbox={sandbox} port={portOf(sandbox)} onClose={close} />
      case 'story':
        return <StorySheet sandbox={sandbox} now={now} onClose={close} />
      case 'snapshots':
        return (
          <SnapshotsSheet {...common} now={now} onFork={(snapshot) => setShown({ sheet: 'fork', sandbox, snapshot })} />
        )
      case 'fork':
        return <ForkSheet {...common} {...(snapshot && { snapshot })} />
      case 'rename':
        return <RenameSheet {...common} />
      case 'delete':
        return (
          <Confirm
            title={`Delete ${sandbox.name}?`}
            detail="Its container, every file in it and its snapshots are removed. This cannot be undone."
            action="Delete"
            onConfirm={() => attempt(fleet.remove(sandbox.id))}
            onClose={close}
          />
        )
    }
  }
  return (
    <section aria-labelledby="my-sandboxes">
      <header>
        <h2 id="my-sandboxes">Your sandboxes</h2>
        {sandboxes && sandboxes.length > 0 && <span className="hint">{sandboxes.length}</span>}
      </header>
      <p className="hidden-text" role="status">
        {said}
      </p>
      {problem !== undefined && (
        <div className="trouble" role="alert">
          <span>{problem}</span>
          <button type="button" className="button" onClick={() => setProblem(undefined)}>
            Dismiss
          </button>
        </div>
      )}
      <div className="list">
        {sandboxes?.length === 0 && (
          <div className="nothing">
            <strong>No sandboxes yet</strong>
            Click a template above; a few seconds later you are coding.
          </div>
        )}
        {!sandboxes && <div className="nothing">Loading</div>}
        {sandboxes?.map((sandbox) => (
          <div className="item" key={sandbox.id} data-sandbox={sandbox.id} data-testid="sandbox">
            <span className="who">
              <button type="button" disabled={!isThere(sandbox)} onClick={() => open(sandbox.id)}>
                {sandbox.name}
              </button>
              <small>{templates?.find(({ name }) => name === sandbox.template)?.title ?? sandbox.template}</small>
            </span>
            <span className="state" data-state={sandbox.state} data-doing={doing[sandbox.id]}>
              <i />
              {doing[sandbox.id] ?? sandbox.state}
            </span>
            <span className="quiet" title={new Date(sandbox.createdAt).toLocaleString()}>
              {ageOf(sandbox.createdAt, now)}
            </span>
            <span className="quiet" title={`${sandbox.host}:${sandbox.port}`}>
              {sandbox.host}
            </span>
            <span className="deeds">
              <button type="button" className="button" disabled={!isThere(sandbox)} onClick={() => open(sandbox.id)}>
                Open
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={`Share ${sandbox.name}`}
                title="Share"
                disabled={!isThere(sandbox)}
                onClick={() => setShown({ sheet: 'share', sandbox })}
              >
                <Icon name="link" />
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={`Story of ${sandbox.name}`}
                title="What happened to it, and why"
                onClick={() => setShown({ sheet: 'story', sandbox })}
              >
                <Icon name="history" />
              </button>
              <CopyUrl url={sandbox.url} name={sandbox.name} />
              <button
                type="button"
                className="icon-button"
                aria-label={`Delete ${sandbox.name}`}
                title="Delete"
                disabled={sandbox.state === 'deleting'}
                onClick={() => setShown({ sheet: 'delete', sandbox })}
              >
                <Icon name="trash" />
              </button>
              <LifeMenu
                sandbox={sandbox}
                busy={doing[sandbox.id] !== undefined}
                onStart={() => change(sandbox, 'start')}
                onStop={() => change(sandbox, 'stop')}
                onFork={() => setShown({ sheet: 'fork', sandbox })}
                onSnapshots={() => setShown({ sheet: 'snapshots', sandbox })}
                onRename={() => setShown({ sheet: 'rename', sandbox })}
                onDelete={() => setShown({ sheet: 'delete', sandbox })}
              />
            </span>
          </div>
        ))}
      </div>
      {shown && sheetOf(shown)}
    </section>
  )
}

/** Links for people without an account. */
function ShareSheet({ sandbox, port, onClose }: { sandbox: SandboxView; port: number; onClose: () => void }) {
  const api = useMemo(() => masterApi.shares(sandbox.id), [sandbox.id])
  return (
    <Sheet title={`Share ${sandbox.name}`} wide onClose={onClose}>
      <button type="button" className="icon-button share-close" aria-label="Close" onClick={onClose}>
        <Icon name="close" size={14} />
      </button>
      <SharePanel api={api} ports={port === 0 ? [] : [port]} first={{ access: 'edit' }} />
    </Sheet>
  )
}

function CopyUrl({ url, name }: { url: string; name: string }) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 1500)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url)
      setCopied(true)
    } catch {
      // Plain http away from localhost has no clipboard; there it can be selected by hand.
      window.prompt('Address of the sandbox', url)
    }
  }
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={copied ? 'Copied' : `Copy the address of ${name}`}
      title={copied ? 'Copied' : 'Copy the address'}
      onClick={() => void copy()}
    >
      {copied ? <span aria-hidden="true">✓</span> : <Icon name="copy" />}
    </button>
  )
}

/** Wall clock time, new every half minute. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
