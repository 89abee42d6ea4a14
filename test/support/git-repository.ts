import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A repository on the disk as a person at a terminal uses it. */
export class TestRepository {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** With a person who commits, and `main` as its branch. */
  static init(folder: string): TestRepository {
    mkdirSync(folder, { recursive: true })
    const repository = new TestRepository(folder)
    repository.git('init', '-q', '-b', 'main')
    repository.identify()
    return repository
  }

  identify(): void {
    this.git('config', 'user.name', 'Terminal Person')
    this.git('config', 'user.email', 'terminal@example.com')
  }

  git(...words: string[]): string {
    return execFileSync('git', words, {
      cwd: this.folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).replace(/\n$/, '')
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  /** Writes files and commits all there is. */
  commit(message: string, files: Record<string, string> = {}): string {
    for (const [path, text] of Object.entries(files)) this.write(path, text)
    this.git('add', '-A')
    this.git('commit', '-q', '-m', message)
    return this.git('rev-parse', 'HEAD')
  }
}
