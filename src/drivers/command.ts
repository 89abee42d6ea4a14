import { spawn } from 'node:child_process'
import { OmegaError } from '../core/errors.ts'

export interface RunOptions {
  cwd?: string
  /** Gives stdout alone; else stdout and stderr as they came. */
  capture?: boolean
}

/**
 * Runs a program to its end without a shell and gives its output. Rejects with BUILD_FAILED, whose detail `log` is the
 * end of the output, when it fails or there is no such program.
 */
export function run(program: string, parameters: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const all: Buffer[] = []
    const out: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => all.push(chunk) && out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => all.push(chunk))
    child.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'is not installed' : `cannot be started (${error.message})`
      reject(new OmegaError('BUILD_FAILED', `${program} ${reason}.`))
    })
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(options.capture ? out : all).toString())
      const log = lastLines(Buffer.concat(all).toString(), 20)
      const last = log.slice(log.lastIndexOf('\n') + 1)
      reject(new OmegaError('BUILD_FAILED', `${program} ended with ${code ?? signal}: ${last}`, { log }))
    })
  })
}

/** The last lines of a log that say something. */
export function lastLines(log: string, count: number): string {
  const lines = log.split(/\r?\n|\r/).filter((line) => line.trim() !== '')
  return lines.slice(-count).join('\n')
}
