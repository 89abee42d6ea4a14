import { useEffect, useRef, useState } from 'react'
import type { TerminalInfo } from '../../../core/wire/operations/terminals.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { PanelTools } from '../frame/panel-tools.tsx'
import type { PanelViewProps } from '../frame/panel-view.ts'
import { whenIdle } from '../frame/when-idle.ts'
import { useWorkspace } from '../workspace-context.ts'
import { KeyBar } from './key-bar.tsx'
import type { TerminalScreen } from './terminal-screen.ts'

/** Begun soon after the page, so that it is there when the first terminal is, and never before the editor. */
const screenModule = whenIdle(1_000).then(() => import('./terminal-screen.ts'))

/** The app's terminal and the shells. */
export function TerminalPane({ shown }: PanelViewProps) {
  const workspace = useWorkspace()
  const { terminals } = workspace
  const { list, active } = useStore(terminals.state)
  return (
    <>
      <PanelTools>
        <div className="tabbar" role="tablist" aria-label="Terminals">
          {list.map((info, index) => (
            <TerminalTab key={info.terminal} info={info} active={info.terminal === active} number={index + 1} />
          ))}
        </div>
        <button
          type="button"
          className="tool"
          aria-label="New terminal"
          title="New terminal (Ctrl+Shift+`)"
          onClick={() => workspace.attempt(terminals.openShell())}
        >
          <Icon name="plus" size={14} />
        </button>
      </PanelTools>
      <div className="screens">
        {list.map(({ terminal }) => (
          <TerminalHost key={terminal} terminal={terminal} shown={shown && terminal === active} />
        ))}
        {list.length === 0 && (
          <div className="empty">
            <button type="button" className="button" onClick={() => workspace.attempt(terminals.openShell())}>
              New terminal
            </button>
          </div>
        )}
      </div>
      <KeyBar />
    </>
  )
}

function TerminalTab({ info, active, number }: { info: TerminalInfo; active: boolean; number: number }) {
  const workspace = useWorkspace()
  const { terminals } = workspace
  const app = info.kind === 'app'
  const title = app ? 'app' : info.title || `shell ${number}`
  const exited = info.exitCode !== undefined
  const close = () => workspace.attempt(terminals.close(info.terminal))
  const select = () => terminals.select(info.terminal)
  return (
    <div
      className={exited ? 'tab exited' : 'tab'}
      role="tab"
      aria-selected={active}
      aria-label={exited ? `${title}, ended with ${info.exitCode}` : title}
      title={exited ? `Ended with ${info.exitCode}` : info.title}
      data-kind={info.kind}
      tabIndex={active ? 0 : -1}
      onClick={select}
      onAuxClick={(event) => event.button === 1 && !app && close()}
      aria-keyshortcuts={app ? undefined : 'Delete'}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') select()
        else if (event.key === 'Delete' && !app) close()
      }}
    >
      <Icon name={app ? 'restart' : 'terminal'} size={13} />
      <span className="label">{title}</span>
      {/* For the mouse: a tab holds no control of its own; a command and the Delete key do the same. */}
      <span
        className="tool"
        aria-hidden="true"
        title={app ? 'Restart the app' : `Close ${title}`}
        onClick={(event) => {
          event.stopPropagation()
          if (app) workspace.attempt(terminals.restartApp())
          else close()
        }}
      >
        <Icon name={app ? 'refresh' : 'close'} size={12} />
      </span>
    </div>
  )
}

/** One terminal's screen, made when it is first shown and kept until the terminal ends. */
function TerminalHost({ terminal, shown }: { terminal: string; shown: boolean }) {
  const { terminals } = useWorkspace()
  const element = useRef<HTMLDivElement>(null)
  const [screen, setScreen] = useState<TerminalScreen>()
  const wanted = useRef(false)
  if (shown) wanted.current = true
  const needed = wanted.current

  useEffect(() => {
    if (!needed) return
    let ended = false
    let end = () => {}
    screenModule.then(({ TerminalScreen }) => {
      if (ended || !element.current) return
      const made = new TerminalScreen(element.current, {
        onInput: (bytes) => terminals.input(terminal, bytes),
        onResize: () => terminals.resized(terminal),
      })
      const stop = terminals.draw(terminal, made)
      end = () => {
        stop()
        made.dispose()
      }
      setScreen(made)
    })
    return () => {
      ended = true
      end()
    }
  }, [terminal, terminals, needed])

  const { focus } = useStore(terminals.state)
  useEffect(() => {
    if (!screen) return
    void screen.show(shown)
    // The editor has the focus when the page opens; a terminal gets it when it is chosen.
    if (focus > 0 && shown && terminals.takeFocus()) screen.focus()
  }, [screen, shown, focus, terminals])

  return <div className="screen" ref={element} hidden={!shown} data-testid="terminal" data-terminal={terminal} />
}
