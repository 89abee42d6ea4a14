import { createRoot } from 'react-dom/client'
import type { SleepWarning } from '../../../core/wire/activity.ts'
import type { Workspace } from '../workspace.ts'
import { diskWords } from './disk-words.ts'
import { SleepBanner } from './sleep-banner.tsx'
import { sleepWords } from './sleep-words.ts'

/** Says that the sandbox will sleep, with one click to keep it awake, and that it does; and that its disk fills up. */
export function tellSleep({ connection, hello, notices }: Workspace): void {
  let putAway = () => {}
  const keep = () => notices.attempt(connection.request('keepAwake', {}))
  const warn = (warning: SleepWarning) => {
    putAway()
    const { text, detail, action } = sleepWords(warning, new Date())
    putAway = notices.say(text, { kind: 'warning', detail, actions: [{ title: action, run: keep }], stays: true })
  }
  connection.on('sleep.warned', warn)
  let putDiskAway = () => {}
  connection.on('disk.filling', (report) => {
    putDiskAway()
    const { text, detail } = diskWords(report)
    putDiskAway = notices.say(text, { kind: 'warning', detail, stays: true })
  })
  connection.on('sleep.kept', () => putAway())
  connection.state.subscribe(() => {
    if (connection.state.get().name === 'asleep') putAway()
  })
  let heard: SleepWarning | undefined
  const known = () => {
    const warning = hello.get()?.warning
    if (warning && warning !== heard) warn(warning)
    heard = warning
  }
  hello.subscribe(known)
  known()

  const place = document.createElement('div')
  place.className = 'sleep-place'
  document.body.append(place)
  createRoot(place).render(<SleepBanner connection={connection} />)
}
