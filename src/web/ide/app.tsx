import { type CSSProperties, useEffect } from 'react'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/use-store.ts'
import { EditorPane } from './editor/editor-pane.tsx'
import { ActivityBar } from './frame/activity-bar.tsx'
import { BottomBar } from './frame/bottom-bar.tsx'
import { SideBar } from './frame/side-bar.tsx'
import { Splitter } from './frame/splitter.tsx'
import { StatusBar } from './frame/status-bar.tsx'
import { TitleBar } from './frame/title-bar.tsx'
import { pressedCommand } from './palette/command.ts'
import { Palette } from './palette/palette.tsx'
import { PreviewPane } from './preview/preview-pane.tsx'
import { TerminalPane } from './terminals/terminal-pane.tsx'
import { useWorkspace } from './workspace-context.ts'

export function App() {
  const workspace = useWorkspace()
  const { sizes, hidden, pane } = useStore(workspace.layout.state)
  const palette = useStore(workspace.palette)

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const command = pressedCommand(workspace.commands.list.get(), event)
      if (!command) return
      event.preventDefault()
      event.stopPropagation()
      command.run()
    }
    // Before the editor and the terminal, which know some of these keys too.
    window.addEventListener('keydown', press, { capture: true })
    return () => window.removeEventListener('keydown', press, { capture: true })
  }, [workspace])

  const size = (part: keyof typeof sizes) =>
    hidden.includes(part) ? '0px' : sizes[part] > 0 ? `${sizes[part]}px` : undefined
  const style = { '--side': size('side'), '--terminal': size('terminal'), '--preview': size('preview') }
  return (
    <div className="ide" data-pane={pane} style={style as CSSProperties}>
      <TitleBar />
      <ActivityBar />
      <SideBar hidden={hidden.includes('side')} />
      <EditorPane />
      <TerminalPane hidden={hidden.includes('terminal')} />
      <PreviewPane hidden={hidden.includes('preview')} />
      {!hidden.includes('side') && <Splitter part="side" label="Width of the side bar" />}
      {!hidden.includes('terminal') && <Splitter part="terminal" label="Height of the terminal" />}
      {!hidden.includes('preview') && <Splitter part="preview" label="Width of the preview" />}
      <StatusBar />
      <BottomBar />
      {palette && <Palette key={palette} mode={palette} />}
      <Notice />
    </div>
  )
}

function Notice() {
  const { notice } = useWorkspace()
  const text = useStore(notice)
  if (text === undefined) return null
  return (
    <div className="notice" role="alert">
      <span>{text}</span>
      <button type="button" className="tool" aria-label="Dismiss" onClick={() => notice.set(undefined)}>
        <Icon name="close" />
      </button>
    </div>
  )
}
