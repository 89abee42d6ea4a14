import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { walkFiles } from '../files/file-index.ts'
import { FileMark } from '../files/file-mark.tsx'
import { nameOf, parentOf } from '../files/paths.ts'
import { shownKeys } from '../keys/keys.ts'
import { useWorkspace } from '../workspace-context.ts'
import type { PaletteMode } from './command.ts'
import { fuzzyFilter } from './fuzzy.ts'

interface Item {
  id: string
  title: string
  detail: string
  path?: string
  run: () => void
}

const MOST_SHOWN = 60

/** Quick open and the commands: type to narrow, arrows and Enter to choose, Escape to leave. */
export function Palette({ mode }: { mode: PaletteMode }) {
  const workspace = useWorkspace()
  const onClose = () => workspace.palette.set(undefined)
  const dialog = useRef<HTMLDialogElement>(null)
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const files = useProjectFiles(mode === 'files')
  const listId = useId()

  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])

  const items = useMemo((): Item[] => {
    if (mode === 'files') {
      return files.map((path) => ({
        id: path,
        title: nameOf(path),
        detail: parentOf(path),
        path,
        run: () => workspace.openFile(path),
      }))
    }
    return workspace.commands.list
      .get()
      .filter(({ id, when }) => id !== 'palette.commands' && (when === undefined || when()))
      .map((command) => ({
        id: command.id,
        title: command.title,
        detail: shownKeys(workspace.keys.of(command)),
        run: command.run,
      }))
  }, [mode, files, workspace])
  const shown = useMemo(() => fuzzyFilter(items, query, ({ path, title }) => path ?? title, MOST_SHOWN), [items, query])

  const take = (item: Item | undefined) => {
    if (!item) return
    onClose()
    item.run()
  }
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) {
      event.preventDefault()
      const next = (chosen + step + shown.length) % Math.max(1, shown.length)
      setChosen(next)
      document.getElementById(`${listId}-${next}`)?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter') {
      event.preventDefault()
      take(shown[chosen])
    }
  }
  const label = mode === 'files' ? 'Go to file' : 'Commands'
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside it closes it, as Escape does
    <dialog
      ref={dialog}
      className="palette"
      aria-label={label}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <input
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={shown.length > 0 ? `${listId}-${chosen}` : undefined}
        placeholder={mode === 'files' ? 'Type the name of a file' : 'Type a command'}
        value={query}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          setQuery(event.target.value)
          setChosen(0)
        }}
        onKeyDown={press}
      />
      {shown.length === 0 && <div className="none">Nothing is called so.</div>}
      <div className="list" id={listId} role="listbox" aria-label={label}>
        {shown.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the field above has the focus
          <div
            key={item.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerMove={() => setChosen(index)}
            onClick={() => take(item)}
          >
            {item.path !== undefined && <FileMark path={item.path} />}
            <span>{item.title}</span>
            <span className="where">{mode === 'files' && item.detail}</span>
            {mode === 'commands' && <kbd>{item.detail}</kbd>}
          </div>
        ))}
      </div>
    </dialog>
  )
}

/** The project's files: those with a tab first, the others as the walk finds them. */
function useProjectFiles(wanted: boolean): readonly string[] {
  const { connection, tabs } = useWorkspace()
  const [found, setFound] = useState<readonly string[]>([])
  useEffect(() => {
    if (!wanted) return
    let stopped = false
    const list = async (path: string) => (await connection.request('files.list', { path })).entries
    void walkFiles(list, setFound, () => stopped)
    return () => {
      stopped = true
    }
  }, [wanted, connection])
  return useMemo(() => {
    const open = tabs.files
    return [...open, ...found.filter((path) => !open.includes(path))]
  }, [found, tabs])
}
