import { useStore } from '../../shared/use-store.ts'
import { isWithin } from '../files/paths.ts'
import { useWorkspace } from '../workspace-context.ts'

/** As many are shown of those who are in one file. */
const MOST = 3

/** Small marks of the others who are in a file; with `below`, in a folder that hides what is in it. */
export function InFile({ path, below = false }: { path: string; below?: boolean }) {
  const { people } = useWorkspace()
  const here = useStore(people.here)
  const me = useStore(people.me)
  const others = here.filter((person) => {
    if (person.id === me.id || person.away || person.path === undefined) return false
    return below ? isWithin(person.path, path) : person.path === path
  })
  if (others.length === 0) return null
  const names = others.map(({ name }) => name).join(', ')
  return (
    <span className="in-file" role="img" aria-label={`${names} in here`} title={names}>
      {others.slice(0, MOST).map(({ id, colour }) => (
        <i key={id} data-person={colour} />
      ))}
    </span>
  )
}
