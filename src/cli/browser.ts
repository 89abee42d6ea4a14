import { spawn } from 'node:child_process'
import { say } from './output.ts'

/** Opens a URL in the person's browser, and prints it where there is none. */
export function openInBrowser(url: string): void {
  const [program, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  const child = spawn(program ?? 'xdg-open', [...before, url], { stdio: 'ignore', detached: true })
  child.on('error', () =>
    say(`No browser could be started here. Open this yourself (once, within 10 minutes):\n  ${url}`),
  )
  child.unref()
}
