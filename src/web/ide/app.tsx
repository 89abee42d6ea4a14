import { useStore } from '../shared/use-store.ts'
import { EditorPane } from './editor/editor-pane.tsx'
import { ActivityBar } from './frame/activity-bar.tsx'
import { BottomBar } from './frame/bottom-bar.tsx'
import { PanelArea } from './frame/panel-area.tsx'
import { SideBar } from './frame/side-bar.tsx'
import { SkipLinks } from './frame/skip-links.tsx'
import { Splitter } from './frame/splitter.tsx'
import { StatusBar } from './frame/status-bar.tsx'
import { TitleBar } from './frame/title-bar.tsx'
import { Toasts } from './notices/toasts.tsx'
import { Palette } from './palette/palette.tsx'
import { PreviewPane } from './preview/preview-pane.tsx'
import { useWorkspace } from './workspace-context.ts'

export function App() {
  const workspace = useWorkspace()
  const { hidden, pane } = useStore(workspace.layout.state)

  return (
    <div className="ide" data-pane={pane}>
      <SkipLinks />
      <TitleBar />
      <ActivityBar />
      <SideBar hidden={hidden.includes('side')} />
      <EditorPane />
      <PanelArea hidden={hidden.includes('panel')} />
      <PreviewPane hidden={hidden.includes('preview')} />
      <section className="splitters" aria-label="Sizes of the parts">
        {!hidden.includes('side') && <Splitter part="side" label="Width of the side bar" />}
        {!hidden.includes('panel') && <Splitter part="panel" label="Height of the panel" />}
        {!hidden.includes('preview') && <Splitter part="preview" label="Size of the preview" />}
      </section>
      <StatusBar />
      <BottomBar />
      <Palette />
      <Toasts />
    </div>
  )
}
