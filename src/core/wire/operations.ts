import type { Static } from 'typebox'
import type { DocumentsEvents, DocumentsResults, documentsParams } from './operations/documents.ts'
import type { FilesEvents, FilesResults, filesParams } from './operations/files.ts'
import type { GitEvents, GitResults, gitParams } from './operations/git.ts'
import type { LanguageEvents, LanguageResults, languageParams } from './operations/language.ts'
import type { PeopleEvents, PeopleResults, peopleParams } from './operations/people.ts'
import type { PortsEvents, PortsResults, portsParams } from './operations/ports.ts'
import type { SandboxEvents, SandboxResults, sandboxParams } from './operations/sandbox.ts'
import type { SearchEvents, SearchResults, searchParams } from './operations/search.ts'
import type { TerminalsEvents, TerminalsResults, terminalsParams } from './operations/terminals.ts'

/** What a page may ask of its worker, and what the worker says unasked: a file in operations/ for each part. */

type ParamSchemas = typeof documentsParams &
  typeof filesParams &
  typeof gitParams &
  typeof languageParams &
  typeof peopleParams &
  typeof portsParams &
  typeof sandboxParams &
  typeof searchParams &
  typeof terminalsParams

export interface Results
  extends DocumentsResults,
    FilesResults,
    LanguageResults,
    PeopleResults,
    PortsResults,
    GitResults,
    SandboxResults,
    SearchResults,
    TerminalsResults {}
export type Operation = keyof Results & keyof ParamSchemas
export type Params<O extends Operation> = Static<ParamSchemas[O]>

export interface Events
  extends DocumentsEvents,
    FilesEvents,
    LanguageEvents,
    PeopleEvents,
    PortsEvents,
    GitEvents,
    SandboxEvents,
    SearchEvents,
    TerminalsEvents {}
export type EventName = keyof Events

/** The JSON of a CONTROL frame. */
export type ControlMessage =
  | { id: number; op: Operation; params: unknown }
  | { re: number; ok: unknown }
  | { re: number; problem: { code: string; detail: string } }
  | { event: EventName; data: unknown }
