import { useId, useState } from 'react'
import { isSettingName, type SettingName, settingRules } from '../../../core/settings.ts'
import { Icon } from '../../shared/icons.tsx'
import { useStore } from '../../shared/use-store.ts'
import { viewTab } from '../tabs/tab-view.ts'
import { useWorkspace } from '../workspace-context.ts'
import { settingGroups, settingTexts } from './catalogue.ts'
import { JsonPage } from './json-page.tsx'
import { KeysPage } from './keys-page.tsx'
import { SettingControl } from './setting-control.tsx'
import './settings.css'

/** The tab of the settings; `arg` says which page of it. */
export function SettingsPage({ arg }: { arg: string }) {
  if (arg === 'keys') return <KeysPage />
  if (arg === 'json') return <JsonPage />
  return <AllSettings />
}

function AllSettings() {
  const { tabs } = useWorkspace()
  const [query, setQuery] = useState('')
  const groups = settingGroups
    .map(({ title, names }) => ({ title, names: names.filter((name) => isFound(name, title, query)) }))
    .filter(({ names }) => names.length > 0)
  const count = groups.reduce((sum, { names }) => sum + names.length, 0)
  return (
    <section className="settings" aria-label="Settings">
      <header>
        <input
          className="field"
          type="search"
          aria-label="Search settings"
          placeholder="Search settings"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <span className="hidden-text" role="status">
          {query === '' ? '' : `${count} settings found`}
        </span>
        <button type="button" className="button" onClick={() => tabs.open(viewTab('settings', 'keys'))}>
          <Icon name="keyboard" size={15} />
          Keyboard shortcuts
        </button>
        <button type="button" className="button" onClick={() => tabs.open(viewTab('settings', 'json'))}>
          <Icon name="code" size={15} />
          As JSON
        </button>
      </header>
      <Whereabouts />
      {groups.length === 0 && <p className="none">No setting is called so.</p>}
      {groups.map(({ title, names }) => (
        <div key={title}>
          <h2>{title}</h2>
          {names.map((name) => (
            <Setting key={name} name={name} />
          ))}
        </div>
      ))}
    </section>
  )
}

function isFound(name: SettingName, group: string, query: string): boolean {
  const { title, description, choices } = settingTexts[name]
  const text = [name, group, title, description, ...Object.values(choices ?? {})].join(' ').toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Where the settings are kept. */
function Whereabouts() {
  const { settingsSync, hello } = useWorkspace()
  const state = useStore(settingsSync.state)
  const known = useStore(hello)
  const isGuest = known !== undefined && known.access !== 'owner'
  const words = {
    alone: isGuest
      ? 'These settings are kept in this browser.'
      : 'These settings are kept in this browser only. Open the sandbox from the dashboard to have them everywhere.',
    synced: 'Your settings are the same in all your sandboxes, on every device.',
    telling: 'Your settings are the same in all your sandboxes, in a moment.',
    waiting: 'Kept in this browser. They follow you as soon as the dashboard can be reached.',
    refused: 'Kept in this browser only.',
  }[state.name]
  return (
    <p className="whereabouts" role="status" data-testid="settings-sync" data-state={state.name}>
      {words}
      {state.name === 'refused' && ` ${state.problem}`}{' '}
      {state.name === 'alone' && known?.access === 'owner' && (
        <a href={`${known.masterUrl}/open/${known.sandbox.subdomain}`}>Open it from there</a>
      )}
    </p>
  )
}

function Setting({ name }: { name: SettingName }) {
  const { settings } = useWorkspace()
  useStore(settings.values)
  const id = useId()
  const { title, description } = settingTexts[name]
  const rule = settingRules[name]
  const shown = isSettingName(name) && rule.kind !== 'keys'
  const isFlag = rule.kind === 'flag'
  return (
    <div className="setting" data-setting={name} data-changed={settings.isDefault(name) ? undefined : ''}>
      <div className="about">
        {shown ? <label htmlFor={id}>{title}</label> : <span className="title">{title}</span>}
        {!settings.isDefault(name) && (
          <button type="button" className="reset" onClick={() => settings.reset(name)} title="Back to the default">
            Reset<span className="hidden-text"> {title}</span>
          </button>
        )}
        <span className="description" id={`${id}-about`}>
          {description} <code>{name}</code>
          {!isFlag && rule.kind !== 'keys' && rule.default !== '' && (
            <span className="default"> Default: {defaultOf(name)}.</span>
          )}
        </span>
      </div>
      <SettingControl id={id} name={name} />
    </div>
  )
}

function defaultOf(name: SettingName): string {
  const value = String(settingRules[name].default)
  return settingTexts[name].choices?.[value] ?? value
}
