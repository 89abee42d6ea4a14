import type { PersonHere } from '../../../core/wire/operations/people.ts'

/** A person's colour and first letters. */
export function Avatar({ person }: { person: Pick<PersonHere, 'name' | 'colour' | 'idle' | 'away'> }) {
  const { name, colour, idle, away } = person
  return (
    <span className="avatar" data-person={colour} data-quiet={idle || away ? '' : undefined} aria-hidden="true">
      {initialsOf(name)}
    </span>
  )
}

/** The first letters of the first two words. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/).filter(Boolean)
  return words
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()
}

/** What somebody does here, in a few words. */
export function whereIs({ path, terminal, idle, away }: PersonHere): string {
  if (away) return 'connection cut'
  const place = path ?? (terminal === undefined ? undefined : 'in a terminal')
  if (place === undefined) return idle ? 'idle' : 'here'
  return idle ? `${place}, idle` : place
}
