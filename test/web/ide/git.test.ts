import { Text } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Change, Repository } from '../../../src/core/wire/operations/git.ts'
import { groupChanges } from '../../../src/web/ide/git/change-groups.ts'
import { findConflicts, resolution, type Side } from '../../../src/web/ide/git/conflicts.ts'
import { diffTab, diffTitle, parseDiff } from '../../../src/web/ide/git/diff-tab.ts'
import { GitState } from '../../../src/web/ide/git/git-state.ts'
import { applyHunks, lineHunks, markAt, narrowHunk, revertEdit } from '../../../src/web/ide/git/hunks.ts'
import { mapLine } from '../../../src/web/ide/git/line-map.ts'
import { diffWithoutSpaces } from '../../../src/web/ide/git/whitespace-diff.ts'
import { parseViewTab } from '../../../src/web/ide/tabs/tab-view.ts'

const toText = (text: string) => Text.of(text.split('\n'))
/** Texts of few different lines, with and without a newline at their ends. */
const text = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '', '  a'), { maxLength: 12 }), fc.boolean())
  .map(([lines, newline]) => lines.join('\n') + (newline ? '\n' : ''))
const differences = (a: string, b: string) => {
  const [old, fresh] = [toText(a), toText(b)]
  return { old, fresh, hunks: lineHunks(old, fresh) }
}

describe('differences in lines', () => {
  it('all of them make the new text, none leaves the old one, reverting each gives the old one', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const { old, fresh, hunks } = differences(a, b)
        expect(applyHunks(old, fresh, hunks)).toBe(b)
        expect(applyHunks(old, fresh, [])).toBe(a)
        let reverted = b
        for (const hunk of hunks.toReversed()) {
          const { from, to, insert } = revertEdit(old, fresh, hunk)
          reverted = reverted.slice(0, from) + insert + reverted.slice(to)
        }
        expect(reverted).toBe(a)
      }),
    )
  })

  it('staging one after the other, in any order, ends with all staged', () => {
    fc.assert(
      fc.property(text, text, fc.array(fc.nat(20), { maxLength: 30 }), (a, b, order) => {
        let staged = a
        for (const pick of [...order, ...Array.from({ length: 20 }, () => 0)]) {
          const { old, fresh, hunks } = differences(staged, b)
          const hunk = hunks[pick % Math.max(1, hunks.length)]
          if (!hunk) break
          staged = applyHunks(old, fresh, [hunk])
        }
        expect(staged).toBe(b)
      }),
    )
  })

  it('selected lines alone can be staged', () => {
    const { old, fresh, hunks } = differences('1\n2\n3\n', '1\nnew a\nnew b\n2\nthree\n')
    const part = hunks.flatMap((hunk) => narrowHunk(hunk, 2, 3) ?? [])
    expect(applyHunks(old, fresh, part)).toBe('1\nnew b\n2\n3\n')
    const both = differences('1\n2\n3\n4\n', 'one\ntwo\nthree\n4\n')
    expect(
      applyHunks(
        both.old,
        both.fresh,
        both.hunks.flatMap((hunk) => narrowHunk(hunk, 1, 2) ?? []),
      ),
    ).toBe('1\ntwo\n3\n4\n')
  })

  it('lines are marked', () => {
    const { fresh, hunks } = differences('1\n2\n3\n4\n5\n', '1\nadded\n2\nthree\n5\n')
    const marks = Array.from({ length: fresh.lines }, (_, line) => markAt(hunks, line, fresh.lines)?.mark)
    expect(marks).toEqual([undefined, 'added', undefined, 'changed', undefined, undefined])
    const gone = differences('1\n2\n3', '1')
    expect(markAt(gone.hunks, 0, gone.fresh.lines)?.mark).toBe('deleted')
  })

  it('a line finds its neighbour on the other side', () => {
    const { hunks } = differences('1\n2\n3\n4\n', '0\n1\n2\n4\n')
    expect([0, 1, 2, 3].map((line) => mapLine(hunks, line))).toEqual([1, 2, 3, 3])
  })

  it('spaces alone are no difference, when they are not to count', () => {
    expect(diffWithoutSpaces('if (a) {\n  b\n}\n', 'if(a){\n\tb\n}\n')).toEqual([])
    const [change] = diffWithoutSpaces('a  = 1', 'a = 2')
    expect(change).toMatchObject({ fromA: 5, toA: 6, fromB: 4, toB: 5 })
  })
})

