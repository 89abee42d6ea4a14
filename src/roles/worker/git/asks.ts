import { OmegaError } from '../../../core/errors.ts'
import type { Ask } from '../../../core/wire/operations/git.ts'
import { type Answerer, AskSocket, type Question, quoteForShell, type Reply } from '../../../drivers/ask-socket.ts'
import { CredentialMemory, parseCredential, printCredential } from './credential-memory.ts'

const MAX_ASKS = 8
/** A prompt is shown to a person, so it is cut. */
const MAX_PROMPT_CHARS = 2_000

interface Open {
  ask: Ask
  resolve: (answer: { values: string[]; keep: boolean } | undefined) => void
}

const nothing: Reply = { output: '', code: 0 }

/**
 * What git and ssh want to know of a person: asked in the pages that may change things, the first answer counts. It is
 * handed to the program that asked and forgotten, or kept in this process's memory until the sandbox stops.
 */
export class Asks {
  readonly #socket: AskSocket
  readonly #memory = new CredentialMemory()
  /** Who may ask, by the nonce in their environment. */
  readonly #asking = new Map<string, 'page' | 'terminal'>()
  readonly #open = new Map<number, Open>()
  #last = 0
  #terminal: string | undefined
  #onChange: (asks: Ask[]) => void = () => undefined
  #hasAudience: () => boolean = () => false

  constructor() {
    const answer: Answerer = (question, gone) => this.#answer(question, gone)
    this.#socket = new AskSocket(answer)
  }

  onChange(listener: (asks: Ask[]) => void): void {
    this.#onChange = listener
  }

  /** Without an audience there is nobody to ask; a terminal then asks in its own way. */
  audience(hasAudience: () => boolean): void {
    this.#hasAudience = hasAudience
  }

  list(): Ask[] {
    return [...this.#open.values()].map(({ ask }) => ask)
  }

  /** Does nothing when somebody else was faster. Throws INVALID_REQUEST when there is a value too few. */
  answer(ask: number, values: string[] | undefined, keep: boolean): void {
    const open = this.#open.get(ask)
    if (!open) return
    if (values && values.length < (open.ask.kind === 'password' ? 2 : 1)) {
      throw new OmegaError('INVALID_REQUEST', 'A password is asked for with its name; both are needed.')
    }
    open.resolve(values ? { values, keep } : undefined)
  }

  forget(): void {
    this.#memory.clear()
  }

  /** Adds to the environment of terminals, so that git there asks here. */
  forTerminal(environment: Record<string, string>): Record<string, string> {
    if (this.#terminal === undefined) {
      this.#terminal = this.#socket.newNonce()
      this.#asking.set(this.#terminal, 'terminal')
    }
    return this.#extend(environment, this.#terminal)
  }

  /** Does something with an environment in which git and ssh ask here; afterwards its name is worth nothing. */
  async during<T>(environment: Record<string, string>, work: (env: Record<string, string>) => Promise<T>): Promise<T> {
    const nonce = this.#socket.newNonce()
    this.#asking.set(nonce, 'page')
    const { prompt } = this.#socket.programs()
    try {
      return await work({
        ...this.#extend(environment, nonce),
        GIT_ASKPASS: prompt,
        SSH_ASKPASS: prompt,
        SSH_ASKPASS_REQUIRE: 'force',
        // Some versions of ssh ask in a window only where there is one.
        DISPLAY: environment.DISPLAY ?? ':0',
      })
    } finally {
      this.#asking.delete(nonce)
    }
  }

  close(): void {
    for (const { resolve } of this.#open.values()) resolve(undefined)
    this.#memory.clear()
    this.#socket.close()
  }

  /** git-config(1), GIT_CONFIG_COUNT: one more helper, behind those that the person has set up. */
  #extend(environment: Record<string, string>, nonce: string): Record<string, string> {
    const count = Number(environment.GIT_CONFIG_COUNT ?? 0) || 0
    return {
      ...environment,
      GIT_CONFIG_COUNT: String(count + 1),
      [`GIT_CONFIG_KEY_${count}`]: 'credential.helper',
      [`GIT_CONFIG_VALUE_${count}`]: `!${quoteForShell(this.#socket.programs().credential)}`,
      OMEGA_GIT_NONCE: nonce,
    }
  }

  async #answer({ nonce, kind, words, input }: Question, gone: AbortSignal): Promise<Reply> {
    const from = this.#asking.get(nonce)
    if (from === undefined) return { output: '', code: 1 }
    return kind === 'credential' ? this.#credential(words, input, from, gone) : this.#prompt(words, from, nonce, gone)
  }

  /** gitcredentials(7): the helper's protocol. */
  async #credential(action: string, input: string, from: Ask['from'], gone: AbortSignal): Promise<Reply> {
    const asked = parseCredential(input)
    if (!asked) return nothing
    if (action === 'store') this.#memory.confirm(asked)
    if (action === 'erase') this.#memory.refuse(asked)
    if (action !== 'get') return nothing
    const known = this.#memory.get(asked)
    if (known) return { output: printCredential(known), code: 0 }
    const address = `${asked.protocol}://${asked.host}`
    const again = this.#memory.wasRefused(asked) ? ({ again: true } as const) : {}
    const username = asked.username === undefined ? {} : { username: asked.username }
    const prompt = `${from === 'page' ? 'Git' : 'A git command in a terminal'} needs to sign in to ${address}.`
    const answer = await this.#ask({ kind: 'password', from, prompt, address, ...username, ...again }, gone)
    if (!answer) {
      // A terminal may still ask in its own way; for a page that was it.
      return from === 'page' ? { output: 'quit=1\n', code: 0 } : nothing
    }
    const [name = '', password = ''] = answer.values
    const credential = { ...asked, username: name, password }
    if (answer.keep) this.#memory.propose(credential)
    return { output: printCredential(credential), code: 0 }
  }

  /** ssh's questions: a passphrase, a password, whether to trust a server's key. */
  async #prompt(words: string, from: Ask['from'], asker: string, gone: AbortSignal): Promise<Reply> {
    const prompt = words.slice(0, MAX_PROMPT_CHARS).trim()
    const kind = /\(yes\/no(?:\/\[fingerprint\])?\)/.test(prompt)
      ? 'host-key'
      : /passphrase/i.test(prompt)
        ? 'passphrase'
        : 'other'
    const known = kind === 'passphrase' ? this.#memory.passphrase(prompt, asker) : undefined
    if (known !== undefined) return { output: `${known}\n`, code: 0 }
    const answer = await this.#ask({ kind, from, prompt }, gone)
    if (!answer) return { output: '', code: 1 }
    const [value = ''] = answer.values
    if (kind === 'passphrase' && answer.keep) this.#memory.keepPassphrase(prompt, value, asker)
    return { output: `${value}\n`, code: 0 }
  }

  #ask(ask: Omit<Ask, 'ask'>, gone: AbortSignal): Promise<{ values: string[]; keep: boolean } | undefined> {
    if (!this.#hasAudience() || this.#open.size >= MAX_ASKS || gone.aborted) return Promise.resolve(undefined)
    const number = ++this.#last
    return new Promise((resolve) => {
      const settle: Open['resolve'] = (answer) => {
        if (!this.#open.delete(number)) return
        gone.removeEventListener('abort', leave)
        this.#onChange(this.list())
        resolve(answer)
      }
      const leave = () => settle(undefined)
      gone.addEventListener('abort', leave)
      this.#open.set(number, { ask: { ask: number, ...ask }, resolve: settle })
      this.#onChange(this.list())
    })
  }
}
