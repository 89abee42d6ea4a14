import { Registry } from '../../shared/registry.ts'
import { Store } from '../../shared/store.ts'
import { matchWords, parseQuery } from './fuzzy.ts'
import type { PaletteItem, PaletteMode, PaletteSearch } from './palette-mode.ts'

/** What the palette was asked to show. */
export interface PaletteRequest {
  /** In the field at first, with the prefix of the mode. */
  text: string
  /** The only mode: prefixes mean nothing then. */
  only?: PaletteMode
  /** Instead of a list: what is typed is the answer. */
  question?: Question
  /** The key's modifier is held, and its release chooses, as with a switcher of windows. */
  isQuick?: boolean
  /** Nothing was chosen. */
  left?: () => void
}

export interface Choice extends Omit<PaletteItem, 'run' | 'marks' | 'detailMarks'> {}

export interface Question {
  /** Says what is asked for. */
  title: string
  placeholder?: string
  /** In the field, selected. */
  value?: string
  /** Not shown as it is typed. */
  secret?: boolean
  /** Why this is no answer, or undefined. */
  check?: (value: string) => string | undefined
  answer: (value: string) => void
}

/** The palette: parts of the page add modes to it, and ask a person to choose or to type something. */
export class PaletteState {
  readonly modes = new Registry<PaletteMode>()
  readonly shown = new Store<PaletteRequest | undefined>(undefined)
  /** Counts the times its key was pressed again while it was open: each goes to the next item. */
  readonly steps = new Store(0)

  /** `text` begins with the prefix of a mode. Asked again for what is shown, it goes to the next item. */
  open(text = ''): void {
    const shown = this.shown.get()
    if (shown && !shown.only && !shown.question && shown.text === text) this.steps.update((count) => count + 1)
    else this.#show({ text })
  }

  /** A list to go through while the modifier of its key is held; asked for again, it goes to the next item. */
  switch(mode: PaletteMode): void {
    if (this.shown.get()?.only?.id === mode.id) this.steps.update((count) => count + 1)
    else this.#show({ text: '', only: mode, isQuick: true })
  }

  /** The mode that text means, and what is behind its prefix. */
  modeOf(text: string): { mode: PaletteMode | undefined; query: string } {
    const modes = this.modes.list.get()
    const mode = modes.find(({ prefix }) => prefix !== '' && text.startsWith(prefix))
    if (mode) return { mode, query: text.slice(mode.prefix.length) }
    return { mode: modes.find(({ prefix }) => prefix === ''), query: text }
  }

  /** Lets a person choose one of these; undefined when they leave. */
  pick<C extends Choice>(title: string, choices: readonly C[] | Promise<readonly C[]>): Promise<C | undefined> {
    return new Promise((resolve) => {
      const begin = () => pickSearch(choices, resolve)
      const only: PaletteMode = { id: 'pick', prefix: '', title, placeholder: title, begin }
      this.#show({ text: '', only, left: () => resolve(undefined) })
    })
  }

  /** Lets a person type something; undefined when they leave. */
  ask(question: Omit<Question, 'answer'>): Promise<string | undefined> {
    return new Promise((resolve) => {
      const left = () => resolve(undefined)
      this.#show({ text: question.value ?? '', question: { ...question, answer: resolve }, left })
    })
  }

  /** `taken`: something was chosen or answered. */
  close(taken = false): void {
    const request = this.shown.get()
    this.shown.set(undefined)
    if (!taken) request?.left?.()
  }

  #show(request: PaletteRequest): void {
    const former = this.shown.get()
    this.shown.set(request)
    former?.left?.()
  }
}

function pickSearch<C extends Choice>(
  choices: readonly C[] | Promise<readonly C[]>,
  take: (choice: C) => void,
): PaletteSearch {
  let asked = 0
  return {
    find(text, show) {
      const mine = ++asked
      const query = parseQuery(text)
      const give = (all: readonly C[]) => {
        if (mine !== asked) return
        const items = all.flatMap((choice) => {
          const match = matchWords(query, choice.label)
          const inDetail = match ? undefined : matchWords(query, choice.detail ?? '')
          if (!match && !inDetail) return []
          const marks = { ...(match ? { marks: match.marks } : { detailMarks: inDetail?.marks ?? [] }) }
          return [{ item: { ...choice, ...marks, run: () => take(choice) }, score: match?.score ?? 1 }]
        })
        if (query.pieces.length > 0) items.sort((a, b) => b.score - a.score)
        show({ items: items.map(({ item }) => item), ...(items.length === 0 ? { hint: 'Nothing is called so.' } : {}) })
      }
      if (!(choices instanceof Promise)) return give(choices)
      show({ items: [], busy: true })
      choices.then(give, (error: unknown) =>
        show({ items: [], hint: error instanceof Error ? error.message : String(error) }),
      )
    },
  }
}
