import { Store } from '../../shared/store.ts'
import type { PaletteState } from '../palette/palette-state.ts'

/** One of a list to choose from. */
export interface Choice<T> {
  id: string
  title: string
  detail?: string
  /** A heading that comes before it. */
  group?: string
  value: T
}

export interface Field {
  id: string
  label: string
  value?: string
  placeholder?: string
  secret?: boolean
  optional?: boolean
}

export interface FormOptions {
  title: string
  detail?: string
  fields: readonly Field[]
  action: string
}

export interface ConfirmOptions {
  title: string
  detail: string
  /** What the buttons say; the first one is what one most likely wants. */
  actions: readonly { id: string; title: string; danger?: boolean }[]
}

export type Dialog =
  | { kind: 'form'; options: FormOptions; done: (values: Record<string, string> | undefined) => void }
  | { kind: 'confirm'; options: ConfirmOptions; done: (action: string | undefined) => void }
  | { kind: 'text'; options: { title: string; detail: string; text: string }; done: (value: undefined) => void }

/** What a person is asked by git's commands, one thing at a time; each resolves to undefined when it is left. */
export class Dialogs {
  readonly open = new Store<Dialog | undefined>(undefined)
  readonly #palette: PaletteState

  constructor(palette: PaletteState) {
    this.#palette = palette
  }

  /** By the palette. */
  async pick<T>(title: string, choices: readonly Choice<T>[]): Promise<T | undefined> {
    const lines = choices.map(({ id, title: label, detail, group, value }) => ({
      id,
      label,
      value,
      ...(detail ? { detail } : {}),
      ...(group ? { group } : {}),
    }))
    return (await this.#palette.pick(title, lines))?.value
  }

  form(options: FormOptions): Promise<Record<string, string> | undefined> {
    return this.#ask<Record<string, string>>((done) => ({ kind: 'form', options, done }))
  }

  confirm(options: ConfirmOptions): Promise<string | undefined> {
    return this.#ask<string>((done) => ({ kind: 'confirm', options, done }))
  }

  /** Shows a text to be read or copied. */
  async show(title: string, detail: string, text: string): Promise<void> {
    await this.#ask<undefined>((done) => ({ kind: 'text', options: { title, detail, text }, done }))
  }

  #ask<T>(make: (done: (value: T | undefined) => void) => Dialog): Promise<T | undefined> {
    // Another question takes the place of one that was not answered.
    ;(this.open.get()?.done as ((value: undefined) => void) | undefined)?.(undefined)
    return new Promise((resolve) => {
      const dialog: Dialog = make((value) => {
        if (this.open.get() === dialog) this.open.set(undefined)
        resolve(value)
      })
      this.open.set(dialog)
    })
  }
}
