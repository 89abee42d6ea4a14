import { useEffect, useState } from 'react'
import type { Template } from '../../core/template.ts'
import { Icon, Logo } from '../shared/icons.tsx'
import { useStore } from '../shared/use-store.ts'
import { CreateSheet } from './create-sheet.tsx'
import type { Fleet } from './fleet.ts'
import { Hosts } from './hosts.tsx'
import { nextPage } from './next-page.ts'
import { Sandboxes } from './sandboxes.tsx'
import { SignIn } from './sign-in.tsx'
import { Templates } from './templates.tsx'
import { ThemeSelect } from './theme-choice.tsx'

export function Dashboard({ fleet }: { fleet: Fleet }) {
  const { session, templates, sandboxes, doing, hosts, scaling, problem } = useStore(fleet.state)
  const [creating, setCreating] = useState<{ template: Template; name: string }>()

  useEffect(() => {
    const next = nextPage(location.search)
    if (session !== 'signed-in' || next === undefined) return
    // Taken out of the address first, so that coming back does not lead away again.
    history.replaceState(null, '', location.pathname)
    location.assign(next)
  }, [session])

  return (
    <>
      <header className="top">
        <div className="inside">
          <Logo size={26} />
          <strong>omega</strong>
          <span className="grow" />
          {session === 'signed-in' && (
            <>
              <ThemeSelect />
              <a className="button" href="/docs">
                API
              </a>
              <button
                type="button"
                className="button"
                aria-label="Sign out"
                onClick={() => void fleet.signOut().catch(() => {})}
              >
                <Icon name="signOut" size={15} />
                <span className="words">Sign out</span>
              </button>
            </>
          )}
        </div>
      </header>
      {session === 'signed-out' ? (
        <SignIn fleet={fleet} />
      ) : (
        <main className="page">
          {problem && (
            <div className="trouble" role="alert">
              <span>{problem}</span>
              <button type="button" className="button" onClick={() => void fleet.look()}>
                Try again
              </button>
            </div>
          )}
          <Templates templates={templates} onCreate={(template, name) => setCreating({ template, name })} />
          <Sandboxes fleet={fleet} sandboxes={sandboxes} doing={doing} templates={templates} />
          <Hosts hosts={hosts} scaling={scaling} />
        </main>
      )}
      {creating && (
        <CreateSheet
          template={creating.template}
          name={creating.name}
          onClose={() => {
            setCreating(undefined)
            void fleet.look()
          }}
        />
      )}
    </>
  )
}
