import { useEffect, useState } from 'react'

/** A step that is done. */
export function Tick() {
  return (
    <svg className="tick" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
      <path d="M3.5 8.5l3 3 6-7" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/**
 * An Idempotency-Key: 32 hexadecimal digits. Not crypto.randomUUID: that one exists on secure origins only, and a
 * laptop's omega has plain http.
 */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Milliseconds since it began to run. */
export function useElapsed(runs: boolean): number {
  const [elapsed, setElapsed] = useState(0)
  useEffect(() => {
    if (!runs) return
    const since = performance.now()
    setElapsed(0)
    const timer = setInterval(() => setElapsed(performance.now() - since), 100)
    return () => clearInterval(timer)
  }, [runs])
  return elapsed
}
