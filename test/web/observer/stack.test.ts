import { expect, it } from 'vitest'
import { parseStack } from '../../../src/web/observer/stack.ts'

it.each([
  [
    '    at App (http://x.test/src/App.tsx?t=1:4:9)',
    { name: 'App', url: 'http://x.test/src/App.tsx?t=1', line: 4, column: 9 },
  ],
  ['    at http://x.test/a.js:1:2', { name: '', url: 'http://x.test/a.js', line: 1, column: 2 }],
  [
    '    at eval (webpack-internal:///./src/a.js:12:3)',
    { name: 'eval', url: 'webpack-internal:///./src/a.js', line: 12, column: 3 },
  ],
  ['    at async load (http://x.test/a.js:5:6)', { name: 'async load', url: 'http://x.test/a.js', line: 5, column: 6 }],
  ['render@http://x.test/a.js:7:8', { name: 'render', url: 'http://x.test/a.js', line: 7, column: 8 }],
  ['@http://x.test/a.js:9:1', { name: '', url: 'http://x.test/a.js', line: 9, column: 1 }],
])('%s', (line, frame) => {
  expect(parseStack(`Error: no\n${line}`)).toEqual([frame])
})

it('our own calls are not the page’s, and a stack has an end', () => {
  const own = '    at print (http://x.test/_omega/observer.js?abc:1:1)\n'
  const theirs = '    at f (http://x.test/a.js:1:1)\n'
  expect(parseStack(`Error\n${own}${theirs.repeat(100)}`)).toHaveLength(20)
  expect(parseStack(undefined)).toEqual([])
})
