import type { EventName, Events, Results } from '../../core/wire/operations.ts'
import type { IgnoreRules } from '../../drivers/ignore-rules.ts'
import type { ProjectBytes } from '../../drivers/project-bytes.ts'
import type { ProjectFiles } from '../../drivers/project-files.ts'
import type { ProjectTrash } from '../../drivers/project-trash.ts'
import type { Ripgrep } from '../../drivers/ripgrep.ts'
import type { Activity } from './activity/activity.ts'
import type { Documents } from './documents/documents.ts'
import type { Git } from './git/git.ts'
import type { Languages } from './language/languages.ts'
import type { People } from './people/people.ts'
import type { SourcePlaces } from './preview/source-places.ts'
import type { Terminals } from './terminals/terminals.ts'

/** What the operations of pages work on; made in index.ts. */
export interface Services {
  activity: Activity
  documents: Documents
  files: ProjectFiles
  languages: Languages
  people: People
  bytes: ProjectBytes
  trash: ProjectTrash
  ignoreRules: IgnoreRules
  sources: SourcePlaces
  git: Git
  ripgrep: Ripgrep
  terminals: Terminals
  /** Says something to every page. */
  tellAll: <E extends EventName>(event: E, data: Events[E]) => void
  /** What `hello` says to everybody. */
  hello: () => Promise<Omit<Results['hello'], 'access'>>
}
