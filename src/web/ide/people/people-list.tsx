import type { FormEvent } from 'react'
import { MAX_NAME_CHARS, PERSON_COLOURS } from '../../../core/person.ts'
import type { PersonHere } from '../../../core/wire/operations/people.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useTyped } from '../../shared/use-typed.ts'
import { useWorkspace } from '../workspace-context.ts'
import { Avatar, whereIs } from './avatar.tsx'

const colours = [...Array(PERSON_COLOURS).keys()]
const accessWords = { owner: 'owner', edit: 'may edit', look: 'may look' }

/** Everybody who is here: what they may do, where they are; and who one is oneself. */
export function PeopleList({ onClose }: { onClose: () => void }) {
  const workspace = useWorkspace()
  const { people, sharing, access } = workspace
  const here = useStore(people.here)
  const me = useStore(people.me)
  const mayDo = useStore(access)
  const mine = here.find(({ id }) => id === me.id)
  const others = here.filter(({ id }) => id !== me.id)
  const share = () => {
    onClose()
    sharing.set({ access: 'edit' })
  }
  return (
    <>
      {mine && <Myself person={mine} />}
      <ul>
        {others.map((person) => (
          <li key={person.id}>
            <PersonRow person={person} onClose={onClose} />
          </li>
        ))}
      </ul>
      {mayDo === 'look' && <p className="nobody">You may look here, and change nothing.</p>}
      {others.length === 0 && <p className="nobody">Nobody else is here.</p>}
      {mayDo !== 'look' && (
        <button type="button" className="button" onClick={share}>
          <Icon name="link" size={14} />
          Let others in
        </button>
      )}
    </>
  )
}

function PersonRow({ person, onClose }: { person: PersonHere; onClose: () => void }) {
  const { follow } = useWorkspace()
  const followed = useStore(follow.target) === person.id
  const toggle = () => {
    follow.toggle(person.id)
    if (!followed) onClose()
  }
  return (
    <button type="button" className="person-row" aria-pressed={followed} onClick={toggle}>
      <Avatar person={person} />
      <span>
        <strong>{person.name}</strong> <small className="chip">{accessWords[person.access]}</small>
        <small className="place">{whereIs(person)}</small>
      </span>
      <span className="deed">{followed ? 'Stop' : 'Follow'}</span>
    </button>
  )
}

/** One's own name and colour. */
function Myself({ person }: { person: PersonHere }) {
  const { self } = useWorkspace()
  const { name } = useStore(self.value)
  const [typed, type] = useTyped(name)
  const rename = (event?: FormEvent) => {
    event?.preventDefault()
    if (typed !== name) self.rename(typed)
    type(self.value.get().name)
  }
  return (
    <form className="myself" onSubmit={rename}>
      <Avatar person={{ ...person, idle: false }} />
      <label>
        <span>You are</span>
        <input
          className="field"
          value={typed}
          maxLength={MAX_NAME_CHARS}
          autoComplete="nickname"
          aria-label="Your name"
          onChange={(event) => type(event.target.value)}
          onBlur={() => rename()}
        />
      </label>
      <fieldset>
        <legend className="hidden-text">Your colour</legend>
        {colours.map((colour) => (
          <button
            key={colour}
            type="button"
            className="swatch"
            data-person={colour}
            aria-label={`Colour ${colour + 1}`}
            aria-pressed={colour === person.colour}
            onClick={() => self.paint(colour)}
          />
        ))}
      </fieldset>
    </form>
  )
}
