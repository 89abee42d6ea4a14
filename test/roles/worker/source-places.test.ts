import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProjectRoot } from '../../../src/drivers/project-path.ts'
import { namesOf, SourcePlaces } from '../../../src/roles/worker/preview/source-places.ts'

let folder: string
let sources: SourcePlaces
const served: Record<string, string> = {}
const fetched: string[] = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'omega-sources-'))
  for (const name of ['src', 'app', 'public', 'node_modules/lib']) mkdirSync(join(folder, name), { recursive: true })
  for (const name of ['src/App.tsx', 'src/main.js', 'app/page.tsx', 'public/plain.js', 'node_modules/lib/a.js']) {
    writeFileSync(join(folder, name), '')
  }
  sources = new SourcePlaces({
    folder,
    root: new ProjectRoot(folder),
    fetch: async (_port, path) => {
      fetched.push(path)
      const text = served[path]
      if (text === undefined) throw new Error('404')
      return text
    },
    now: () => 0,
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A map whose line 3, column 5 of the built script is line 1, column 3 of the first source. */
const map = (source: string) => JSON.stringify({ version: 3, sources: [source], names: [], mappings: ';;IAAE' })
const inline = (source: string) =>
  `a\nb\nc\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map(source)).toString('base64')}\n`

describe('a place of a script', () => {
  it.each([
    ['/src/App.tsx?t=1', inline('App.tsx'), 'src/App.tsx'],
    ['/@vite/x.js', inline('file:///PROJECT/src/App.tsx'), 'src/App.tsx'],
    ['/main.js', inline('webpack://my-app/./src/main.js?abcd'), 'src/main.js'],
    ['/_next/a.js', inline('turbopack:///[project]/app/page.tsx'), 'app/page.tsx'],
    ['/b.js', inline('/@fs/PROJECT/src/main.js'), 'src/main.js'],
  ])('%s is found in the project', async (path, text, file) => {
    const encoded = text.replace(/base64,(.*)/, (_match, data: string) => {
      const json = Buffer.from(data, 'base64').toString().replace('/PROJECT', folder)
      return `base64,${Buffer.from(json).toString('base64')}`
    })
    served[path] = encoded
    expect(await sources.locate(80, path, 3, 5)).toEqual({ path: file, line: 1, column: 3 })
  })

  it('is found by a map beside it, fetched once', async () => {
    served['/assets/x.js'] = 'a\nb\nc\n//# sourceMappingURL=x.js.map'
    served['/assets/x.js.map'] = map('../src/main.js')
    fetched.length = 0
    await Promise.all([1, 2, 3].map(() => sources.locate(80, '/assets/x.js', 3, 5)))
    expect(await sources.locate(80, '/assets/x.js', 3, 5)).toEqual({ path: 'src/main.js', line: 1, column: 3 })
    expect(fetched).toEqual(['/assets/x.js', '/assets/x.js.map'])
  })

  it('without a map is its own', async () => {
    served['/src/main.js'] = 'code'
    served['/plain.js'] = 'code'
    expect(await sources.locate(80, '/src/main.js', 7, 2)).toEqual({ path: 'src/main.js', line: 7, column: 2 })
    expect(await sources.locate(80, '/plain.js', 7, 2)).toEqual({ path: 'public/plain.js', line: 7, column: 2 })
    expect(await sources.locate(80, 'webpack-internal:///./src/main.js', 4, 1)).toMatchObject({ path: 'src/main.js' })
  })

  it('outside of the project, in packages, or of a script that is not there, is none', async () => {
    served['/out.js'] = inline('../../../../etc/passwd')
    served['/abs.js'] = inline('file:///etc/passwd')
    served['/lib.js'] = inline('node_modules/lib/a.js')
    served['/bad.js'] = 'x\n//# sourceMappingURL=data:application/json;base64,AAAA'
    served['/else.js'] = 'x\n//# sourceMappingURL=http://elsewhere.example/x.map'
    for (const path of ['/out.js', '/abs.js', '/lib.js', '/bad.js', '/else.js', '/nothing.js']) {
      expect([path, await sources.locate(80, path, 3, 5)]).toEqual([path, undefined])
    }
    expect(fetched.some((path) => path.includes('elsewhere'))).toBe(false)
  })
})

it('names of sources become paths of the project, best first', () => {
  expect(namesOf('webpack://app/./src/a.js', '/main.js', '/p')[0]).toBe('app/src/a.js')
  expect(namesOf('webpack://app/./src/a.js', '/main.js', '/p')).toContain('src/a.js')
  expect(namesOf('file:///p/a%20b.js', '/', '/p')).toEqual(['a b.js'])
  expect(namesOf('/%zz.js', '/', '/p')).toContain('%zz.js')
})
