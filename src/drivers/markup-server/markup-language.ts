import type {
  CodeAction,
  CodeActionContext,
  CompletionList,
  Diagnostic,
  DocumentHighlight,
  DocumentSymbol,
  FormattingOptions,
  Hover,
  Location,
  Position,
  Range,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'

/** What is known of a document's language; what one does not know is absent. */
export interface MarkupLanguage {
  validate(document: TextDocument): Promise<Diagnostic[]>
  complete(document: TextDocument, at: Position): Promise<CompletionList | null>
  hover(document: TextDocument, at: Position): Promise<Hover | null>
  symbols(document: TextDocument): DocumentSymbol[]
  format?(document: TextDocument, range: Range | undefined, options: FormattingOptions): TextEdit[]
  definition?(document: TextDocument, at: Position): Location | null
  references?(document: TextDocument, at: Position): Location[]
  highlights?(document: TextDocument, at: Position): DocumentHighlight[]
  rename?(document: TextDocument, at: Position, name: string): WorkspaceEdit | null
  codeActions?(document: TextDocument, range: Range, context: CodeActionContext): CodeAction[]
}
