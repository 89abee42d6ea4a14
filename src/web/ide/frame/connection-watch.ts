import type { Workspace } from '../workspace.ts'

/** Tells what a person should know of the connection beyond its state: the status bar says that. */
export function watchConnection({ connection, hello, notices }: Workspace): void {
  let putAway = () => {}
  connection.state.subscribe(() => {
    const { name } = connection.state.get()
    if (name === 'connected') putAway()
    if (name !== 'signed-out') return
    putAway = notices.say('You are signed out of this sandbox.', {
      kind: 'warning',
      detail: 'Go on typing: it is kept in this browser, and saved once you have signed in again.',
      actions: [{ title: 'Sign in', run: signInAgain }],
      stays: true,
    })
  })

  connection.on('sandbox.renamed', ({ name }) =>
    hello.update((known) => known && { ...known, sandbox: { ...known.sandbox, name } }),
  )

  let first: { startedAt: number; version: string } | undefined
  let latest: { startedAt: number; version: string } | undefined
  hello.subscribe(() => {
    const now = hello.get()
    if (!now) return
    if (first && now.version !== first.version && now.version !== latest?.version) {
      notices.say(`The sandbox runs omega ${now.version} now; this page is of ${first.version}.`, {
        detail: 'Reload it when you like: nothing you typed is lost.',
        actions: [{ title: 'Reload', run: () => location.reload() }],
        stays: true,
      })
    } else if (latest && now.startedAt !== latest.startedAt) {
      notices.say('The sandbox was restarted.', {
        detail: 'Your files are as you left them. What ran in its terminals has ended.',
      })
    }
    first ??= now
    latest = now
  })
}

/** The worker sends who it does not know to the dashboard, which sends them back signed in. */
export function signInAgain(): void {
  location.assign('/')
}
