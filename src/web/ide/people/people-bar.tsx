import { type ReactNode, useEffect, useId, useState } from 'react'
import { createPortal } from 'react-dom'
import type { PersonHere } from '../../../core/wire/operations/people.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { Loaded } from '../frame/loaded.tsx'
import { useWorkspace } from '../workspace-context.ts'
import { Avatar, whereIs } from './avatar.tsx'
import { Ended } from './ended.tsx'
import { FollowFrame } from './follow-frame.tsx'

const loadList = () => import('./people-list.tsx').then(({ PeopleList }) => PeopleList)
const loadSheet = () => import('./share-sheet.tsx').then(({ ShareSheet }) => ShareSheet)

/** As many avatars find room in the title bar; the list has all. */
const MOST_AVATARS = 4

/** Who is here, and what lets others in. */
export function PeopleBar() {
  const workspace = useWorkspace()
  const { people, access, sharing } = workspace
  const here = useStore(people.here)
  const me = useStore(people.me)
  const mayDo = useStore(access)
  const shared = useStore(sharing)
  const others = here.filter(({ id }) => id !== me.id)
  return (
    <div className="people">
      {mayDo === 'look' && (
        <span className="chip looking" title="You came by a link that lets you look, and change nothing.">
          <Icon name="eye" size={12} />
          Looking only
        </span>
      )}
      <span className="avatars">
        {others.slice(0, MOST_AVATARS).map((person) => (
          <PersonButton key={person.id} person={person} />
        ))}
      </span>
      <ListButton count={here.length} />
      {mayDo !== 'look' && (
        <button type="button" className="button share-button" onClick={() => sharing.set({ access: 'edit' })}>
          <Icon name="link" size={14} />
          <span>Share</span>
        </button>
      )}
      <InFrame>
        <FollowFrame />
        <Ended />
        {shared !== undefined && (
          <Loaded load={loadSheet} props={{ first: shared, onClose: () => sharing.set(undefined) }} />
        )}
      </InFrame>
      <Announcements others={others} />
    </div>
  )
}

/** Beside the parts of the page, not in the title bar. */
function InFrame({ children }: { children: ReactNode }) {
  const [frame, setFrame] = useState<Element | null>(null)
  useEffect(() => setFrame(document.querySelector('.ide')), [])
  return frame && createPortal(children, frame)
}

function PersonButton({ person }: { person: PersonHere }) {
  const { follow } = useWorkspace()
  const followed = useStore(follow.target) === person.id
  const deed = followed ? 'Stop following' : 'Follow'
  return (
    <button
      type="button"
      className="person-button"
      data-testid="person"
      aria-pressed={followed}
      aria-label={`${deed} ${person.name}, ${whereIs(person)}`}
      title={`${person.name}: ${whereIs(person)}. Click to ${deed.toLowerCase()}.`}
      onClick={() => follow.toggle(person.id)}
    >
      <Avatar person={person} />
    </button>
  )
}

function ListButton({ count }: { count: number }) {
  const { listing } = useWorkspace().people
  const id = useId()
  const [shown, setShown] = useState(false)
  const asked = useStore(listing)
  useEffect(() => {
    if (asked > 0) document.getElementById(id)?.showPopover()
  }, [asked, id])
  return (
    <>
      <button
        type="button"
        className="tool people-count"
        aria-label={`${count} ${count === 1 ? 'person is' : 'people are'} here`}
        title="Who is here"
        popoverTarget={id}
      >
        <Icon name="people" />
        {count > 1 && <span>{count}</span>}
      </button>
      <div
        id={id}
        popover="auto"
        className="people-popover"
        role="dialog"
        aria-label="Who is here"
        onToggle={(event) => setShown(event.newState === 'open')}
      >
        {shown && <Loaded load={loadList} props={{ onClose: () => document.getElementById(id)?.hidePopover() }} />}
      </div>
    </>
  )
}

/** Somebody who reloads their page has not left. */
const GONE_AFTER_MS = 4_000

/** Says who comes and goes, for those who do not see the avatars. */
function Announcements({ others }: { others: readonly PersonHere[] }) {
  const { people } = useWorkspace()
  const known = useStore(people.me).id !== ''
  const [said, setSaid] = useState('')
  const [told, setTold] = useState<ReadonlyMap<string, string>>()
  useEffect(() => {
    if (!known) return
    const now = new Map(others.map(({ id, name }) => [id, name]))
    // Who was here before us has not come.
    if (!told) return setTold(now)
    const come = [...now].filter(([id]) => !told.has(id)).map(([, name]) => `${name} is here.`)
    if (come.length > 0) {
      setSaid(come.join(' '))
      setTold(new Map([...told, ...now]))
    }
    const gone = [...told].filter(([id]) => !now.has(id))
    if (gone.length === 0) return
    const timer = setTimeout(() => {
      setSaid(gone.map(([, name]) => `${name} has left.`).join(' '))
      setTold(now)
    }, GONE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [others, known, told])
  return (
    <span className="hidden-text" role="status" data-testid="people-said">
      {said}
    </span>
  )
}
