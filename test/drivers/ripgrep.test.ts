import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Ripgrep, type TextQuery } from '../../src/drivers/ripgrep.ts'
import type { RipgrepMatch } from '../../src/drivers/ripgrep-match.ts'

const root = mkdtempSync(join(tmpdir(), 'omega-ripgrep-'))
const ripgrep = new Ripgrep(root)
afterAll(() => rmSync(root, { recursive: true, force: true }))

const plain = {
  isRegex: false,
  matchCase: false,
  wholeWord: false,
  include: '',
  exclude: '',
  ignored: false,
} satisfies Omit<TextQuery, 'query'>

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}

async function search(query: string, options: Partial<TextQuery> = {}): Promise<RipgrepMatch[]> {
  const found: RipgrepMatch[] = []
  await ripgrep.search({ ...plain, query, ...options }, (match) => found.push(match)).done
  return found.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line)
}

async function list(ignored: boolean): Promise<string[]> {
  const chunks: Buffer[] = []
  await ripgrep.files(ignored, (bytes) => chunks.push(bytes)).done
  return Buffer.concat(chunks).toString().split('\0').slice(0, -1).sort()
}

const paths = async (query: string, options: Partial<TextQuery> = {}) => [
  ...new Set((await search(query, options)).map(({ path }) => path)),
]
const texts = (matches: RipgrepMatch[]) =>
  matches.flatMap(({ text, ranges }) => ranges.map(({ from, to }) => text.slice(from, to)))

beforeAll(() => {
  put('src/one.ts', 'const needle = 1\nconst other = needle + Needle\n')
  put('src/two.tsx', 'needles\n')
  put('.env', 'needle in a hidden file\n')
  put('.git/config', 'needle of git\n')
  put('.omega-save-x', 'needle of a save\n')
  put('node_modules/a/index.js', 'needle of a package\n')
  put('.gitignore', 'out/\n')
  put('out/one.js', 'needle that is ignored\n')
  put('tree/crlf.txt', 'first\r\nsecond needle\r\nthird\r\n')
  put('tree/bom.txt', '\ufeffneedle behind a mark\n')
  put('tree/wide.txt', 'e\u0301 \u{1f600} needle \u{1f600} needle\n')
  put('tree/latin.txt', Buffer.from('caf\xe9 needle\n', 'latin1'))
  put('tree/binary.bin', Buffer.from('a\0needle\n'))
  put('tree/a\nb.txt', 'needle in an odd name\n')
  execFileSync('mkfifo', [join(root, 'tree/fifo')])
  symlinkSync('.', join(root, 'tree/loop'))
  symlinkSync('/etc', join(root, 'tree/outside'))
})

describe('files', () => {
  it('are those the ignore rules leave, hidden ones too, but not of git, of packages or of a save under way', async () => {
    expect(await list(false)).toEqual(
      ['.env', '.gitignore', 'src/one.ts', 'src/two.tsx']
        .concat(
          ['a\nb.txt', 'binary.bin', 'bom.txt', 'crlf.txt', 'latin.txt', 'wide.txt'].map((name) => `tree/${name}`),
        )
        .sort(),
    )
  })

  it('are all others as well when they are asked for', async () => {
    expect(await list(true)).toEqual(expect.arrayContaining(['out/one.js', 'node_modules/a/index.js']))
    expect(await list(true)).not.toContain('.git/config')
  })
})

describe('a search', () => {
  it('finds lines with the places of the matches, whatever is before them', async () => {
    expect(await search('needle', { include: 'src/one.ts' })).toEqual([
      { path: 'src/one.ts', line: 1, text: 'const needle = 1', ranges: [{ from: 6, to: 12 }] },
      {
        path: 'src/one.ts',
        line: 2,
        text: 'const other = needle + Needle',
        ranges: [
          { from: 14, to: 20 },
          { from: 23, to: 29 },
        ],
      },
    ])
    const [wide] = await search('needle', { include: 'wide.txt' })
    expect(texts(wide ? [wide] : [])).toEqual(['needle', 'needle'])
    expect((await search('needle', { include: 'bom.txt' }))[0]?.ranges).toEqual([{ from: 0, to: 6 }])
    expect(texts(await search('needle', { include: 'latin.txt' }))).toEqual(['needle'])
  })

  it('minds case and whole words when it should', async () => {
    expect(texts(await search('needle', { include: 'src', matchCase: true, wholeWord: true }))).toEqual([
      'needle',
      'needle',
    ])
    expect(await paths('needle', { include: 'src', wholeWord: true })).toEqual(['src/one.ts'])
  })

  it('looks where it is told to', async () => {
    expect(await paths('needle', { include: '*.tsx' })).toEqual(['src/two.tsx'])
    expect(await paths('needle', { include: './src', exclude: '*.tsx' })).toEqual(['src/one.ts'])
    expect(await paths('needle', { exclude: 'src, tree' })).toEqual(['.env'])
    expect(await paths('needle', { ignored: true })).toEqual(expect.arrayContaining(['out/one.js']))
  })

  it('leaves out binary files, pipes and what links lead to', async () => {
    const found = await paths('needle', { include: 'tree' })
    expect(found).toEqual(expect.arrayContaining(['tree/a\nb.txt', 'tree/crlf.txt']))
    expect(found.filter((path) => /loop|outside|fifo|binary/.test(path))).toEqual([])
  })

  it('takes a newline for the end of any line', async () => {
    expect(texts(await search('first\nsecond', { include: 'crlf.txt' }))).toEqual(['first\r\nsecond'])
    expect(texts(await search('st\\nsec', { include: 'crlf.txt', isRegex: true }))).toEqual(['st\r\nsec'])
    expect(texts(await search('needle$', { include: 'crlf.txt', isRegex: true }))).toEqual(['needle'])
  })

  it('takes plain text letter by letter', async () => {
    expect(await search('n..dle')).toEqual([])
    expect(await search('-e')).toEqual([])
    expect(texts(await search('n..dle', { include: 'src', isRegex: true }))).toHaveLength(4)
  })

  it('knows look-around', async () => {
    expect(texts(await search('(?<=other = )needle', { include: 'src', isRegex: true }))).toEqual(['needle'])
  })

  it('ends when it is stopped', async () => {
    const run = ripgrep.search({ ...plain, query: 'needle' }, () => run.stop())
    await run.done
  })
})

describe('a refusal', () => {
  const refusal = (query: string, options: Partial<TextQuery> = {}) =>
    search(query, options).then(
      () => 'none',
      (error: { code: string; message: string }) => `${error.code} ${error.message}`,
    )

  it('says what is wrong with the pattern', async () => {
    expect(await refusal('(needle', { isRegex: true })).toBe(
      'INVALID_REQUEST The regular expression is not valid: unclosed group.',
    )
    expect(await refusal('(?<=x', { isRegex: true })).toMatch(/not valid: missing closing parenthesis\.$/)
    expect(await refusal('[z-a]', { isRegex: true })).toMatch(/invalid character class range/)
    expect(await refusal('x', { include: '{a' })).toMatch(/^INVALID_REQUEST The pattern ".*\{a" for files is not valid/)
    expect(await refusal('a\0b')).toMatch(/^INVALID_REQUEST .*NUL/)
  })

  it('says what to install', async () => {
    const missing = new Ripgrep(root, 'no-such-ripgrep')
    await expect(missing.files(false, () => undefined).done).rejects.toMatchObject({
      code: 'NOT_INSTALLED',
      message: expect.stringContaining('apt-get install ripgrep'),
    })
  })
})
