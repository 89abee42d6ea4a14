import { useState } from 'react'
import type { Template } from '../../core/template.ts'
import { NameInput } from './name-input.tsx'
import { TemplateMark } from './template-mark.tsx'

interface TemplatesProps {
  templates: readonly Template[] | undefined
  onCreate: (template: Template, name: string) => void
}

/** A click makes a sandbox. */
export function Templates({ templates, onCreate }: TemplatesProps) {
  const [name, setName] = useState('')
  return (
    <section aria-labelledby="new-sandbox">
      <header>
        <h1 id="new-sandbox">New sandbox</h1>
        <span className="hint">Choose what to start from.</span>
        <span className="grow" />
        <NameInput
          name={name}
          onName={setName}
          label="Name of the new sandbox (optional)"
          placeholder="Name (optional)"
        />
      </header>
      <div className="cards">
        {!templates && ['a', 'b', 'c', 'd', 'e'].map((ghost) => <div key={ghost} className="card ghost" />)}
        {templates?.map((template) => (
          <button
            key={template.name}
            type="button"
            className="card"
            data-template={template.name}
            onClick={() => onCreate(template, name.trim())}
          >
            <TemplateMark icon={template.icon} />
            <span className="title">{template.title}</span>
            <span className="what">{template.description}</span>
          </button>
        ))}
      </div>
      {templates?.length === 0 && (
        <div className="list nothing">
          <strong>No templates</strong>
          omega was started without any. Run <code>omega template build</code> on the master's machine.
        </div>
      )}
    </section>
  )
}
