import { expect, it } from 'vitest'
import { linkedPath, slugOf } from '../../../src/web/ide/viewers/markdown.ts'

it.each([
  ['docs/a.md', 'b.md', 'docs/b.md'],
  ['docs/a.md', './img/x%20y.png?raw=1#top', 'docs/img/x y.png'],
  ['docs/a.md', '../README.md', 'README.md'],
  ['docs/a.md', '/src/main.ts', 'src/main.ts'],
  ['docs/a.md', '../../etc/passwd', undefined],
  ['a.md', 'https://example.org/x', undefined],
  ['a.md', '//example.org/x', undefined],
  ['a.md', 'javascript:alert(1)', undefined],
  ['a.md', '100%.md', '100%.md'],
  ['a.md', '..', undefined],
])('in %s the link %s leads to %s', (path, href, expected) => {
  expect(linkedPath(path, href)).toBe(expected)
})

it('headings are called as links call them', () => {
  expect(slugOf(' Getting Started: the `first` step! ')).toBe('getting-started-the-first-step')
})
