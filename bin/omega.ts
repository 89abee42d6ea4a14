#!/usr/bin/env node
import module from 'node:module'
import { fileURLToPath } from 'node:url'

// V8's compiled code of earlier starts (Node.js 22.8 or newer): a worker is up in two thirds of the time. What follows
// must be loaded later than this is said.
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown }
enableCompileCache?.(fileURLToPath(new URL('../../.cache/compile', import.meta.url)))

// Whoever reads may have had enough (`omega sandbox list | head -1`); that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const { run } = await import('../src/cli/index.ts')
process.exitCode = await run(process.argv)
