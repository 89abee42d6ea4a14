import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import integration from './shell-integration.sh'

export interface ShellOptions {
  /** Where the shell begins, if it is there still; else `otherwise`. */
  folder: string
  otherwise: string
  env: Record<string, string>
  /** Holds what the shell reads first. */
  stateDir: string
}

/**
 * An interactive bash that tells its terminal what it does. Not a login shell: Debian's /etc/profile would replace the
 * image's PATH.
 */
export function shellCommand({ folder, otherwise, env, stateDir }: ShellOptions) {
  return {
    command: ['bash', '--rcfile', integrationFile(stateDir), '-i'],
    cwd: isFolder(folder) ? folder : otherwise,
    env,
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Written anew when this version's is another. */
function integrationFile(stateDir: string): string {
  const file = join(stateDir, 'shell-integration.sh')
  try {
    if (readFileSync(file, 'utf8') === integration) return file
  } catch {
    // The first shell.
  }
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  writeFileSync(file, integration)
  return file
}
