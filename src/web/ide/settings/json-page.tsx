import { useEffect, useRef, useState } from 'react'
import { isSettingName, type SettingName, settingRules } from '../../../core/settings.ts'
import { useStore } from '../../shared/use-store.ts'
import { useWorkspace } from '../workspace-context.ts'
import { changedSettings, parseSettings } from './settings-json.ts'

/** What differs from the defaults, as text: what is typed holds as soon as all of it is allowed. */
export function JsonPage() {
  const { settings } = useWorkspace()
  const values = useStore(settings.values)
  const [text, setText] = useState(() => shown(changedSettings(values)))
  const field = useRef<HTMLTextAreaElement>(null)
  const parsed = parseSettings(text)
  const type = (next: string) => {
    setText(next)
    const read = parseSettings(next)
    if ('problem' in read) return
    for (const name of Object.keys(settingRules) as SettingName[]) {
      const wanted = read.values[name]
      if (wanted === undefined) {
        if (!settings.isDefault(name)) settings.reset(name)
      } else if (JSON.stringify(wanted) !== JSON.stringify(settings.values.get()[name])) {
        settings.set(name, wanted as never)
      }
    }
  }
  useEffect(() => {
    // Changed elsewhere: another page, another device.
    if (document.activeElement !== field.current) setText(shown(changedSettings(values)))
  }, [values])
  return (
    <section className="settings json" aria-label="Settings as JSON">
      <p className="whereabouts">
        What differs from the defaults. Possible names: {Object.keys(settingRules).filter(isSettingName).join(', ')}.
      </p>
      <textarea
        ref={field}
        aria-label="Settings as JSON"
        aria-invalid={'problem' in parsed}
        spellCheck={false}
        autoCapitalize="off"
        value={text}
        onChange={(event) => type(event.target.value)}
      />
      <p className="wrong" role="status">
        {'problem' in parsed ? `Not in force yet. ${parsed.problem}` : ''}
      </p>
    </section>
  )
}

function shown(values: object): string {
  return JSON.stringify(values, undefined, 2)
}
