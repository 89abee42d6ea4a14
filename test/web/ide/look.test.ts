import { describe, expect, it } from 'vitest'
import { defaultSettings } from '../../../src/core/settings.ts'
import { showSettings } from '../../../src/web/ide/frame/look.ts'
import { watchSoftKeyboard } from '../../../src/web/ide/frame/soft-keyboard.ts'
import { ShownTheme, type ThemeWindow } from '../../../src/web/shared/theme.ts'

/** `html`, as far as it is looked at. */
function fakeRoot() {
  const variables: Record<string, string> = {}
  const style = {
    setProperty: (name: string, value: string) => {
      variables[name] = value
    },
    removeProperty: (name: string) => {
      delete variables[name]
    },
  }
  return { variables, root: { dataset: {} as DOMStringMap, style } as unknown as HTMLElement }
}

describe('what a person chose', () => {
  it('is said to the style sheets', () => {
    const { root, variables } = fakeRoot()
    const settings = {
      ...defaultSettings,
      editorFontFamily: 'Fira Code',
      editorFontSize: 15,
      motion: 'reduced',
    } as const
    showSettings(root, settings, () => false)
    expect(root.dataset).toEqual({ motion: 'reduced', side: 'left', preview: 'right' })
    expect(variables).toEqual({ '--code-font': 'Fira Code, var(--mono)', '--code-size': '15px', '--code-line': '1.6' })
    showSettings(root, defaultSettings, () => false)
    expect(root.dataset).toEqual({ side: 'left', preview: 'right' })
    expect(variables['--code-font']).toBe('')
  })

  it('yields to the system, and to a tablet held upright', () => {
    const { root } = fakeRoot()
    showSettings(root, defaultSettings, () => true)
    expect(root.dataset).toEqual({ motion: 'reduced', side: 'left', preview: 'bottom' })
    showSettings(root, { ...defaultSettings, motion: 'full' }, (query) => query.includes('reduce'))
    expect(root.dataset).toEqual({ side: 'left', preview: 'right' })
  })
})

describe('the theme', () => {
  function open() {
    const fits = new Set<string>()
    const listeners: (() => void)[] = []
    const { root } = fakeRoot()
    const window: ThemeWindow = {
      matchMedia: (query) => ({
        get matches() {
          return fits.has(query)
        },
        addEventListener: (_type: string, listener: unknown) => listeners.push(listener as () => void),
      }),
      document: { documentElement: root },
    }
    const system = (...queries: string[]) => {
      fits.clear()
      for (const query of queries) fits.add(query)
      for (const listener of listeners) listener()
    }
    return { root, system, theme: new ShownTheme(window) }
  }

  it('is of the system until somebody chooses', () => {
    const { root, system, theme } = open()
    expect(root.dataset.theme).toBe('light')
    system('(prefers-color-scheme: dark)')
    expect([root.dataset.theme, theme.isDark]).toEqual(['dark', true])
    system('(prefers-color-scheme: dark)', '(prefers-contrast: more)')
    expect(theme.shown.get()).toBe('contrast-dark')
    theme.choose('light')
    system('(prefers-color-scheme: dark)')
    expect([root.dataset.theme, theme.isDark]).toEqual(['light', false])
  })
})

describe('the keyboard of a phone', () => {
  function open() {
    const listeners: (() => void)[] = []
    const addEventListener = (_type: string, listener: () => void) => listeners.push(listener)
    const view = { width: 390, height: 800, scale: 1, addEventListener }
    const { root, variables } = fakeRoot()
    const page = { documentElement: root, activeElement: null as Element | null, addEventListener }
    const window = {
      innerHeight: 800,
      visualViewport: view,
      document: page,
      matchMedia: () => ({ matches: true }),
      scrollTo: () => {},
    }
    watchSoftKeyboard(window as unknown as Window)
    const look = (change: Partial<typeof view>, innerHeight: number, typing: boolean) => {
      Object.assign(view, change)
      window.innerHeight = innerHeight
      page.activeElement = typing ? field : null
      for (const listener of listeners) listener()
      return { keyboard: root.dataset.keyboard, height: variables['--view-height'] }
    }
    return look
  }
  class FakeField {
    isContentEditable = true
    matches = () => true
  }
  Object.assign(globalThis, { HTMLElement: globalThis.HTMLElement ?? FakeField })
  const field = new FakeField() as unknown as Element

  it('takes its room, whether it covers the page or makes it lower', () => {
    const look = open()
    expect(look({}, 800, true)).toEqual({ keyboard: undefined, height: undefined })
    expect(look({ height: 420 }, 800, true)).toEqual({ keyboard: '', height: '420px' })
    expect(look({ height: 420 }, 420, true)).toEqual({ keyboard: '', height: undefined })
    expect(look({ height: 800 }, 800, true)).toEqual({ keyboard: undefined, height: undefined })
  })

  it('is not there when nothing is typed into, the phone is turned or fingers zoom', () => {
    const look = open()
    expect(look({ height: 420 }, 420, false).keyboard).toBeUndefined()
    expect(look({ width: 800, height: 390 }, 390, true).keyboard).toBeUndefined()
    expect(look({ height: 200, scale: 2 }, 390, true).keyboard).toBeUndefined()
  })
})
