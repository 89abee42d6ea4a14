import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import { parseGlobs } from '../core/search-globs.ts'
import { MAX_SEARCHED_BYTES } from '../core/wire/operations/search.ts'
import { type RipgrepMatch, readMatch } from './ripgrep-match.ts'
import { patternOf } from './ripgrep-pattern.ts'

export interface TextQuery {
  query: string
  isRegex: boolean
  matchCase: boolean
  wholeWord: boolean
  /** As a person writes them: `*.ts, src`; '' for all. */
  include: string
  exclude: string
  /** Files as well that ignore rules leave out. */
  ignored: boolean
}

/** A run of ripgrep. */
export interface RipgrepRun {
  /** Resolves at the end, also of one that was stopped. Rejects with INVALID_REQUEST, NOT_INSTALLED or INTERNAL. */
  done: Promise<void>
  pause(): void
  resume(): void
  stop(): void
}

/** Of version control and of our own saves: never shown. */
const never = ['.git', '.svn', '.hg', '.jj', '.DS_Store', '.omega-save-*']
/** What no project means by its own files, whatever its ignore rules say. */
const foreign = ['node_modules', 'bower_components', '__pycache__', '.venv']

/** Only what is in the project decides, not the configuration of whoever runs the worker. Errors of single files pass. */
const always = [
  '--no-config',
  '--no-messages',
  '--hidden',
  '--no-require-git',
  '--no-ignore-global',
  '--no-ignore-parent',
]

/** Lines beyond this are of no file a person reads. Bytes of JSON. */
const MAX_LINE_BYTES = 64 * 1024 * 1024
const MAX_STDERR_BYTES = 16 * 1024

/** ripgrep (`rg`) in a project's folder: links are not followed, and what is no file is passed over. */
export class Ripgrep {
  readonly #root: string
  readonly #program: string

  constructor(root: string, program = 'rg') {
    this.#root = root
    this.#program = program
  }

  /** Tells the project's files: bytes of paths in no order, each followed by a NUL. */
  files(ignored: boolean, onBytes: (bytes: Buffer) => void): RipgrepRun {
    return this.#run([...always, ...scopeOf(ignored), '--files', '--null'], onBytes)
  }

  /** Tells the lines that match, a file's one after the other. */
  search(query: TextQuery, onMatch: (match: RipgrepMatch) => void): RipgrepRun {
    const lines = new Lines((line) => {
      const match = readMatch(line)
      if (match) onMatch(match)
    })
    // A ./ tells ripgrep that there is nothing to read from stdin.
    return this.#run([...always, ...scopeOf(query.ignored), ...parametersOf(query), '--', './'], (bytes) =>
      lines.take(bytes),
    )
  }

  #run(parameters: readonly string[], onBytes: (bytes: Buffer) => void): RipgrepRun {
    if (parameters.some((one) => one.includes('\0'))) {
      const refused = new OmegaError('INVALID_REQUEST', 'A search cannot hold a NUL. Remove it.')
      return { done: Promise.reject(refused), pause() {}, resume() {}, stop() {} }
    }
    const child = spawn(this.#program, parameters, { cwd: this.#root, stdio: ['ignore', 'pipe', 'pipe'] })
    let isStopped = false
    const stop = () => {
      isStopped = true
      child.kill('SIGKILL')
      child.stdout.resume()
    }
    child.stdout.on('data', (bytes: Buffer) => {
      if (isStopped) return
      try {
        onBytes(bytes)
      } catch (error) {
        stop()
        child.emit('error', error)
      }
    })
    const done = ended(child).catch((error: unknown) => {
      if (!isStopped || error instanceof OmegaError) throw error
    })
    return { done, stop, pause: () => void child.stdout.pause(), resume: () => void child.stdout.resume() }
  }
}

function ended(child: ChildProcessByStdio<null, Readable, Readable>): Promise<void> {
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < MAX_STDERR_BYTES) said += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? notInstalled() : error))
    child.on('close', (code) => {
      // 1: nothing was found. 2 with nothing said: files that could not be read, which are passed over.
      if (code === 0 || code === 1 || said.trim() === '') resolve()
      else reject(refusalOf(said))
    })
  })
}

function scopeOf(ignored: boolean): string[] {
  const excluded = ignored ? never : [...never, ...foreign]
  return [...(ignored ? ['--no-ignore'] : []), ...excluded.map((name) => `--glob=!${name}`)]
}

function parametersOf({ query, isRegex, matchCase, wholeWord, include, exclude }: TextQuery): string[] {
  const pattern = patternOf(query, isRegex)
  return [
    '--json',
    `--max-filesize=${MAX_SEARCHED_BYTES}`,
    matchCase ? '--case-sensitive' : '--ignore-case',
    ...(wholeWord ? ['--word-regexp'] : []),
    ...(pattern.isMultiline ? ['--multiline'] : []),
    // A look-around takes the other engine, if this ripgrep has it.
    pattern.isRegex ? '--engine=auto' : '--fixed-strings',
    '--crlf',
    ...parseGlobs(include).map((glob) => `--glob=${glob}`),
    ...parseGlobs(exclude).map((glob) => `--glob=!${glob}`),
    `--regexp=${pattern.text}`,
  ]
}

function notInstalled(): OmegaError {
  return new OmegaError(
    'NOT_INSTALLED',
    'Searching needs ripgrep (rg), which this machine does not have. Install it: `sudo apt-get install ripgrep` on Debian and Ubuntu, `brew install ripgrep` on a Mac.',
  )
}

/** What ripgrep said about a pattern or a glob, as a sentence. */
function refusalOf(said: string): OmegaError {
  const glob = /error parsing glob '([\s\S]*?)': ([^\n]+)/.exec(said)
  if (glob) {
    return new OmegaError(
      'INVALID_REQUEST',
      `The pattern ${quote(glob[1] ?? '')} for files is not valid: ${sentence(glob[2])}`,
    )
  }
  const own = /^error: ([^\n]+)/m.exec(said)?.[1]
  const other = /PCRE2: error compiling pattern at offset \d+: ([^\n]+)/.exec(said)?.[1]
  const isUnknownHere = own !== undefined && /not supported/.test(own)
  const reason = (isUnknownHere ? other : undefined) ?? own ?? other
  if (reason !== undefined) {
    return new OmegaError('INVALID_REQUEST', `The regular expression is not valid: ${sentence(reason)}`)
  }
  return new OmegaError('INVALID_REQUEST', `ripgrep refuses to search so: ${sentence(said.trim().split('\n').at(-1))}`)
}

function sentence(text = ''): string {
  return /[.?!)]$/.test(text) ? text : `${text}.`
}

/** Lines out of pieces of bytes. */
class Lines {
  readonly #onLine: (line: Buffer) => void
  #rest: Buffer[] = []
  #restBytes = 0

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine
  }

  take(bytes: Buffer): void {
    let at = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
      const piece = bytes.subarray(at, end)
      this.#onLine(this.#rest.length === 0 ? piece : Buffer.concat([...this.#rest, piece]))
      this.#rest = []
      this.#restBytes = 0
      at = end + 1
    }
    if (at === bytes.length) return
    this.#rest.push(bytes.subarray(at))
    this.#restBytes += bytes.length - at
    if (this.#restBytes > MAX_LINE_BYTES) throw new OmegaError('TOO_LARGE', 'A line is too long to be searched.')
  }
}
