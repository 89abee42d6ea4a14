import { defineConfig } from 'vitest/config'
import { textModules } from './scripts/text-modules.mjs'
import { preact } from './src/web/preact.mjs'

export default defineConfig({
  test: {
    projects: [
      {
        ...preact,
        plugins: [textModules()],
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // A condition that is waited for comes late on a busy machine.
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        plugins: [textModules()],
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
