import { describe, expect, it } from 'vitest'
import { settle } from '../../../src/core/manual-clock.ts'
import { cleanPath, Preview } from '../../../src/web/ide/preview/preview.ts'

const make = () => {
  const links: string[] = []
  const preview = new Preview(async (port, path) => {
    links.push(`${port}${path}`)
    return `http://${port}.test${path}`
  }, '/')
  return { preview, links }
}

describe('the preview', () => {
  it('opens when the port listens, says when it stopped, and comes back with it', async () => {
    const { preview, links } = make()
    preview.connected(5173, [])
    expect(preview.state.get().phase).toBe('starting')
    preview.portsChanged([5173])
    await settle()
    expect(preview.state.get()).toMatchObject({ phase: 'live', url: 'http://5173.test/' })
    preview.portsChanged([])
    expect(preview.state.get().phase).toBe('stopped')
    preview.portsChanged([5173])
    await settle()
    expect(preview.state.get().phase).toBe('live')
    expect(links).toEqual(['5173/', '5173/'])
  })

  it('does not load again for another port, or a reconnect', async () => {
    const { preview, links } = make()
    preview.connected(5173, [5173])
    await settle()
    preview.portsChanged([5173, 9000])
    preview.connected(5173, [5173, 9000])
    await settle()
    expect(links).toHaveLength(1)
    expect(preview.state.get().ports).toEqual([5173, 9000])
  })

  it('shows another port and another path when asked', async () => {
    const { preview } = make()
    preview.connected(5173, [5173, 9000])
    preview.choose(9000)
    await settle()
    preview.go('about')
    await settle()
    expect(preview.state.get()).toMatchObject({ port: 9000, path: '/about', url: 'http://9000.test/about' })
  })

  it('says why it cannot', async () => {
    const preview = new Preview(() => Promise.reject(new Error('No.')), '/')
    preview.connected(5173, [5173])
    await settle()
    expect(preview.state.get().problem).toBe('No.')
  })

  it('takes paths as people type them, never another host', () => {
    expect(cleanPath('about?x=1#top')).toBe('/about?x=1#top')
    expect(cleanPath('http://other.test/a')).toBe('/a')
    expect(cleanPath('//other.test/a')).toBe('/other.test/a')
    expect(cleanPath('/\\other.test')).toBe('/other.test')
    expect(cleanPath('')).toBe('/')
  })
})
