import { type FormEvent, useState } from 'react'
import type { Ask } from '../../../core/wire/operations/git.ts'
import { Sheet } from '../../shared/sheet.tsx'
import type { GitPart } from './git-part.ts'
import { useFocused } from './use-focused.ts'

/** A git or ssh program in the sandbox wants to know something. What is typed goes to that program and nowhere else. */
export function AskSheet({ part, ask }: { part: GitPart; ask: Ask }) {
  const [name, setName] = useState(ask.username ?? '')
  const [secret, setSecret] = useState('')
  const [keep, setKeep] = useState(false)
  const first = useFocused<HTMLInputElement>()
  const { connection, notices } = part.workspace
  const answer = (values?: string[]) => {
    part.state.asks.update((asks) => asks.filter((one) => one !== ask))
    notices.attempt(connection.request('git.answer', { ask: ask.ask, keep, ...(values ? { values } : {}) }))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ask.kind === 'password') answer([name, secret])
    else answer([ask.kind === 'host-key' ? 'yes' : secret])
  }
  const title = {
    password: `Sign in to ${ask.address ?? 'the server'}`,
    passphrase: 'Passphrase of the SSH key',
    'host-key': 'Do you trust this server?',
    other: 'A question of ssh',
  }[ask.kind]
  const isPassword = ask.kind === 'password'
  return (
    <Sheet title={title} onClose={() => answer()}>
      <form className="git-form" onSubmit={submit} data-testid="git-ask">
        {ask.again && (
          <p className="bad" role="alert">
            The server did not accept that. Try again.
          </p>
        )}
        {ask.kind === 'host-key' ? (
          <>
            <pre className="git-prompt">{ask.prompt}</pre>
            <p>Compare the fingerprint with the one the server's owner publishes. It is remembered in this sandbox.</p>
          </>
        ) : (
          <p>{ask.prompt}</p>
        )}
        {isPassword && (
          <label>
            Name
            <input
              className="field"
              ref={ask.username === undefined ? first : undefined}
              value={name}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              onChange={(event) => setName(event.target.value)}
            />
          </label>
        )}
        {ask.kind !== 'host-key' && (
          <>
            <label>
              {isPassword ? 'Password or token' : 'Answer'}
              <input
                className="field"
                type="password"
                ref={!isPassword || ask.username !== undefined ? first : undefined}
                value={secret}
                autoComplete="off"
                onChange={(event) => setSecret(event.target.value)}
              />
            </label>
            <label className="check">
              <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
              Keep it in memory until the sandbox stops
            </label>
            <p className="note">
              Other programs in this sandbox can use what you enter. Take a token that is good for this repository only.
            </p>
          </>
        )}
        <div className="choices">
          <button type="button" className="button" onClick={() => answer()}>
            {ask.kind === 'host-key' ? 'Do not trust' : 'Cancel'}
          </button>
          <button type="submit" className="button primary" disabled={isPassword && (name === '' || secret === '')}>
            {ask.kind === 'host-key' ? 'Trust and connect' : isPassword ? 'Sign in' : 'Answer'}
          </button>
        </div>
      </form>
    </Sheet>
  )
}
