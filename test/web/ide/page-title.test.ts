import { expect, it } from 'vitest'
import { faceOf } from '../../../src/web/ide/frame/page-title.ts'
import { viewTab } from '../../../src/web/ide/tabs/tab-view.ts'
import type { ConnectionState } from '../../../src/web/ide/wire/connection-state.ts'
import { Registry } from '../../../src/web/shared/registry.ts'
import { Store } from '../../../src/web/shared/store.ts'

function face(name: ConnectionState['name'], active: string | undefined, unsaved = false) {
  const views = new Registry<{ id: string; title: (arg: string) => string }>()
  views.add({ id: 'settings', title: () => 'Settings' })
  const workspace = {
    connection: { state: new Store({ name }) },
    hello: new Store({ sandbox: { name: 'box' } }),
    tabs: { state: new Store({ open: [], active }), views },
  }
  return faceOf(workspace as unknown as Parameters<typeof faceOf>[0], unsaved)
}

it('the tab of the browser says what is open, unsaved and cut', () => {
  expect(face('connected', 'src/App.tsx')).toEqual({ title: 'App.tsx - box - omega', mark: 'plain' })
  expect(face('connected', viewTab('settings'))).toEqual({ title: 'Settings - box - omega', mark: 'plain' })
  expect(face('connected', undefined, true)).toEqual({ title: '\u25cf box - omega', mark: 'unsaved' })
  expect(face('waiting', 'a.ts', true)).toEqual({ title: '\u25cf a.ts - box - omega', mark: 'cut' })
})
