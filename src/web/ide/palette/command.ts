/** Everything the page can do by name. */
export interface Command {
  id: string
  title: string
  /** As shown: `Ctrl+Shift+P`; Ctrl is also the Mac's command key. Several are separated by a space. */
  key?: string
  /** Whether it makes sense now; always, if absent. */
  when?: () => boolean
  run: () => void
}

/** What the palette lists. */
export type PaletteMode = 'files' | 'commands'

/** The command a key event stands for. */
export function pressedCommand(commands: readonly Command[], event: KeyboardEvent): Command | undefined {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && !/^F\d+$/.test(event.key)) return undefined
  return commands.find(
    ({ key, when }) => key?.split(' ').some((one) => matches(one, event)) === true && (when === undefined || when()),
  )
}

function matches(shown: string, event: KeyboardEvent): boolean {
  const parts = shown.split('+')
  const key = parts.at(-1) ?? ''
  const modifiers =
    (event.ctrlKey || event.metaKey) === parts.includes('Ctrl') &&
    event.shiftKey === parts.includes('Shift') &&
    event.altKey === parts.includes('Alt')
  const code = key === '`' ? 'Backquote' : /^[A-Z]$/.test(key) ? `Key${key}` : key
  return modifiers && (event.code === code || event.key.toLowerCase() === key.toLowerCase())
}
