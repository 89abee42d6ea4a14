import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface DigReply {
  status: string
  flags: string[]
  question: string[]
  answer: string[]
  authority: string[]
  additional: string[]
  /** The line of the OPT pseudo-record, if there was one. */
  opt: string | undefined
  text: string
}

/** Asks with dig; records come as lines with single spaces. `short` arguments first, as dig wants them. */
export async function dig(port: number, ...args: string[]): Promise<DigReply> {
  const always = ['@127.0.0.1', '-p', String(port), '+norec', '+nocookie', '+time=2', '+tries=1', '+qr']
  const { stdout } = await run('dig', [...always, '+noqr', ...args], { maxBuffer: 10_000_000 })
  return parse(stdout)
}

/** As `dig`, for what dig calls a failure. */
export async function digFails(port: number, ...args: string[]): Promise<string> {
  const always = ['@127.0.0.1', '-p', String(port), '+time=1', '+tries=1']
  return run('dig', [...always, ...args]).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? '',
  )
}

function parse(text: string): DigReply {
  const section = (name: string) => {
    const found = new RegExp(`;; ${name}[^\n]*SECTION:\n((?:[^\n]+\n)*)`).exec(text)?.[1] ?? ''
    return found
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/\s+/g, ' '))
  }
  return {
    status: /status: (\w+)/.exec(text)?.[1] ?? '',
    flags: (/;; flags: ([^;]*);/.exec(text)?.[1] ?? '').trim().split(' '),
    question: section('QUESTION'),
    answer: section('ANSWER'),
    authority: section('AUTHORITY'),
    additional: section('ADDITIONAL'),
    opt: /^; EDNS: .*$/m.exec(text)?.[0],
    text,
  }
}
