import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One line each way. */
const MAX_QUESTION_BYTES = 64 * 1024
/** For a question to arrive. */
const QUESTION_MS = 5_000
const MAX_CONNECTIONS = 32

/** What a helper program wants: its two words and what it read from its input. */
export interface Question {
  nonce: string
  kind: 'credential' | 'prompt'
  /** `get`, `store` or `erase` for a credential; for a prompt its text. */
  words: string
  input: string
}

export interface Reply {
  output: string
  /** Exit code of the helper. */
  code: number
}

/** `gone` is aborted when the program does not wait any more. */
export type Answerer = (question: Question, gone: AbortSignal) => Promise<Reply>

/**
 * A socket of the file system that only its user can open, and two small programs beside it, which git and ssh run to
 * ask for what they need to know. The programs hold no secret, and what is answered passes through the socket and their
 * output only: no argument, no environment, no file.
 */
export class AskSocket {
  readonly #answer: Answerer
  #folder: string | undefined
  #server: Server | undefined

  constructor(answer: Answerer) {
    this.#answer = answer
  }

  /** Paths of the programs: git's credential helper, and what prints the answer to a prompt. Opens the socket. */
  programs(): { credential: string; prompt: string } {
    this.#folder ??= this.#open()
    return { credential: join(this.#folder, 'credential'), prompt: join(this.#folder, 'prompt') }
  }

  /** A name for one process and its children, that nobody guesses. */
  newNonce(): string {
    return randomBytes(24).toString('base64url')
  }

  close(): void {
    this.#server?.close()
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  #open(): string {
    // Not in the state directory: the path of a socket has at most 107 bytes.
    const folder = mkdtempSync(join(tmpdir(), 'omega-git-'))
    chmodSync(folder, 0o700)
    const socket = join(folder, 'socket')
    const program = join(folder, 'ask.cjs')
    writeFileSync(program, helper, { mode: 0o600 })
    for (const kind of ['credential', 'prompt']) {
      const words = [process.execPath, program, socket, kind].map(quoteForShell).join(' ')
      // NODE_OPTIONS of a terminal is not for this one.
      writeFileSync(join(folder, kind), `#!/bin/sh\nunset NODE_OPTIONS\nexec ${words} "$@"\n`, { mode: 0o700 })
    }
    const server = createServer((connection) => this.#serve(connection))
    server.maxConnections = MAX_CONNECTIONS
    server.on('error', () => undefined)
    server.listen(socket)
    server.unref()
    this.#server = server
    return folder
  }

  #serve(connection: Socket): void {
    const gone = new AbortController()
    let text = ''
    let asked = false
    const late = setTimeout(() => !asked && connection.destroy(), QUESTION_MS)
    connection.setEncoding('utf8')
    connection.on('error', () => undefined)
    connection.on('close', () => {
      clearTimeout(late)
      gone.abort()
    })
    connection.on('data', (chunk: string) => {
      text += chunk
      if (asked || text.length > MAX_QUESTION_BYTES) {
        connection.destroy()
        return
      }
      if (!text.endsWith('\n')) return
      asked = true
      const question = parseQuestion(text)
      if (!question) {
        connection.destroy()
        return
      }
      this.#answer(question, gone.signal).then(
        (reply) => connection.end(`${JSON.stringify(reply)}\n`),
        () => connection.destroy(),
      )
    })
  }
}

function parseQuestion(text: string): Question | undefined {
  try {
    const { nonce, kind, words, input } = JSON.parse(text) as Record<string, unknown>
    if (kind !== 'credential' && kind !== 'prompt') return undefined
    if (typeof nonce !== 'string' || typeof words !== 'string' || typeof input !== 'string') return undefined
    return { nonce, kind, words, input }
  } catch {
    return undefined
  }
}

export function quoteForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Small, since a push waits for it: plain Node.js, nothing loaded but sockets. */
const helper = `'use strict'
const { argv, env, stdin, stdout } = process
const [socket, kind, ...words] = argv.slice(2)
const ask = (input) => {
  const connection = require('node:net').connect(socket)
  let answer = ''
  connection.setEncoding('utf8')
  connection.on('connect', () => connection.write(JSON.stringify({ nonce: env.OMEGA_GIT_NONCE || '', kind, words: words.join(' '), input }) + '\\n'))
  connection.on('data', (chunk) => { answer += chunk })
  connection.on('error', () => { process.exitCode = 1 })
  connection.on('close', () => {
    if (!answer.endsWith('\\n')) { process.exitCode = 1; return }
    const { output, code } = JSON.parse(answer)
    stdout.write(output)
    process.exitCode = code
  })
}
if (kind === 'prompt') ask('')
else {
  let input = ''
  stdin.setEncoding('utf8')
  stdin.on('data', (chunk) => { input += chunk })
  stdin.on('end', () => ask(input))
}
`
