import { useStore } from '../../shared/use-store.ts'
import type { Connection } from '../wire/connection.ts'
import './sleep.css'

/** Over the page, small, while the sandbox sleeps or wakes up. It takes nothing away: what is shown can be read and edited. */
export function SleepBanner({ connection }: { connection: Connection }) {
  const state = useStore(connection.state)
  if (state.name === 'asleep') {
    const stopped = state.rest === 'stopped'
    return (
      <div className="sleep-banner" role="status" data-testid="asleep" data-rest={state.rest}>
        <span>
          <strong>{stopped ? 'The sandbox is stopped.' : 'The sandbox is asleep.'}</strong>{' '}
          {stopped ? 'Its files are kept. ' : ''}
          {matchMedia('(pointer: coarse)').matches ? 'Tap' : 'Press any key'} to {stopped ? 'start' : 'wake'} it.
        </span>
      </div>
    )
  }
  const waking = 'waking' in state ? state.waking : undefined
  if (!waking) return null
  return (
    <div className="sleep-banner" role="status" data-testid="waking">
      <span className="spinner" />
      <span>{waking === 'stopped' ? 'Starting the sandbox' : 'Waking the sandbox'}. You can go on typing.</span>
    </div>
  )
}
