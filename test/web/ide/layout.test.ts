import { describe, expect, it } from 'vitest'
import { Layout, LIMITS } from '../../../src/web/ide/frame/layout.ts'
import { showLayout } from '../../../src/web/ide/frame/look.ts'
import { PageMemory } from '../../../src/web/ide/frame/memory.ts'
import { memoryStorage } from '../support/memory-storage.ts'

function open(storage = memoryStorage()) {
  return { storage, layout: new Layout(new PageMemory(storage)) }
}

describe('the layout', () => {
  it('is as it was after a reload', () => {
    const { storage, layout } = open()
    layout.resize('side', 300)
    layout.resize('preview', 5)
    layout.toggle('panel')
    layout.showSideView('search')
    layout.maximise('preview')
    const after = open(storage).layout.state.get()
    expect(after).toMatchObject({
      sizes: { side: 300, preview: LIMITS.preview.least, panel: 0 },
      hidden: ['panel'],
      sideView: 'search',
      maximised: 'preview',
    })
  })

  it('starts afresh from nonsense', () => {
    const storage = memoryStorage({ 'omega.ide': '{"layout":{"hidden":["nothing"],"side":"wide"}}' })
    expect(open(storage).layout.state.get()).toMatchObject({ hidden: [], sizes: { side: 0 }, panelView: 'terminal' })
    expect(open(memoryStorage({ 'omega.ide': '[' })).layout.state.get().sizes).toEqual({
      side: 0,
      panel: 0,
      preview: 0,
    })
  })

  it('a key shows a view of the panel, then hides the panel', () => {
    const { layout } = open()
    layout.togglePanelView('problems')
    expect(layout.state.get()).toMatchObject({ panelView: 'problems', hidden: [] })
    layout.togglePanelView('terminal')
    layout.togglePanelView('terminal')
    expect(layout.isShown('panel')).toBe(false)
    layout.togglePanelView('terminal')
    expect(layout.isShown('panel')).toBe(true)
  })

  it('a maximised part gives the place back, also by being hidden', () => {
    const { layout } = open()
    layout.maximise('panel')
    layout.maximise('panel')
    expect(layout.state.get().maximised).toBeUndefined()
    layout.toggle('panel')
    layout.maximise('panel')
    expect(layout.state.get()).toMatchObject({ maximised: 'panel', hidden: [] })
    layout.toggle('panel')
    expect(layout.state.get()).toMatchObject({ maximised: undefined, hidden: ['panel'] })
  })

  it('zen ends when something else is asked for, and is not remembered', () => {
    const { storage, layout } = open()
    layout.toggleZen()
    expect(layout.isShown('side')).toBe(false)
    expect(open(storage).layout.state.get().zen).toBe(false)
    layout.showSideView('files')
    expect(layout.state.get()).toMatchObject({ zen: false, hidden: [] })
  })

  it('the preview opens by itself only until a person has chosen', () => {
    const { layout } = open()
    layout.suggestPreview(false)
    layout.suggestPreview(true)
    expect(layout.isShown('preview')).toBe(true)
    layout.toggle('preview')
    layout.suggestPreview(true)
    expect(layout.isShown('preview')).toBe(false)
  })
})

it('says to the style sheets what is where', () => {
  const set: Record<string, string> = {}
  const root = {
    dataset: {} as DOMStringMap,
    style: { setProperty: (name: string, value: string) => (set[name] = value) },
  }
  const { layout } = open()
  layout.resize('side', 300)
  layout.toggle('preview')
  layout.maximise('panel')
  showLayout(root as unknown as HTMLElement, layout.state.get())
  expect(set).toEqual({ '--side': '300px', '--panel-height': '', '--preview': '0px' })
  expect(root.dataset).toEqual({ hidden: 'preview', maximised: 'panel' })
  layout.toggleZen()
  showLayout(root as unknown as HTMLElement, layout.state.get())
  expect(root.dataset).toEqual({ hidden: 'preview', zen: '' })
})
