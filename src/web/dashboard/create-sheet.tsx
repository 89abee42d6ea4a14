import { useCallback, useEffect, useRef, useState } from 'react'
import { OmegaError } from '../../core/errors.ts'
import type { Template } from '../../core/template.ts'
import type { CreateProgress } from '../../core/wire/http.ts'
import { Sheet } from '../shared/sheet.tsx'
import { masterApi } from './master-api.ts'
import { duration, newKey, Tick, useElapsed } from './waiting.tsx'

interface CreateSheetProps {
  template: Template
  name: string
  onClose: () => void
}

/** A create under way: its steps with their times, then the IDE, or the reason why not. */
export function CreateSheet({ template, name, onClose }: CreateSheetProps) {
  const [steps, setSteps] = useState<readonly CreateProgress[]>([])
  const [problem, setProblem] = useState<string>()
  const [openUrl, setOpenUrl] = useState<string>()
  const elapsed = useElapsed(problem === undefined && openUrl === undefined)
  const begun = useRef(false)
  const key = useRef(newKey())

  const begin = useCallback(async () => {
    setSteps([])
    setProblem(undefined)
    try {
      const body = name === '' ? { template: template.name } : { template: template.name, name }
      const url = await masterApi.create(body, key.current, (step) => setSteps((before) => [...before, step]))
      setOpenUrl(url)
      location.assign(url)
    } catch (error) {
      // After a lost connection the same key asks for the same sandbox, never for a second one.
      if (!(error instanceof OmegaError && error.code === 'UNREACHABLE')) key.current = newKey()
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }, [template, name])

  useEffect(() => {
    if (begun.current) return
    begun.current = true
    void begin()
  }, [begin])

  return (
    <Sheet title={`${name || template.title}`} onClose={onClose}>
      <ol className="steps" aria-live="polite">
        {steps
          .filter(({ step }) => step !== 'waiting')
          .map((step) => (
            <li key={`${step.step}-${step.ms}`}>
              <Tick />
              <span>{step.message}</span>
              <time>{duration(step.ms)}</time>
            </li>
          ))}
        {problem === undefined && (
          <li>
            {openUrl === undefined ? <i className="tick wait" /> : <Tick />}
            <span>{openUrl === undefined ? waitingFor(steps.at(-1)) : 'Opening the editor'}</span>
            {openUrl === undefined && <time>{duration(elapsed)}</time>}
          </li>
        )}
      </ol>
      {problem !== undefined && (
        <div className="trouble" role="alert">
          <span>{problem}</span>
        </div>
      )}
      <div className="choices">
        {problem === undefined ? (
          openUrl !== undefined && (
            <a className="button primary" href={openUrl}>
              Open it
            </a>
          )
        ) : (
          <>
            <button type="button" className="button" onClick={onClose}>
              Close
            </button>
            <button type="button" className="button primary" onClick={() => void begin()}>
              Try again
            </button>
          </>
        )}
      </div>
    </Sheet>
  )
}

function waitingFor(last: CreateProgress | undefined): string {
  if (!last || last.step === 'retry') return 'Finding a host'
  // Nobody knows how long: what it waits for is said as it changes.
  if (last.step === 'waiting') return `${last.message.charAt(0).toUpperCase()}${last.message.slice(1)}`
  return last.step === 'placed' ? 'Starting the container' : 'Publishing its name'
}
