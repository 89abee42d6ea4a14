import { Icon, type IconName } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { Notice, NoticeKind } from './notices.ts'

/** The notices in sight. */
export function Toasts() {
  const { notices } = useWorkspace()
  const shown = useStore(notices.list).filter((notice) => notice.shown)
  const hold = (held: boolean) => () => notices.hold(held)
  return (
    <section
      className="toasts"
      aria-label="Notifications"
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocus={hold(true)}
      onBlur={hold(false)}
      onKeyDown={(event) => event.key === 'Escape' && notices.dismissAll()}
    >
      {shown.map((notice) => (
        <div key={notice.id} className="toast" data-kind={notice.kind} role={roleOf(notice.kind)}>
          <NoticeBody notice={notice} onClose={() => notices.dismiss(notice.id)} />
        </div>
      ))}
    </section>
  )
}

/** A failure interrupts a screen reader, anything else waits for its turn. */
function roleOf(kind: NoticeKind): 'alert' | 'status' {
  return kind === 'error' || kind === 'warning' ? 'alert' : 'status'
}

const marks: Record<Exclude<NoticeKind, 'progress'>, IconName> = { info: 'info', warning: 'warning', error: 'error' }

/** What a notice says and what can be done about it: in sight and in the list alike. */
export function NoticeBody({ notice, onClose }: { notice: Notice; onClose?: () => void }) {
  const { kind, text, detail, actions, times, done, cancel } = notice
  return (
    <>
      {kind === 'progress' ? <span className="spinner" /> : <Icon name={marks[kind]} />}
      <div className="said">
        <span className="text">
          {text}
          {times > 1 && <small className="times"> ({times} times)</small>}
        </span>
        {detail !== undefined && <span className="detail">{detail}</span>}
        {done !== undefined && (
          <span className="how-far">
            <progress value={done} max={1} aria-label={text} />
            {Math.floor(done * 100)}%
          </span>
        )}
        {(actions.length > 0 || cancel || kind === 'error') && (
          <span className="choices">
            {actions.map(({ title, run }) => (
              <button
                key={title}
                type="button"
                className="button"
                onClick={() => {
                  onClose?.()
                  run()
                }}
              >
                {title}
              </button>
            ))}
            {cancel && (
              <button type="button" className="button" onClick={cancel}>
                Cancel
              </button>
            )}
            {kind === 'error' && <CopyButton text={detail === undefined ? text : `${text}\n${detail}`} />}
          </span>
        )}
      </div>
      {onClose && (
        <button type="button" className="tool" aria-label="Dismiss" onClick={onClose}>
          <Icon name="close" size={14} />
        </button>
      )}
    </>
  )
}

function CopyButton({ text }: { text: string }) {
  const { notices } = useWorkspace()
  const copy = () =>
    notices.attempt(
      navigator.clipboard.writeText(text).then(() => notices.say('Copied.')),
      'The browser did not allow to copy.',
    )
  return (
    <button type="button" className="button" onClick={copy}>
      Copy
    </button>
  )
}
