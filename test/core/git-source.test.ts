import { describe, expect, it } from 'vitest'
import { checkGitSource } from '../../src/core/git-source.ts'

describe('where a sandbox is cloned from', () => {
  it.each([
    'https://github.com/a/b.git',
    'http://10.0.0.5:3000/a/b',
    'ssh://git@host.example:2222/~/x.git',
    'git://host/x',
    'git@github.com:a/b.git',
    'https://[2001:db8::1]/x',
  ])('%s is allowed', (url) => {
    expect(() => checkGitSource({ url })).not.toThrow()
  })

  it.each([
    '',
    '--upload-pack=touch /tmp/x',
    'file:///etc',
    '/etc',
    '../x',
    'ext::sh -c id',
    'https://-oProxyCommand=x/y',
    'ssh://-oProxyCommand=x/y',
    'git@-oProxyCommand=x:y',
    '-x@host:y',
    'host::helper',
    'git@host::x',
    'git@host:-x',
    'https://host/a b',
    'https://host',
    'ftp://host/x',
    'https://me:secret@host/x',
  ])('%j is refused', (url) => {
    expect(() => checkGitSource({ url })).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
  })

  it('takes branches, tags and commits, and no options', () => {
    const url = 'https://host/x'
    for (const ref of ['main', 'v1.0', 'feature/a-b', '0a1b2c3d', 'überall']) {
      expect(() => checkGitSource({ url, ref })).not.toThrow()
    }
    for (const ref of ['', '-b', '--orphan', 'a b', 'a..b', 'a~1', 'a:b', 'a\n', '@{u}', '/a']) {
      expect(() => checkGitSource({ url, ref })).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
    }
  })
})