describe('conflict markers', () => {
  const conflict = 'before\n<<<<<<< HEAD\nours 1\nours 2\n=======\ntheirs\n>>>>>>> topic\nafter\n'
  const resolve = (source: string, side: Side) => {
    const doc = toText(source)
    const [found] = findConflicts(doc)
    if (!found) return source
    const { from, to, insert } = resolution(doc, found, side)
    return source.slice(0, from) + insert + source.slice(to)
  }

  it('are found, and each side can be taken', () => {
    expect(findConflicts(toText(conflict))).toEqual([{ start: 2, middle: 5, end: 7, ours: 'HEAD', theirs: 'topic' }])
    expect(resolve(conflict, 'ours')).toBe('before\nours 1\nours 2\nafter\n')
    expect(resolve(conflict, 'theirs')).toBe('before\ntheirs\nafter\n')
    expect(resolve(conflict, 'both')).toBe('before\nours 1\nours 2\ntheirs\nafter\n')
  })

  it('what both had before is left out; an empty side leaves no empty line', () => {
    const diff3 = '<<<<<<< a\nx\n||||||| base\nold\n=======\n>>>>>>> b\nrest'
    expect(resolve(diff3, 'ours')).toBe('x\nrest')
    expect(resolve(diff3, 'theirs')).toBe('rest')
    expect(resolve('top\n<<<<<<< a\n=======\n>>>>>>> b', 'ours')).toBe('top')
  })

  it('that do not belong together are text', () => {
    for (const source of ['=======\n', '<<<<<<< a\nx\n', '>>>>>>> b\n', '<<<<<<<x\n=======\n>>>>>>> b']) {
      expect(findConflicts(toText(source))).toEqual([])
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom('<<<<<<< a', '=======', '>>>>>>> b', '||||||| c', 'x')), (lines) => {
        for (const { start, middle, end } of findConflicts(toText(lines.join('\n')))) {
          expect(start < middle && middle < end).toBe(true)
        }
      }),
    )
  })
})

describe('the state of repositories', () => {
  const repository = (root: string, changes: Change[]): Repository => ({
    root,
    ahead: 0,
    behind: 0,
    stashes: 0,
    remotes: [],
    changes,
  })
  const state = async (repositories: Repository[]) => {
    let begin: () => Promise<void> = async () => undefined
    const made = new GitState({
      on: () => () => undefined,
      onSession: (listener: () => unknown) => {
        begin = async () => void (await listener())
      },
      request: (async () => ({ repositories, jobs: [], asks: [] })) as never,
    })
    await begin()
    return made
  }

  it('colours files and the folders they are in; a conflict is seen from above', async () => {
    const git = await state([
      repository('', [
        { path: 'src/a/new.ts', index: '.', worktree: '?' },
        { path: 'src/b/bad.ts', index: 'U', worktree: 'U', conflict: 'UU' },
        { path: 'gone.ts', index: 'D', worktree: '.' },
      ]),
      repository('libs/x', [{ path: 'libs/x/y.ts', index: '.', worktree: 'M' }]),
    ])
    expect(git.decorate('src/a/new.ts', false)).toMatchObject({ letter: 'U', tone: 'added' })
    expect(git.decorate('src', true)?.tone).toBe('conflict')
    expect(git.decorate('src/a', true)?.tone).toBe('added')
    expect(git.decorate('gone.ts', false)?.title).toBe('deleted, staged')
    expect(git.decorate('other', true)).toBeUndefined()
    expect(git.badge.get()).toBe('4')
    expect(git.repositoryOf('libs/x/y.ts')?.root).toBe('libs/x')
    expect(git.repositoryOf('libs/z.ts')?.root).toBe('')
    expect(git.current?.root).toBe('')
    git.chosen.set('libs/x')
    expect(git.current?.root).toBe('libs/x')
  })

  it('groups changes; a file staged in part is in two', () => {
    const groups = groupChanges([
      { path: 'b', index: 'M', worktree: 'M' },
      { path: 'a', index: '.', worktree: '?' },
      { path: 'c', index: 'U', worktree: 'U', conflict: 'AA' },
    ])
    expect(groups.map(({ id, changes }) => [id, changes.map(({ path }) => path).join()])).toEqual([
      ['conflicts', 'c'],
      ['staged', 'b'],
      ['changes', 'a,b'],
    ])
  })

  it('a tab of a difference says what it compares', () => {
    const sides = { root: '', path: 'src/a.ts', left: 'index', right: 'file' }
    expect(parseDiff(parseViewTab(diffTab(sides))?.arg ?? '')).toEqual(sides)
    expect(diffTitle(sides)).toBe('a.ts (changes)')
    expect(parseDiff('nonsense')).toBeUndefined()
  })
})
