import { type FormEvent, useState } from 'react'
import { Logo } from '../shared/icons.tsx'
import type { Fleet } from './fleet.ts'
import { expiredLink, tokenIn } from './sign-in-text.ts'

export function SignIn({ fleet }: { fleet: Fleet }) {
  const [token, setToken] = useState('')
  const [wrong, setWrong] = useState(expiredLink(location.search))
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setWrong(undefined)
    try {
      await fleet.signIn(tokenIn(token))
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <Logo size={40} />
        <h1>Sign in to omega</h1>
        <p>
          Use the link that <code>omega up</code> printed, or run <code>omega login</code> in a terminal, or paste the
          token here.
        </p>
        <label className="hidden-text" htmlFor="token">
          Token
        </label>
        <input
          id="token"
          className="field"
          type="password"
          autoComplete="current-password"
          placeholder="Token"
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-invalid={wrong !== undefined}
        />
        {wrong !== undefined && (
          <p className="wrong" role="alert">
            {wrong}
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy || token.trim() === ''}>
          {busy ? 'Signing in' : 'Sign in'}
        </button>
      </form>
    </main>
  )
}
