import { whenIdle } from '../frame/when-idle.ts'
import type { Workspace } from '../workspace.ts'

/** What was pressed so shortly before the sandbox fell asleep was meant for it, and may not have arrived. */
const JUST_NOW_MS = 1_000
const modifiers = ['Shift', 'Control', 'Alt', 'Meta', 'CapsLock', 'AltGraph']

/** A sandbox that sleeps is woken by whoever types, clicks or taps; the rest, told when there is time, is in tell-sleep.tsx. */
export function addSleep(workspace: Workspace): void {
  const { connection } = workspace
  let pressedAt = Number.NEGATIVE_INFINITY
  const press = (event: Event) => {
    if (event instanceof KeyboardEvent && modifiers.includes(event.key)) return
    pressedAt = performance.now()
    // Before whatever the key does, so that this waits for the sandbox.
    connection.wake()
  }
  // Keyboards on glass may tell of input only.
  for (const type of ['keydown', 'pointerdown', 'beforeinput', 'paste', 'drop']) {
    window.addEventListener(type, press, { capture: true, passive: true })
  }
  connection.state.subscribe(() => {
    const state = connection.state.get()
    // One that somebody stopped stays so, whoever types.
    if (state.name !== 'asleep' || state.rest === 'stopped') return
    if (performance.now() - pressedAt < JUST_NOW_MS) connection.wake()
  })
  // It must be here before the sandbox sleeps: nobody could send it then.
  whenIdle(3_000)
    .then(() => import('./tell-sleep.tsx'))
    .then(({ tellSleep }) => tellSleep(workspace))
    .catch(() => undefined)
}
