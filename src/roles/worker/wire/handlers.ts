import type { Operation, Params, Results } from '../../../core/wire/operations.ts'
import type { Services } from '../services.ts'
import type { Page } from './page.ts'

/** Of one request. */
export interface Call {
  page: Page
  services: Services
  /** Runs right behind the answer: what is sent then comes after it. */
  after(action: () => void): void
}

type Run<O extends Operation> = (params: Params<O>, call: Call) => Promise<Results[O]> | Results[O]

export interface Handler<O extends Operation> {
  run: Run<O>
  /** Whether it changes something; then those who may only look are refused. */
  changes: boolean
  /** Whether somebody wants something done: activity. */
  counts: boolean
}

export type Handlers<O extends Operation> = { [Name in O]: Handler<Name> }

/** An operation that changes nothing for anybody but the page that asks. */
export function reads<O extends Operation>(run: Run<O>): Handler<O> {
  return { run, changes: false, counts: false }
}

/** An operation that a person asks for, or a program of theirs. */
export function changes<O extends Operation>(run: Run<O>): Handler<O> {
  return { run, changes: true, counts: true }
}

/** An operation that changes something, but that pages ask for by themselves. */
export function changesUnasked<O extends Operation>(run: Run<O>): Handler<O> {
  return { run, changes: true, counts: false }
}
