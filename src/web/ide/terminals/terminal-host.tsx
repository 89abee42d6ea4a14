import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import { Icon } from '../../shared/icons.tsx'
import { Menu, type MenuPlace } from '../../shared/menu.tsx'
import { useStore } from '../../shared/use-store.ts'
import { whenIdle } from '../frame/when-idle.ts'
import type { Workspace } from '../workspace.ts'
import { useWorkspace } from '../workspace-context.ts'
import { readClipboard } from './clipboard.ts'
import { FindBar } from './find-bar.tsx'
import { PasteSheet } from './paste-sheet.tsx'
import { screenMenu } from './terminal-menu.ts'
import type { TerminalScreen } from './terminal-screen.ts'
import { titleOf } from './terminal-title.ts'
import type { TerminalTools } from './terminal-tools.ts'
import type { Size } from './terminals.ts'

/** Begun soon after the page, so that it is there when the first terminal is, and never before the editor. */
const screenModule = whenIdle(1_000).then(() => import('./terminal-screen.ts'))

interface HostProps {
  info: TerminalInfo
  shown: boolean
  /** One of several beside one another. */
  beside: boolean
  /** Its part of the room. */
  share: number
}

/** One terminal's screen, made when it is first shown and kept until the terminal ends. */
export function TerminalHost({ info, shown, beside, share }: HostProps) {
  const workspace = useWorkspace()
  const { terminals, settings } = workspace
  const { terminal } = info
  const element = useRef<HTMLDivElement>(null)
  const { screen, limit, back, finding, paste, end } = useScreen(workspace, info, element, shown)
  const [menu, setMenu] = useState<MenuPlace>()
  const closeMenu = useCallback(() => setMenu(undefined), [])

  const { focus, active } = useStore(terminals.state)
  useEffect(() => {
    if (!screen) return
    void screen.show(shown)
    // The editor has the focus when the page opens; a terminal gets it when it is chosen.
    if (focus > 0 && shown && active === terminal && terminals.takeFocus()) screen.focus()
  }, [screen, shown, focus, active, terminal, terminals])

  const values = useStore(settings.values)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the screen reads them itself
  useEffect(() => screen?.applySettings(), [screen, values])

  return (
    <div
      className="terminal-slot"
      hidden={!shown}
      style={{ flexGrow: share }}
      data-active={active === terminal ? '' : undefined}
      data-beside={beside ? '' : undefined}
      onFocusCapture={() => active !== terminal && terminals.select(terminal)}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the terminal inside is what one interacts with */}
      <div
        className="screen"
        ref={element}
        data-testid="terminal"
        data-terminal={terminal}
        onContextMenu={(event) => {
          // Shift gives the browser's own; a program that wants the mouse has had it.
          if (event.shiftKey || !screen) return
          event.preventDefault()
          setMenu({ x: event.clientX, y: event.clientY })
        }}
      />
      {finding.asked > 0 && screen && (
        <FindBar search={screen.search} initial={finding.initial} asked={finding.asked} onClose={end} />
      )}
      {limit && (
        <div className="limited" role="status">
          {limit.cols} × {limit.rows}: another page that shows it is smaller
        </div>
      )}
      {back && screen && (
        <button
          type="button"
          className="to-end"
          aria-label="Scroll to the end"
          title="Scroll to the end"
          onClick={() => {
            screen.terminal.scrollToBottom()
            screen.focus()
          }}
        >
          <Icon name="down" size={16} />
        </button>
      )}
      {menu && screen && (
        <Menu label={`Terminal ${titleOf(info)}`} items={screenMenu(workspace, info)} at={menu} onClose={closeMenu} />
      )}
      {paste.text !== undefined && screen && (
        <PasteSheet
          text={paste.text}
          onPaste={(text) => screen.paste(text, true)}
          onNeverAsk={() => workspace.memory.remember({ pastesLines: true })}
          onClose={paste.close}
        />
      )}
    </div>
  )
}

function useScreen(
  workspace: Workspace,
  { terminal, folder }: TerminalInfo,
  element: RefObject<HTMLDivElement | null>,
  shown: boolean,
) {
  const { terminals, settings, connection, memory } = workspace
  const [screen, setScreen] = useState<TerminalScreen>()
  const [limit, setLimit] = useState<Size>()
  const [back, setBack] = useState(false)
  const [finding, setFinding] = useState({ asked: 0, initial: '' })
  const [pasting, setPasting] = useState<string>()
  const folderNow = useRef(folder)
  folderNow.current = folder
  const wanted = useRef(false)
  if (shown) wanted.current = true
  const needed = wanted.current

  useEffect(() => {
    if (!needed) return
    let ended = false
    let end = () => {}
    screenModule.then(({ TerminalScreen }) => {
      if (ended || !element.current) return
      const made: TerminalScreen = new TerminalScreen(element.current, {
        settings: settings.values.get,
        folder: () => folderNow.current,
        root: () => terminals.state.get().list.find(({ kind }) => kind === 'app')?.folder,
        filesIn: async (path, names) => {
          const { entries } = await connection.request('files.look', { path, names: [...names] })
          return entries.filter(({ kind }) => kind === 'file' || kind === 'link').map(({ name }) => name)
        },
        open: (path, place) => workspace.openFile(path, place),
        attempt: (action) => workspace.attempt(action),
        onInput: (bytes) => terminals.input(terminal, bytes),
        onRoom: () => terminals.shown(terminal),
        onLimited: (size) => setLimit((now) => (now?.cols === size?.cols && now?.rows === size?.rows ? now : size)),
        onColors: (colors) => {
          terminals.colors = colors
        },
        onBell: () => terminals.ring(terminal),
        onPasteLines: (text) => {
          if (memory.value.pastesLines) made.paste(text, true)
          else setPasting(text)
        },
        onScrolled: setBack,
      })
      const find = () => setFinding(({ asked }) => ({ asked: asked + 1, initial: made.terminal.getSelection() }))
      terminals.tools.set(terminal, toolsOf(made, find, workspace))
      const stop = terminals.draw(terminal, made)
      end = () => {
        stop()
        terminals.tools.delete(terminal)
        made.dispose()
      }
      setScreen(made)
    })
    return () => {
      ended = true
      end()
    }
  }, [terminal, terminals, needed, workspace, settings, connection, memory, element])

  const closeFind = () => {
    setFinding({ asked: 0, initial: '' })
    screen?.focus()
  }
  const paste = { text: pasting, close: () => setPasting(undefined) }
  return { screen, limit, back, finding, paste, end: closeFind }
}

function toolsOf(screen: TerminalScreen, find: () => void, { notices }: Workspace): TerminalTools {
  const { terminal, commands } = screen
  return {
    focus: () => screen.focus(),
    copy: () => screen.copy(),
    paste: () => {
      void readClipboard().then((text) => {
        if (text !== undefined) screen.paste(text)
        else notices.say('The browser does not let the page read the clipboard. Press Ctrl+V in the terminal.')
        screen.focus()
      })
    },
    selectAll: () => terminal.selectAll(),
    hasSelection: () => terminal.hasSelection(),
    find,
    goToCommand: (step) => void commands.go(step),
    selectOutput: () => commands.selectOutput(),
    isFullScreen: () => terminal.buffer.active.type === 'alternate',
    arrow: (letter) => screen.arrow(letter),
  }
}
