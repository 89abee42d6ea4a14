import { lstat, mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { OmegaError } from '../core/errors.ts'
import { quote } from '../core/names.ts'
import { runProgram } from './git.ts'

/** The keys ssh tries by itself, the one made here first. */
const names = ['id_ed25519', 'id_ecdsa', 'id_rsa']

/** Where a key is, or would be, and its public half if it is there. */
export async function readSshKey(home: string): Promise<{ file: string; publicKey?: string }> {
  for (const name of names) {
    const file = join(home, '.ssh', name)
    const publicKey = await readFile(`${file}.pub`, 'utf8').catch(() => undefined)
    if (publicKey !== undefined) return { file, publicKey: publicKey.slice(0, 10_000).trim() }
  }
  return { file: join(home, '.ssh', 'id_ed25519') }
}

/** Makes an Ed25519 key without a passphrase. Throws FILE_EXISTS rather than replace one. */
export async function makeSshKey(
  home: string,
  comment: string,
  env: Record<string, string>,
): Promise<{ file: string; publicKey: string }> {
  const file = join(home, '.ssh', 'id_ed25519')
  for (const there of [file, `${file}.pub`]) {
    if (await lstat(there).catch(() => undefined)) {
      throw new OmegaError('FILE_EXISTS', `There is ${quote(there)} already. It is not replaced.`)
    }
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const words = ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]
  const { code, stderr } = await runProgram('ssh-keygen', words, { cwd: home, env })
  if (code !== 0) throw new OmegaError('CONFLICT', `ssh-keygen could not make a key: ${stderr.trim().slice(-300)}`)
  return { file, publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() }
}
