import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkGitSource, type GitSource } from '../../../core/git-source.ts'
import type { SetupView } from '../../../core/wire/setup.ts'
import { newContentFolder, replaceContent } from '../../../drivers/project-replace.ts'
import type { SetupRecord } from '../../../drivers/setup-record.ts'
import { removeTree } from '../../../drivers/tree-remove.ts'
import type { Command, Terminal } from '../terminals/terminal.ts'
import type { Terminals } from '../terminals/terminals.ts'

/** A clone that says nothing for this long waits for a person who is not there. */
const SILENT_MS = 5 * 60_000
const LOOK_EVERY_MS = 5_000

/** $1 url, $2 folder, $3 ref or nothing. */
const CLONE = 'git clone --progress -- "$1" "$2" && if [ -n "$3" ]; then git -C "$2" checkout --progress "$3" --; fi'
/** What the repository's app needs to start. */
const INSTALL = 'echo "npm install"; exec npm install --no-fund --no-audit'

/** No local paths, no helpers: neither by the URL, nor by what a server redirects to. */
const guards = { GIT_ALLOW_PROTOCOL: 'http:https:ssh:git' }
/** A new sandbox knows no server's key; the first one it sees is kept. */
const ssh = { GIT_SSH_COMMAND: 'ssh -o StrictHostKeyChecking=accept-new' }

export interface FirstCloneOptions {
  /** The project's folder, an absolute path. */
  root: string
  terminals: Terminals
  record: SetupRecord
  /** Of a terminal's programs. */
  environment: () => Record<string, string>
  now: () => number
}

type Progress = NonNullable<SetupView['git']>

/**
 * The clone a sandbox was asked to begin with: it takes the place of the template's files once it is whole. A terminal
 * shows it and becomes a shell in the end. One that was cut off by the worker's end is begun anew.
 */
export class FirstClone {
  readonly #options: FirstCloneOptions
  #state: Progress | undefined
  #ended: Promise<void> = Promise.resolve()

  constructor(options: FirstCloneOptions) {
    this.#options = options
    const kept = options.record.read()
    // One that was under way is begun anew, or is another sandbox's that this one is a copy of.
    if (kept?.state !== 'running') this.#state = kept
  }

  get view(): SetupView {
    return this.#state ? { git: this.#state } : {}
  }

  /** As `view`, once it is over, or after so many milliseconds. */
  async settled(waitMs: number): Promise<SetupView> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs)
    })
    await Promise.race([this.#ended, late])
    clearTimeout(timer)
    return this.view
  }

  /** Begins, unless it is over. Nobody needs to wait for it. */
  begin(source: GitSource): void {
    if (this.#state) return
    this.#keep({ ...source, state: 'running' })
    this.#ended = this.#run(source)
  }

  async #run(source: GitSource): Promise<void> {
    const { root, terminals, now } = this.#options
    const began = now()
    const terminal = terminals.openWork('git clone')
    let message: string | undefined
    try {
      checkGitSource(source)
      terminals.stopApp()
      const content = await newContentFolder(root)
      // git makes it itself.
      const [url, ref = ''] = [source.url, source.ref]
      const env = { ...ssh, ...this.#options.environment(), ...guards }
      const command = ['sh', '-c', CLONE, 'git-clone', url, join(content, 'project'), ref]
      if ((await this.#work(terminal, { command, cwd: root, env })) === 0) {
        await replaceContent(root, join(content, 'project'))
        await removeTree(content)
        await this.#install(terminal)
      } else {
        await removeTree(content)
        message = failureIn(await terminal.text())
      }
    } catch (error) {
      message = error instanceof Error ? error.message : String(error)
      terminal.say(`\r\nomega: ${message}\r\n`)
    }
    this.#keep({
      ...source,
      ...(message === undefined ? { state: 'done' } : { state: 'failed', message }),
      ms: now() - began,
    })
    await terminals.startApp()
    await terminals.endWork(terminal)
  }

  /** What fails here is on the screen; the files are there all the same. */
  async #install(terminal: Terminal): Promise<void> {
    const { root, environment } = this.#options
    const names = await readdir(root)
    if (!names.includes('package.json') || names.includes('node_modules')) return
    await this.#work(terminal, { command: ['sh', '-c', INSTALL], cwd: root, env: environment() })
  }

  /** Runs a command in the terminal; gives its exit code. */
  async #work(terminal: Terminal, command: Command): Promise<number> {
    let heard = Date.now()
    const stop = terminal.follow(
      () => undefined,
      () => {
        heard = Date.now()
      },
    )
    const timer = setInterval(() => {
      if (Date.now() - heard < SILENT_MS) return
      terminal.say('\r\nfatal: nothing happened for five minutes; it may have waited for a password\r\n')
      terminal.kill()
    }, LOOK_EVERY_MS)
    try {
      await terminal.run(command)
      await terminal.ended()
      return terminal.info.exitCode ?? 1
    } finally {
      clearInterval(timer)
      stop()
    }
  }

  #keep(state: Progress): void {
    this.#state = state
    this.#options.record.write(state)
  }
}

/** What of a terminal's text says why git failed. */
function failureIn(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const told = lines.filter((line) => /^(?:fatal|error|remote|ERROR|ssh)\b.*:/.test(line)).slice(-4)
  return (
    told.length > 0 ? told.join(' ') : (lines.findLast((line) => line !== '') ?? 'It failed without a word.')
  ).slice(0, 1000)
}
