import { spawn } from 'node:child_process'

export interface FilterOptions {
  cwd: string
  env: Record<string, string>
  /** What it reads. */
  input: string
  limitMs: number
  maxBytes: number
}

/** What a program wrote; `failure` when it could not be started, took too long or wrote too much. */
export interface Filtered {
  code: number | undefined
  stdout: string
  stderr: string
  failure?: string
}

/** Runs a program that turns text into text, with low priority. Never rejects. */
export function filter(command: string[], { cwd, env, input, limitMs, maxBytes }: FilterOptions): Promise<Filtered> {
  return new Promise((resolve) => {
    const child = spawn('nice', ['-n', '5', ...command], { cwd, env, detached: true })
    const out: Buffer[] = []
    const err: Buffer[] = []
    let bytes = 0
    let failure: string | undefined
    const fail = (why: string) => {
      failure ??= why
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    const timer = setTimeout(() => fail(`it took more than ${Math.round(limitMs / 1000)} seconds`), limitMs)
    const take = (chunks: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) fail(`it wrote more than ${maxBytes} bytes`)
      else chunks.push(chunk)
    }
    child.stdout.on('data', take(out))
    child.stderr.on('data', take(err))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    const end = (code: number | null) => {
      clearTimeout(timer)
      resolve({
        code: code ?? undefined,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
        ...(failure === undefined ? {} : { failure }),
      })
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      failure ??= `it cannot be started (${error.code ?? error.message})`
      end(null)
    })
    child.once('close', end)
  })
}
