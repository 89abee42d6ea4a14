/** What a person can do with the terminal they look at, besides typing; there while its screen is drawn. */
export interface TerminalTools {
  focus(): void
  copy(): void
  /** From the clipboard, where the page may read it. */
  paste(): void
  selectAll(): void
  hasSelection(): boolean
  /** Opens the find bar. */
  find(): void
  /** Scrolls to the command before or after what is in sight. */
  goToCommand(step: -1 | 1): void
  /** Selects what the last command wrote. */
  selectOutput(): void
  /** Whether a program has the whole screen, such as an editor. */
  isFullScreen(): boolean
  /** The bytes of a cursor key: its letter is A up, B down, C right, D left. */
  arrow(letter: string): string
}
