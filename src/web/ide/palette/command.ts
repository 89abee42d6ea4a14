/** Everything the page can do by name. */
export interface Command {
  id: string
  title: string
  /** As keys/keys.ts says: `Ctrl+Shift+P`. What a person makes of it is in `workspace.keys`. */
  key?: string
  /** Whether it makes sense now; always, if absent. */
  when?: () => boolean
  /** Its key works in a terminal, too, where Ctrl with a letter and function keys are the program's. */
  inTerminal?: true
  /** Its key counts in the editor only. itself: the editor knows it already. */
  editor?: 'itself' | 'page'
  run: () => void
}
