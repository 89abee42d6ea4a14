import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'

/** Around the editor while somebody is followed: in their colour, with what ends it. */
export function FollowFrame() {
  const { follow, people } = useWorkspace()
  const target = useStore(follow.target)
  const person = useStore(people.here).find(({ id }) => id === target)
  if (!person) return null
  return (
    <div className="follow-frame" data-person={person.colour} data-testid="following">
      <button type="button" title="Stop following" onClick={() => follow.stop()}>
        <span role="status">
          Following {person.name}
          {person.away && ', whose connection is cut'}
        </span>
        <Icon name="close" size={12} />
      </button>
    </div>
  )
}
