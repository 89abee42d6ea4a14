import { type SettingName, type SettingRule, settingProblem, settingRules } from '../../../core/settings.ts'
import { useStore } from '../../shared/use-store.ts'
import { useTyped } from '../../shared/use-typed.ts'
import { viewTab } from '../tabs/tab-view.ts'
import { useWorkspace } from '../workspace-context.ts'
import { settingTexts } from './catalogue.ts'

/** What changes a setting; its label and description are elsewhere: `id` and `id-about`. */
export function SettingControl({ id, name }: { id: string; name: SettingName }) {
  const { settings, tabs } = useWorkspace()
  const value: unknown = useStore(settings.values)[name]
  const rule: SettingRule = settingRules[name]
  const texts = settingTexts[name]
  const set = (next: unknown) => settings.set(name, next as never)
  switch (rule.kind) {
    case 'flag':
      return (
        <input
          id={id}
          type="checkbox"
          role="switch"
          aria-describedby={`${id}-about`}
          checked={value === true}
          aria-checked={value === true}
          onChange={(event) => set(event.target.checked)}
        />
      )
    case 'choice':
      return (
        <select
          id={id}
          className="field"
          aria-describedby={`${id}-about`}
          value={String(value)}
          onChange={(event) => set(event.target.value)}
        >
          {rule.choices.map((choice) => (
            <option key={choice} value={choice}>
              {texts.choices?.[choice] ?? choice}
            </option>
          ))}
        </select>
      )
    case 'keys':
      return (
        <button type="button" className="button" onClick={() => tabs.open(viewTab('settings', 'keys'))}>
          Change them
        </button>
      )
    default:
      return <Typed id={id} name={name} rule={rule} value={value} />
  }
}

/** A number or a text: what is typed holds as soon as it is allowed. */
function Typed({ id, name, rule, value }: { id: string; name: SettingName; rule: SettingRule; value: unknown }) {
  const { settings } = useWorkspace()
  const [typed, setTyped] = useTyped(String(value))
  const isNumber = rule.kind === 'number'
  const texts = settingTexts[name]
  const meaningOf = (text: string): unknown => (isNumber ? (text === '' ? Number.NaN : Number(text)) : text)
  const problem = settingProblem(name, meaningOf(typed))
  const type = (text: string) => {
    setTyped(text)
    if (settingProblem(name, meaningOf(text)) === undefined) settings.set(name, meaningOf(text) as never)
  }
  return (
    <span className="typed">
      <input
        id={id}
        className="field"
        type={isNumber ? 'number' : 'text'}
        {...(isNumber ? { min: rule.least, max: rule.most, step: rule.step } : {})}
        list={texts.suggestions ? `${id}-list` : undefined}
        aria-describedby={`${id}-about ${id}-problem`}
        aria-invalid={problem !== undefined}
        spellCheck={false}
        autoCapitalize="off"
        value={typed}
        onChange={(event) => type(event.target.value)}
        onBlur={() => setTyped(String(value))}
      />
      {texts.unit !== undefined && <span className="unit">{texts.unit}</span>}
      {texts.suggestions && (
        <datalist id={`${id}-list`}>
          {texts.suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
      <span className="wrong" id={`${id}-problem`} role="status">
        {problem !== undefined && `It ${problem}.`}
      </span>
    </span>
  )
}
