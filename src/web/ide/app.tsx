import { type CSSProperties, useEffect, useState } from 'react'
import { Icon } from '../shared/icons.tsx'
import { useStore } from '../shared/use-store.ts'
import { EditorPane } from './editor/editor-pane.tsx'
import { FilesPane } from './files/files-pane.tsx'
import { BottomBar } from './frame/bottom-bar.tsx'
import { Splitter } from './frame/splitter.tsx'
import { StatusBar } from './frame/status-bar.tsx'
import { TitleBar } from './frame/title-bar.tsx'
import { commandsOf, type PaletteMode, pressedCommand } from './palette/commands.ts'
import { Palette } from './palette/palette.tsx'
import { PreviewPane } from './preview/preview-pane.tsx'
import { TerminalPane } from './terminals/terminal-pane.tsx'
import { useWorkspace } from './workspace-context.ts'

export function App() {
  const workspace = useWorkspace()
  const { sizes, hidden, pane } = useStore(workspace.layout.state)
  const [palette, setPalette] = useState<PaletteMode | undefined>()

  useEffect(() => {
    const commands = commandsOf(workspace, setPalette)
    const press = (event: KeyboardEvent) => {
      const command = pressedCommand(commands, event)
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
      <TitleBar onPalette={setPalette} />
      <FilesPane hidden={hidden.includes('side')} />
      <EditorPane />
      <TerminalPane hidden={hidden.includes('terminal')} />
      <PreviewPane hidden={hidden.includes('preview')} />
      {!hidden.includes('side') && <Splitter part="side" label="Width of the files" />}
      {!hidden.includes('terminal') && <Splitter part="terminal" label="Height of the terminal" />}
      {!hidden.includes('preview') && <Splitter part="preview" label="Width of the preview" />}
      <StatusBar />
      <BottomBar />
      {palette && <Palette mode={palette} onClose={() => setPalette(undefined)} onMode={setPalette} />}
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
