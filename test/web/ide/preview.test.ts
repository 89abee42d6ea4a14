import { describe, expect, it } from 'vitest'
import { ManualClock, settle } from '../../../src/core/manual-clock.ts'
import type { Observed } from '../../../src/core/wire/observed.ts'
import type { Port } from '../../../src/core/wire/operations/ports.ts'
import { cleanPath, type Frame } from '../../../src/web/ide/preview/preview.ts'
import {
  freshPreviewMemory,
  type PreviewMemory,
  Previews,
  rememberedPreview,
} from '../../../src/web/ide/preview/previews.ts'

const port = (number: number, more: Partial<Port> = {}): Port => ({ port: number, ...more })

function make(memory: PreviewMemory = freshPreviewMemory, link?: () => Promise<never>) {
  const clock = new ManualClock()
  const links: string[] = []
  const offers: number[] = []
  const kept = { memory, opened: 0 }
  const previews = new Previews({
    clock,
    memory,
    remember: (now) => {
      kept.memory = now
    },
    link:
      link ??
      (async (at, path, use) => {
        links.push(`${at}${path}`)
        return { url: `http://${at}-x.test/_omega/enter?to=${path}`, ...(use === 'frame' ? { key: `key-${at}` } : {}) }
      }),
    onOpened: () => kept.opened++,
  })
  previews.offer = (offered) => {
    offers.push(offered.port)
    return () => offers.splice(offers.indexOf(offered.port), 1)
  }
  return { clock, links, offers, previews, kept }
}

/** A frame that records what it is told. */
function frame(): Frame & { told: unknown[] } {
  const told: unknown[] = []
  return { window: {}, told, send: ({ command }) => told.push(command) }
}

const began = (url: string, status = 200): Observed => ({ type: 'began', url, status })
const at = (url: string): Observed => ({ type: 'at', url, title: 'T', canGoBack: true, canGoForward: false })

describe('the previews', () => {
  it("open the template's port when it listens, say when it stopped, and come back with it", async () => {
    const { previews, links } = make()
    previews.connected(5173, [])
    const preview = previews.at(5173)
    expect(previews.state.get()).toMatchObject({ open: [5173], active: 5173 })
    expect(preview.state.get().phase).toBe('starting')
    previews.portsChanged([port(5173)])
    await settle()
    expect(preview.state.get()).toMatchObject({ phase: 'live', loading: true })
    previews.portsChanged([])
    expect(preview.state.get().phase).toBe('stopped')
    previews.portsChanged([port(5173)])
    await settle()
    expect(preview.state.get().phase).toBe('live')
    expect(links).toEqual(['5173/', '5173/'])
  })

  it('open the first port by themselves where the template has none', async () => {
    const { previews, kept } = make()
    previews.connected(0, [])
    previews.portsChanged([port(40_000, { ephemeral: true })])
    expect(previews.state.get().open).toEqual([])
    previews.portsChanged([port(40_000, { ephemeral: true }), port(8000)])
    await settle()
    expect(previews.state.get()).toMatchObject({ open: [8000], active: 8000 })
    expect(kept.opened).toBe(1)
  })

  it('offer any other port that begins to listen, until it stops, is opened or ignored', async () => {
    const { previews, offers } = make()
    previews.connected(5173, [port(5173), port(9229)])
    expect(offers).toEqual([])
    const ports = [port(5173), port(3001), port(3002), port(3003), port(33_000, { ephemeral: true })]
    previews.portsChanged(ports)
    expect(offers).toEqual([3001, 3002, 3003])
    previews.show(3001)
    previews.ignore(3002)
    previews.portsChanged([port(5173), port(3001)])
    expect(offers).toEqual([])
    previews.portsChanged(ports)
    expect(offers).toEqual([3003])
    expect(previews.state.get()).toMatchObject({ open: [5173, 3001], active: 3001 })
  })

  it('are not loaded again by another port or a reconnect, and tell after one what is new', async () => {
    const { previews, links, offers } = make()
    previews.connected(5173, [port(5173)])
    await settle()
    previews.portsChanged([port(5173), port(9000)])
    previews.connected(5173, [port(5173), port(9000), port(9001)])
    await settle()
    expect(links).toEqual(['5173/'])
    expect(offers).toEqual([9000, 9001])
  })

  it('are remembered with their paths; a closed one gives its place to its neighbour', async () => {
    const { previews, kept } = make()
    previews.connected(5173, [port(5173), port(9000)])
    previews.show(9000, 'about')
    await settle()
    expect(previews.at(9000).state.get().url).toContain('/about')
    previews.at(9000).receive([began('http://9000-x.test/here?a=1#top'), at('http://9000-x.test/here?a=1#top')])
    expect(rememberedPreview(kept.memory)).toMatchObject({
      open: [5173, 9000],
      active: 9000,
      paths: { 9000: '/here?a=1#top' },
    })
    previews.close(9000)
    expect(previews.state.get()).toMatchObject({ open: [5173], active: 5173 })
  })

  it('survive whatever a browser remembers', () => {
    const nonsense = { open: ['x', 1.5, 80], active: 7, ignored: 'no', look: { zoom: 2 } } as unknown as PreviewMemory
    expect(rememberedPreview(nonsense)).toMatchObject({ open: [80], active: 80, ignored: [], look: { zoom: 2 } })
    expect(rememberedPreview(undefined)).toEqual(freshPreviewMemory)
  })
})

