import { describe, expect, it } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { cssLanguages } from '../../src/drivers/markup-server/css.ts'
import { htmlLanguages } from '../../src/drivers/markup-server/html.ts'
import { jsonLanguages } from '../../src/drivers/markup-server/json.ts'

const clientCapabilities = { textDocument: { completion: { completionItem: {} } } }
const styles = cssLanguages({ clientCapabilities })
const languages = { ...styles, ...htmlLanguages(styles, { clientCapabilities }), ...jsonLanguages() }
type Name = keyof typeof languages

/** A document, and the place of the `|` in it. */
function at(name: Name, text: string) {
  const offset = text.indexOf('|')
  const document = TextDocument.create(`file:///project/a.${name}`, name, 1, text.replace('|', ''))
  return { language: languages[name], document, position: document.positionAt(offset) }
}

async function labels(name: Name, text: string): Promise<string[]> {
  const { language, document, position } = at(name, text)
  return (await language.complete(document, position))?.items.map(({ label }) => label) ?? []
}

async function problems(name: Name, text: string): Promise<string[]> {
  const { language, document } = at(name, text)
  return (await language.validate(document)).map(({ message }) => String(message))
}

describe('styles', () => {
  it('complete, and are checked', async () => {
    expect(await labels('css', 'a { backg| }')).toContain('background-color')
    expect(await labels('scss', '$size: 1px; a { width: $| }')).toContain('$size')
    expect((await problems('css', 'a { colr: red }')).join()).toMatch(/colr/)
    expect(await problems('css', '@tailwind base;\na { color: red }')).toEqual([])
  })

  it('know where a variable is defined, and rename it', () => {
    const { language, document, position } = at('less', '@size: 1px;\na { width: @si|ze }')
    expect(language.definition?.(document, position)?.range.start).toEqual({ line: 0, character: 0 })
    const edit = language.rename?.(document, position, '@width')
    expect(edit?.changes?.[document.uri]).toHaveLength(2)
  })
})

describe('HTML', () => {
  it('completes elements and attributes, and styles within', async () => {
    expect(await labels('html', '<a hr|>')).toContain('href')
    expect(await labels('html', '<p>x</p>\n<style>\na { colo| }\n</style>')).toContain('color')
    expect(
      await labels('vue', '<template><im|</template>\n<style lang="scss">\n$a: 1;\nb { c: 1 }\n</style>'),
    ).toContain('img')
    expect(await labels('vue', '<template/>\n<style lang="scss">\n$abc: 1;\nb { color: $| }\n</style>')).toContain(
      '$abc',
    )
  })

  it('marks mistakes of its styles at their places', async () => {
    const { language, document } = at('html', '<p>x</p>\n<style>\na { colr: red }\n</style>')
    const [first] = await language.validate(document)
    expect(first?.range.start).toEqual({ line: 2, character: 4 })
  })

  it('is formatted, a component is not', () => {
    const options = { tabSize: 2, insertSpaces: true }
    const html = at('html', '<div><p>x</p></div>')
    expect(html.language.format?.(html.document, undefined, options)).not.toEqual([])
    expect(languages.vue.format).toBeUndefined()
  })
})

describe('JSON', () => {
  it('may have comments only where that is usual', async () => {
    expect(await problems('json', '{ "a": 1 } // no')).not.toEqual([])
    expect(await problems('jsonc', '{ "a": 1, } // yes')).toEqual([])
  })
})
