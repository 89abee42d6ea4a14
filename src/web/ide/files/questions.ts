import { Store } from '../../shared/store.ts'

export interface Choice<T extends string> {
  id: T
  title: string
  kind?: 'primary' | 'danger'
}

/** Something only the person can decide. Leaving it is an answer too: undefined. */
export interface Question {
  title: string
  detail: string
  choices: readonly Choice<string>[]
  answer: (choice: string | undefined) => void
}

/** Asks one thing at a time. */
export class Questions {
  readonly now = new Store<Question | undefined>(undefined)
  #turn: Promise<unknown> = Promise.resolve()

  ask<T extends string>(title: string, detail: string, choices: readonly Choice<T>[]): Promise<T | undefined> {
    const asked = this.#turn.then(
      () =>
        new Promise<T | undefined>((resolve) => {
          const answer = (choice: string | undefined) => {
            this.now.set(undefined)
            resolve(choices.find(({ id }) => id === choice)?.id)
          }
          this.now.set({ title, detail, choices, answer })
        }),
    )
    this.#turn = asked
    return asked
  }
}
