import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gitFailure, isLocked, withoutPassword } from '../../../../src/roles/worker/git/failure.ts'
import { parseBranches, parseLog, parseNameStatus } from '../../../../src/roles/worker/git/history.ts'
import { parseProgress } from '../../../../src/roles/worker/git/jobs.ts'
import { parseStatus } from '../../../../src/roles/worker/git/status.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const oid = 'a'.repeat(40)
/** Whatever a file may be called: anything but NUL, and a slash separates. */
const name = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 30 })
  .filter(
    (text) => !text.includes('\0') && !text.startsWith('/') && !text.endsWith('/') && !/\p{Surrogate}/u.test(text),
  )
const letter = fc.constantFrom('M', 'A', 'D', 'T', '.')

describe('git status --porcelain=v2 -z', () => {
  it('says where we are', () => {
    const output = `# branch.oid ${oid}\0# branch.head topic/a b\0# branch.upstream origin/main\0# branch.ab +2 -3\0# stash 4\0`
    expect(parseStatus(bytes(output), '', false)).toEqual({
      commit: oid,
      branch: 'topic/a b',
      upstream: 'origin/main',
      ahead: 2,
      behind: 3,
      stashes: 4,
      changes: [],
    })
    const unborn = parseStatus(bytes('# branch.oid (initial)\0# branch.head (detached)\0'), '', false)
    expect(unborn).toEqual({ ahead: 0, behind: 0, stashes: 0, changes: [] })
  })

  it('any name comes out as it went in', () => {
    const change = fc.record({
      path: name,
      from: fc.option(name),
      x: letter,
      y: letter,
      kind: fc.constantFrom('1', 'u', '?'),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.constantFrom('', 'sub', 'a/b'), (changes, prefix) => {
        const output = changes
          .map(({ path, from, x, y, kind }) => {
            if (kind === '?') return `? ${path}\0`
            if (kind === 'u') return `u UU N... 100644 100644 100644 100644 ${oid} ${oid} ${oid} ${path}\0`
            const facts = `${x}${y} N... 100644 100644 100644 ${oid} ${oid}`
            return from === null ? `1 ${facts} ${path}\0` : `2 ${facts} R100 ${path}\0${from}\0`
          })
          .join('')
        const found = parseStatus(bytes(output), prefix, false)
        const at = (path: string) => (prefix === '' ? path : `${prefix}/${path}`)
        expect(found.changes.map(({ path }) => path)).toEqual(changes.map(({ path }) => at(path)))
        expect(found.changes.map(({ from }) => from ?? null)).toEqual(
          changes.map(({ from, kind }) => (kind === '1' && from !== null ? at(from) : null)),
        )
        expect(found.changes.some(({ unnamable }) => unnamable)).toBe(false)
      }),
    )
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, cut) => {
        parseStatus(noise, '', cut)
        parseLog(noise, '')
        parseNameStatus(noise, '')
        parseBranches(new TextDecoder().decode(noise))
      }),
    )
  })

  it('a name that is no UTF-8 is shown and marked; what was cut off is left out', () => {
    const odd = new Uint8Array([...bytes('? caf'), 0xe9, 0, ...bytes('? whole\0? hal')])
    const { changes, truncated } = parseStatus(odd, '', true)
    expect(changes).toEqual([
      { path: 'caf\ufffd', index: '.', worktree: '?', unnamable: true },
      { path: 'whole', index: '.', worktree: '?' },
    ])
    expect(truncated).toBe(true)
  })
})

describe('git log -z', () => {
  const fields = (subject: string, refs = '') =>
    [oid, 'b c', 'Ann', 'ann@example.com', '1700000000', subject, refs].join('\0')

  it('any subject comes out as it went in, with and without a file behind it', () => {
    const subject = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/[\0\n]/.test(text))
    const commit = fc.record({ subject, path: fc.option(name), from: fc.option(name) })
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 8 }), (commits) => {
        const output = commits
          .map(({ subject, path, from }) => {
            if (path === null) return `${fields(subject)}\0`
            return `${fields(subject)}\0\n${from === null ? 'M' : `R100\0${from}`}\0${path}\0`
          })
          .join('')
        const found = parseLog(bytes(output), '')
        expect(found.map((one) => one.subject)).toEqual(commits.map((one) => one.subject))
        expect(found.map((one) => one.path ?? null)).toEqual(commits.map((one) => one.path))
      }),
    )
  })

  it('names the branches at a commit', () => {
    const [commit] = parseLog(bytes(`${fields('x', 'HEAD -> main, origin/main, origin/HEAD, tag: v1')}\0`), '')
    expect(commit?.refs).toEqual(['HEAD -> main', 'origin/main', 'tag: v1'])
    expect(commit?.parents).toEqual(['b', 'c'])
  })
})

describe('what git says', () => {
  it('becomes a sentence that says what to do', () => {
    const says = (words: string) => gitFailure(words).message
    expect(says("fatal: Unable to create '/p/.git/index.lock': File exists.")).toMatch(
      /Another git program.*index\.lock/,
    )
    expect(
      says(
        'error: Your local changes to the following files would be overwritten by checkout:\n\ta.txt\n\tb c\nAborting',
      ),
    ).toBe('Your changes in "a.txt", "b c" would be lost. Commit or stash them first.')
    expect(says(' ! [rejected]        main -> main (fetch first)')).toMatch(/Pull first/)
    expect(says(' ! [rejected]        main -> main (stale info)')).toMatch(/moved since/)
    expect(says("fatal: Authentication failed for 'http://u:secret@host/x/'")).not.toContain('secret')
    expect(says('hint: x\nfatal: something new\n')).toBe('Git says: fatal: something new')
    expect(isLocked("Unable to create '/p/.git/index.lock': File exists.")).toBe(true)
    expect(withoutPassword('see https://me:pw@host/x and ssh://git@host')).toBe('see https://host/x and ssh://host')
  })

  it('shows progress', () => {
    expect(parseProgress('Receiving objects:  45% (9/20), 1.2 MiB | 500 KiB/s')).toEqual({
      text: 'Receiving objects',
      percent: 45,
    })
    expect(parseProgress('remote: Counting objects: 100% (5/5), done.')).toEqual({
      text: 'Counting objects',
      percent: 100,
    })
    expect(parseProgress('remote: Enumerating objects: 12, done.')).toEqual({ text: 'Enumerating objects' })
    expect(parseProgress('From http://host/x')).toBeUndefined()
  })
})
