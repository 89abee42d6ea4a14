import { Store } from '../../shared/store.ts'
import type { Workspace } from '../workspace.ts'
import { devices } from './device.ts'
import { copyAddress, offerPort, openInTab } from './open-port.ts'
import type { Preview } from './preview.ts'
import { readMessage } from './read-observed.ts'

/** Previews of the sandbox's ports: their commands, the list of ports, and what their pages tell. */
export function addPreview(workspace: Workspace): void {
  const { commands, panelViews, connection, layout, previews } = workspace
  const shown = () => previews.active !== undefined
  const on = (run: (preview: Preview) => void) => () => {
    const { active } = previews
    if (active) run(active)
  }
  const show = () => {
    layout.show('preview')
    layout.showPane('preview')
  }
  commands.add(
    {
      id: 'preview.toggle',
      title: 'Show or hide the preview',
      key: 'Ctrl+Alt+P',
      run: () => layout.toggle('preview'),
    },
    { id: 'preview.reload', title: 'Preview: reload', when: shown, run: on((preview) => preview.reload()) },
    {
      id: 'preview.reloadFresh',
      title: 'Preview: reload without the cache',
      when: shown,
      run: on((preview) => preview.reloadFresh()),
    },
    { id: 'preview.back', title: 'Preview: back', when: shown, run: on((preview) => preview.back()) },
    { id: 'preview.forward', title: 'Preview: forward', when: shown, run: on((preview) => preview.forward()) },
    {
      id: 'preview.console',
      title: 'Preview: show or hide the console of the page',
      when: shown,
      run: () => {
        show()
        previews.change({ console: !previews.look.get().console })
      },
    },
    {
      id: 'preview.device',
      title: "Preview: show on a device's screen, or in the whole pane",
      when: shown,
      run: () => {
        show()
        previews.resize(previews.look.get().screen ? undefined : devices[1]?.size)
      },
    },
    {
      id: 'preview.tab',
      title: 'Preview: open in a new tab',
      when: shown,
      run: on(({ port }) => openInTab(workspace, port)),
    },
    {
      id: 'preview.copy',
      title: 'Preview: copy the address',
      when: shown,
      run: on(({ port }) => copyAddress(workspace, port)),
    },
  )

  previews.offer = (port) => offerPort(workspace, port)
  const count = new Store('')
  previews.state.subscribe(() => count.set(String(previews.state.get().ports.length || '')))
  panelViews.add({
    id: 'ports',
    title: 'Ports',
    badge: count,
    load: () => import('./ports-view.tsx').then(({ PortsView }) => PortsView),
  })

  connection.on('ports.changed', ({ ports }) => previews.portsChanged(ports))
  connection.on('preview.unwatched', ({ port, reason }) => {
    if (previews.state.get().open.includes(port)) previews.at(port).unwatched(reason)
  })
  window.addEventListener('message', ({ data, origin, source }: MessageEvent<unknown>) => {
    const message = readMessage(data)
    const frame = frameOf(source)
    if (!message || !frame) return
    for (const port of previews.state.get().open) {
      const preview = previews.at(port)
      if (preview.knows(origin, message.key, frame)) preview.receive(message.observed)
    }
  })
}

/** The window of the frame of ours that a window is in. */
function frameOf(source: MessageEventSource | null): Window | undefined {
  if (!source || !('parent' in source)) return undefined
  let at: Window = source
  while (at.parent !== window && at.parent !== at) at = at.parent
  return at.parent === window ? at : undefined
}
