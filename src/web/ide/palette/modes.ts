import type { Workspace } from '../workspace.ts'
import type { Command } from './command.ts'
import { matchWords, parseQuery } from './fuzzy.ts'
import type { PaletteItem, PaletteMode } from './palette-mode.ts'

const MOST_RECENT = 12

/** The modes that need no part of the page: commands and help. */
export function addPaletteModes({ palette, commands, keys, memory }: Workspace): void {
  const remember = (id: string) => {
    const recentCommands = [id, ...memory.value.recentCommands.filter((other) => other !== id)].slice(0, MOST_RECENT)
    memory.remember({ recentCommands })
  }
  const commandMode: PaletteMode = {
    id: 'commands',
    prefix: '>',
    title: 'Commands',
    placeholder: 'Type the name of a command',
    begin: () => ({
      find(text, show) {
        const available = commands.list
          .get()
          .filter(({ when }) => when === undefined || when())
          .map((command) => ({ ...command, key: keys.of(command) }))
        const items = commandItems(available, text, memory.value.recentCommands, remember)
        show({ items, ...(items.length === 0 ? { hint: 'No command is called so.' } : {}) })
      },
    }),
  }
  const helpMode: PaletteMode = {
    id: 'help',
    prefix: '?',
    title: 'What else can be typed here',
    placeholder: 'Choose what to look for',
    begin: () => ({
      find(text, show) {
        const query = parseQuery(text)
        const items = palette.modes.list.get().flatMap(({ id, prefix, title }): PaletteItem[] => {
          if (id === 'help') return []
          const match = matchWords(query, title)
          return match ? [{ id, label: prefix || '...', detail: title, run: () => palette.open(prefix) }] : []
        })
        show({ items })
      },
    }),
  }
  palette.modes.add(commandMode, helpMode)
}

/** Those used last come first, in the order of their use; the others by their titles, or by how well they match. */
export function commandItems(
  commands: readonly Command[],
  text: string,
  recent: readonly string[],
  ran: (id: string) => void,
): PaletteItem[] {
  const query = parseQuery(text)
  const found = commands.flatMap((command) => {
    const match = matchWords(query, command.title)
    const used = recent.indexOf(command.id)
    return match ? [{ command, match, used }] : []
  })
  const sorted = found.sort((a, b) => {
    if (a.used >= 0 || b.used >= 0) {
      if (a.used < 0 || b.used < 0) return a.used < 0 ? 1 : -1
      return a.used - b.used
    }
    return b.match.score - a.match.score || a.command.title.localeCompare(b.command.title)
  })
  const hasRecent = sorted.some(({ used }) => used >= 0)
  return sorted.map(({ command: { id, title, key, run }, match, used }) => ({
    id,
    label: title,
    marks: match.marks,
    ...(key ? { key } : {}),
    ...(hasRecent ? { group: used >= 0 ? 'recently used' : 'other commands' } : {}),
    run: () => {
      ran(id)
      run()
    },
  }))
}
