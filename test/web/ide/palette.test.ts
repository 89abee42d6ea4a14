import { describe, expect, it, vi } from 'vitest'
import { commandItems } from '../../../src/web/ide/palette/modes.ts'
import type { PaletteAnswer, PaletteMode } from '../../../src/web/ide/palette/palette-mode.ts'
import { PaletteState } from '../../../src/web/ide/palette/palette-state.ts'

const mode = (id: string, prefix: string): PaletteMode => ({
  id,
  prefix,
  title: id,
  placeholder: id,
  begin: () => ({ find: (_, show) => show({ items: [] }) }),
})

/** What the palette would list now. */
async function listed(palette: PaletteState, query = ''): Promise<PaletteAnswer> {
  const answers: PaletteAnswer[] = []
  palette.shown
    .get()
    ?.only?.begin()
    .find(query, (answer) => answers.push(answer))
  await Promise.resolve()
  return answers.at(-1) ?? { items: [] }
}

describe('the palette', () => {
  it('chooses a mode by what the text begins with', () => {
    const palette = new PaletteState()
    palette.modes.add(mode('files', ''), mode('commands', '>'))
    expect(palette.modeOf('app')).toMatchObject({ mode: { id: 'files' }, query: 'app' })
    expect(palette.modeOf('>new')).toMatchObject({ mode: { id: 'commands' }, query: 'new' })
  })

  it('goes on when it is asked for what it shows', () => {
    const palette = new PaletteState()
    palette.open()
    palette.open()
    expect(palette.steps.get()).toBe(1)
    palette.open('>')
    expect(palette.shown.get()?.text).toBe('>')
    expect(palette.steps.get()).toBe(1)
  })

  it('gives the choice a person makes, and undefined when they leave', async () => {
    const palette = new PaletteState()
    const chosen = palette.pick('Which?', [
      { id: 'a', label: 'Alpha' },
      { id: 'b', label: 'Beta' },
    ])
    const { items } = await listed(palette, 'be')
    expect(items.map(({ label }) => label)).toEqual(['Beta'])
    items[0]?.run()
    palette.close(true)
    expect(await chosen).toMatchObject({ id: 'b' })
    const left = palette.pick('Which?', Promise.resolve([{ id: 'a', label: 'Alpha' }]))
    palette.open('>')
    expect(await left).toBeUndefined()
  })

  it('says why there are no choices', async () => {
    const palette = new PaletteState()
    void palette.pick('Which?', Promise.reject(new Error('The sandbox is away.')))
    expect(await listed(palette)).toEqual({ items: [], hint: 'The sandbox is away.' })
  })

  it('asks for a text', async () => {
    const palette = new PaletteState()
    const answer = palette.ask({ title: 'Name' })
    palette.shown.get()?.question?.answer('omega')
    palette.close(true)
    expect(await answer).toBe('omega')
  })
})

describe('commands', () => {
  const run = vi.fn()
  const commands = [
    { id: 'b', title: 'Close tab', run },
    { id: 'a', title: 'All commands', run },
    { id: 'c', title: 'Copy', key: 'Ctrl+C', run },
  ]
  const titles = (text: string, recent: string[] = []) =>
    commandItems(commands, text, recent, () => undefined).map(({ label, group }) => [label, group])

  it('come in the order of their titles, those used last before all others', () => {
    expect(titles('')).toEqual([
      ['All commands', undefined],
      ['Close tab', undefined],
      ['Copy', undefined],
    ])
    expect(titles('', ['c', 'gone'])).toEqual([
      ['Copy', 'recently used'],
      ['All commands', 'other commands'],
      ['Close tab', 'other commands'],
    ])
    expect(titles('c', ['c']).map(([label]) => label)).toEqual(['Copy', 'Close tab', 'All commands'])
  })

  it('say that they ran', () => {
    const ran: string[] = []
    commandItems(commands, 'copy', [], (id) => ran.push(id))[0]?.run()
    expect(ran).toEqual(['c'])
    expect(run).toHaveBeenCalledOnce()
  })
})
