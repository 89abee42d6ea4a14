import { expect, it } from 'vitest'
import { programName } from '../../src/core/program-name.ts'

it.each([
  ['vite', ['node', '/home/coder/project/node_modules/.bin/vite', '--port', '5173']],
  ['vite', ['/usr/local/bin/node', '/p/node_modules/vite/bin/vite.js']],
  ['@angular/cli', ['node', '/p/node_modules/@angular/cli/bin/ng.js', 'serve']],
  ['server.js', ['node', '--watch', '--watch-preserve-output', 'server.js']],
  ['server.ts', ['node', '--import', 'tsx', 'src/server.ts']],
  ['http.server', ['python3', '-m', 'http.server', '8000']],
  ['app.py', ['/usr/bin/python3', '-u', 'app.py']],
  ['python3', ['python3', '-c', 'import http.server']],
  ['node', ['node']],
  ['next-server', ['next-server (v16.4.6)']],
  ['redis-server', ['redis-server *:6379', '', '']],
  ['dev', ['npm', 'run', 'dev']],
  ['rails', ['ruby', 'bin/rails', 'server']],
  [undefined, []],
  [undefined, ['']],
] as const)('a person calls it %s: %j', (name, words) => {
  expect(programName(words)).toBe(name)
})