describe('a preview', () => {
  it('says why it cannot be opened', async () => {
    const { previews } = make(freshPreviewMemory, () => Promise.reject(new Error('No.')))
    previews.connected(5173, [port(5173)])
    await settle()
    expect(previews.at(5173).state.get().problem).toBe('No.')
  })

  it('follows its page, and is taken where it shall go by the page itself', async () => {
    const { previews, links, clock } = make()
    previews.connected(5173, [port(5173)])
    await settle()
    const preview = previews.at(5173)
    const shown = frame()
    const detach = preview.attach(shown)
    preview.receive([began('http://5173-x.test/'), at('http://5173-x.test/a?b#c')])
    expect(preview.state.get()).toMatchObject({ path: '/a?b#c', title: 'T', watched: 'yes', canGoBack: true })
    preview.go('d')
    preview.receive([began('http://5173-x.test/d')])
    preview.back()
    preview.reload()
    preview.receive([began('http://5173-x.test/d')])
    await clock.pass(60_000)
    expect(shown.told).toEqual([{ do: 'go', path: '/d' }, { do: 'back' }, { do: 'reload' }])
    expect(links).toHaveLength(1)
    detach()
    preview.reload()
    await settle()
    expect(links).toHaveLength(2)
  })

  it('is loaded anew when its page does not do as it is told, or is not watched', async () => {
    const { previews, links, clock } = make()
    previews.connected(5173, [port(5173)])
    await settle()
    const preview = previews.at(5173)
    preview.attach(frame())
    preview.receive([began('http://5173-x.test/')])
    preview.reload()
    expect(links).toHaveLength(1)
    await clock.pass(60_000)
    await settle()
    expect(links).toHaveLength(2)
    preview.loaded()
    await clock.pass(1_000)
    expect(preview.state.get()).toMatchObject({ watched: 'no', loading: false })
    preview.unwatched('policy')
    preview.go('/elsewhere')
    await settle()
    expect(links.at(-1)).toBe('5173/elsewhere')
  })

  it('knows its own frame by window, origin and key together', async () => {
    const { previews } = make()
    previews.connected(5173, [port(5173)])
    await settle()
    const preview = previews.at(5173)
    const shown = frame()
    preview.attach(shown)
    expect(preview.knows('http://5173-x.test', 'key-5173', shown.window)).toBe(true)
    expect(preview.knows('http://5173-x.test', 'key-9000', shown.window)).toBe(false)
    expect(preview.knows('http://9000-x.test', 'key-5173', shown.window)).toBe(false)
    expect(preview.knows('http://5173-x.test', 'key-5173', {})).toBe(false)
  })

  it('takes paths as people type them, never another host', () => {
    expect(cleanPath('about?x=1#top')).toBe('/about?x=1#top')
    expect(cleanPath('http://other.test/a')).toBe('/a')
    expect(cleanPath('//other.test/a')).toBe('/other.test/a')
    expect(cleanPath('/\\other.test')).toBe('/other.test')
    expect(cleanPath('')).toBe('/')
  })
})
