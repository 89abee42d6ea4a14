import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { features } from './features.ts'
import { takeCredential } from './settings/master-settings.ts'
import { Workspace } from './workspace.ts'
import { WorkspaceContext } from './workspace-context.ts'

takeCredential()
const workspace = new Workspace()
workspace.start(features)

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <WorkspaceContext value={workspace}>
      <App />
    </WorkspaceContext>,
  )
}
