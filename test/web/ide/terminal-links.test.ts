import { describe, expect, it } from 'vitest'
import { clipboardRequest, lineCount, pasteable } from '../../../src/web/ide/terminals/clipboard.ts'
import { fileMentions, projectPaths } from '../../../src/web/ide/terminals/link-text.ts'

describe('what output says of files', () => {
  it.each([
    ['src/App.tsx(12,5): error TS2304', 'src/App.tsx', 12, 5],
    ['src/a.ts:3:14 - error', 'src/a.ts', 3, 14],
    ['    at render (/home/coder/project/src/main.js:10:3)', '/home/coder/project/src/main.js', 10, 3],
    ['    at file:///home/coder/project/a.mjs:1:7', '/home/coder/project/a.mjs', 1, 7],
    ['  File "app/main.py", line 42, in <module>', 'app/main.py', 42, undefined],
    ['./lib/x.go:7: undefined: y', './lib/x.go', 7, undefined],
    ['README.md#L20', 'README.md', 20, undefined],
    ['Makefile:12: *** missing separator', 'Makefile', 12, undefined],
    ['app/[slug]/(group)/page.tsx:1:1', 'app/[slug]/(group)/page.tsx', 1, 1],
    ['See docs/guide.md.', 'docs/guide.md', undefined, undefined],
    ['(src/a.ts)', 'src/a.ts', undefined, undefined],
    ["'quoted/näme.ts':9", 'quoted/näme.ts', undefined, undefined],
  ])('%s', (line, path, at, column) => {
    const [found] = fileMentions(line).filter((one) => one.path === path)
    expect(found).toMatchObject({ path })
    expect([found?.line, found?.column]).toEqual([at, column])
    expect(line.slice(found?.index, (found?.index ?? 0) + (found?.length ?? 0))).toContain(path)
  })

  it.each(['http://localhost:5173/', 'took 1.5 s', 'v22.1.0 12:30:01', 'hello world', '----', ''])(
    'is nothing in %j',
    (line) => expect(fileMentions(line)).toEqual([]),
  )

  it('is read in no time, whatever the line', () => {
    const line = '(['.repeat(1_500)
    expect(fileMentions(line)).toEqual([])
    expect(fileMentions('a/b.c '.repeat(500))).toHaveLength(50)
  })
})

it('a mention means a file of the project, seen from the folder of the shell', () => {
  const [folder, root] = ['/home/coder/project/packages/web', '/home/coder/project']
  expect(projectPaths('src/a.ts', folder, root)).toEqual(['packages/web/src/a.ts'])
  expect(projectPaths('../../x.ts', folder, root)).toEqual(['x.ts'])
  expect(projectPaths('/home/coder/project/y.ts', folder, root)).toEqual(['y.ts'])
  expect(projectPaths('b/src/a.ts', folder, root)).toEqual(['packages/web/b/src/a.ts', 'packages/web/src/a.ts'])
  for (const outside of ['/etc/passwd', '../../../up.ts', '/home/coder/projects/z.ts']) {
    expect(projectPaths(outside, folder, root)).toEqual([])
  }
})

describe('the clipboard', () => {
  it('takes what a program puts there, and answers no question', () => {
    expect(clipboardRequest('c;aGVsbG8=')).toBe('hello')
    expect(clipboardRequest(';w6Q=')).toBe('ä')
    for (const nothing of ['c;?', 'c;', 'c;%%%', 'c;/w==', 'x']) expect(clipboardRequest(nothing)).toBeUndefined()
  })

  it('pastes no keys', () => {
    expect(pasteable('a\x1b[201~rm -rf\n\tb\r\n\x03\x7f')).toBe('a[201~rm -rf\n\tb\r\n')
    expect([lineCount('a'), lineCount('a\n'), lineCount('a\r\nb'), lineCount('a\n\nb\n')]).toEqual([1, 1, 2, 3])
  })
})
