import type { Port } from '../../../core/wire/operations/ports.ts'
import { copyText } from '../../shared/clipboard.ts'
import type { Workspace } from '../workspace.ts'

/** A port in a tab of its own, signed in. */
export function openInTab(workspace: Workspace, port: number): void {
  // Opened before the address is known: later a browser would take it for a pop-up.
  const tab = window.open('', '_blank')
  workspace.notices.attempt(
    workspace.previews.link(port, 'tab').then(
      (url) => {
        if (!tab) throw new Error('The browser did not open a tab. Allow pop-ups for this page, then try again.')
        tab.opener = null
        tab.location.href = url
      },
      (error: unknown) => {
        tab?.close()
        throw error
      },
    ),
    `Port ${port} could not be opened.`,
  )
}

/** The address of a port, for whoever may see it: it lets nobody in. Undefined before the sandbox is known. */
export function addressOf({ hello }: Workspace, port: number, path: string): string | undefined {
  const sandbox = hello.get()?.sandbox
  if (!sandbox) return undefined
  const own = location.port === '' ? '' : `:${location.port}`
  return `${location.protocol}//${port}-${sandbox.subdomain}.${sandbox.domain}${own}${path}`
}

export function copyAddress(workspace: Workspace, port: number): void {
  const { notices, previews } = workspace
  const address = addressOf(workspace, port, previews.at(port).state.get().path)
  if (address === undefined) return
  notices.attempt(
    copyText(address).then(() => notices.say('Copied. It opens for whoever is signed in to this sandbox.')),
  )
}

/** Shows a port's preview, wherever it is now. */
export function openHere({ previews, layout }: Workspace, port: number): void {
  previews.show(port)
  layout.show('preview')
  layout.showPane('preview')
}

/** Tells that a port began to listen, and what can be done about it. */
export function offerPort(workspace: Workspace, { port, program }: Port): () => void {
  const who = program === undefined ? 'Something' : program
  return workspace.notices.say(`${who} listens on port ${port}.`, {
    actions: [
      { title: 'Open here', run: () => openHere(workspace, port) },
      { title: 'New tab', run: () => openInTab(workspace, port) },
      { title: 'Ignore', run: () => workspace.previews.ignore(port) },
    ],
  })
}

/** The terminal in which what listens, or listened, on a port was started. */
export function showTerminalOf(workspace: Workspace, port: number, terminal: string | undefined): void {
  const { terminals, layout, hello } = workspace
  const { list } = terminals.state.get()
  const isApp = port === hello.get()?.appPort
  const its =
    list.find((one) => one.terminal === terminal) ?? (isApp ? list.find(({ kind }) => kind === 'app') : undefined)
  if (its) terminals.select(its.terminal)
  layout.showPanelView('terminal')
}
