import { useEffect, useState } from 'react'
import { Icon } from '../../shared/icons.tsx'
import { Sheet } from '../../shared/sheet.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { NoticeBody } from './toasts.tsx'

/** The status bar's bell: how many failures are unread, and what is under way. */
export function Bell() {
  const { notices } = useWorkspace()
  const list = useStore(notices.list)
  const unseen = useStore(notices.unseen)
  const [open, setOpen] = useState(false)
  const working = list.filter(({ kind }) => kind === 'progress')
  const label = unseen === 0 ? 'Notifications' : `Notifications, ${unseen} new`
  const show = () => {
    notices.seen()
    notices.dismissAll()
    setOpen(true)
  }
  return (
    <>
      {working[0] && (
        <span className="working">
          <span className="spinner" />
          {working.length === 1 ? working[0].text : `${working.length} things under way`}
        </span>
      )}
      <button type="button" className="bell" aria-label={label} title={label} data-testid="bell" onClick={show}>
        <Icon name="bell" size={14} />
        {unseen > 0 && <span>{unseen}</span>}
      </button>
      {open && <NoticeList onClose={() => setOpen(false)} />}
    </>
  )
}

function NoticeList({ onClose }: { onClose: () => void }) {
  const { notices } = useWorkspace()
  const list = useStore(notices.list)
  useEffect(() => notices.seen(), [notices])
  return (
    <Sheet title="Notifications" onClose={onClose}>
      {list.length === 0 && <p>There is nothing to tell.</p>}
      <ul className="notice-list">
        {list.toReversed().map((notice) => (
          <li key={notice.id} className="toast" data-kind={notice.kind}>
            <NoticeBody notice={notice} />
          </li>
        ))}
      </ul>
      <div className="choices">
        <button type="button" className="button" disabled={list.length === 0} onClick={() => notices.clear()}>
          Clear all
        </button>
        <button type="button" className="button primary" onClick={onClose}>
          Close
        </button>
      </div>
    </Sheet>
  )
}
