import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { rolldown } from 'rolldown'
import { textModules } from '../../scripts/text-modules.mjs'

/** Starts a TypeScript program in a process of its own, bundled into `dir`. It may import by absolute path; stdout is piped. */
export async function startProgram(source: string, dir: string): Promise<ChildProcessByStdio<null, Readable, null>> {
  const folder = mkdtempSync(join(dir, 'program-'))
  writeFileSync(join(folder, 'main.ts'), source)
  const bundle = await rolldown({
    input: join(folder, 'main.ts'),
    platform: 'node',
    plugins: [textModules()],
    logLevel: 'warn',
  })
  await bundle.write({ file: join(folder, 'main.mjs'), format: 'esm', codeSplitting: false })
  await bundle.close()
  return spawn(process.execPath, [join(folder, 'main.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] })
}
