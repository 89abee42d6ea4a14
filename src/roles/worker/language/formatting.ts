import type { TextEdit as LspEdit } from 'vscode-languageserver-protocol'
import { OmegaError } from '../../../core/errors.ts'
import { quote } from '../../../core/names.ts'
import { textHash } from '../../../core/text-hash.ts'
import type { LanguageResults } from '../../../core/wire/operations/language.ts'
import type { Params } from '../../../core/wire/operations.ts'
import type { Filtered } from '../../../drivers/filter-program.ts'
import type { Formatter } from '../../../drivers/formatter-programs.ts'
import type { HostedDocument } from '../documents/hosted-document.ts'
import { textEdits } from '../documents/text-edits.ts'
import type { LanguageHost } from './language-host.ts'
import { offsetEdits } from './text-positions.ts'

export type FormatRequest = Params<'language.format'>
export type FormatResult = LanguageResults['language.format']

export interface FormattingOptions {
  formattersFor: (path: string) => Formatter[]
  /** Runs a formatter on a text. */
  run: (formatter: Formatter, text: string) => Promise<Filtered>
  /** The server of the file's language, if there is one. */
  hostOf: (path: string) => LanguageHost | undefined
}

/** How a document would be formatted. Throws CONFLICT when it is not the text the page means, or cannot be parsed. */
export async function formatDocument(
  document: HostedDocument,
  request: FormatRequest,
  { formattersFor, run, hostOf }: FormattingOptions,
): Promise<FormatResult> {
  const text = document.text.toString()
  if (textHash(text) !== request.hash) throw changedMeanwhile()
  const all = formattersFor(document.path)
  const formatters = request.projectOnly ? all.filter(({ isProjects }) => isProjects) : all
  // None of the programs formats a part by lines and columns.
  for (const formatter of request.range ? [] : formatters) {
    const done = await run(formatter, text)
    if (isUnknownKind(done)) continue
    if (done.code !== 0) throw refusal(formatter, document.path, done)
    return { by: formatter.name, edits: textEdits(text, done.stdout.replace(/\r\n?/g, '\n')) }
  }
  return request.projectOnly ? { edits: [] } : byServer(document, request, text, hostOf(document.path))
}

async function byServer(
  document: HostedDocument,
  { range, tabSize, insertSpaces, hash }: FormatRequest,
  text: string,
  host: LanguageHost | undefined,
): Promise<FormatResult> {
  const session = await host?.ready().catch(() => undefined)
  const can = host?.capabilities
  const synced = host?.synced.all().find((one) => one.document === document)
  if (!session || !synced || !(range ? can?.documentRangeFormattingProvider : can?.documentFormattingProvider)) {
    return { edits: [] }
  }
  if (synced.hash !== hash) throw changedMeanwhile()
  const params = { textDocument: { uri: synced.uri }, options: { tabSize, insertSpaces, trimTrailingWhitespace: true } }
  const edits = range
    ? await session.request('textDocument/rangeFormatting', { ...params, range })
    : await session.request('textDocument/formatting', params)
  return { by: 'the language server', edits: offsetEdits(text, (edits ?? []) as LspEdit[]) }
}

/** It formats other kinds of files: the next one may know this one. */
function isUnknownKind({ code, stderr }: Filtered): boolean {
  return (
    code !== 0 && /No parser could be inferred|not (?:known|supported)|is ignored by the configuration/i.test(stderr)
  )
}

function refusal({ name }: Formatter, path: string, { failure, stderr, stdout }: Filtered): OmegaError {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(0, 3).join(' ').replace(/\s+/g, ' ').slice(0, 300)
  return new OmegaError('CONFLICT', `${name} does not format ${quote(path)}: ${failure ?? (said || 'it failed')}`)
}

function changedMeanwhile(): OmegaError {
  return new OmegaError('CONFLICT', 'Somebody else is typing in this file. Format it again in a moment.')
}
