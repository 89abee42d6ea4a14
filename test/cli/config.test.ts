import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { addSettings, readConfig, settingsAmong } from '../../src/cli/config.ts'
import { settings } from '../../src/cli/settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'omega-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (name: string, content: string) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('a setting', () => {
  const config = file('config.json', JSON.stringify({ domain: 'file.example', port: 1, ttl: 3 }))

  it('is taken from the flag, else the environment, else the file, else its default', () => {
    const env = { OMEGA_DOMAIN: 'env.example', OMEGA_PORT: '2', OMEGA_DATA_DIR: folder }
    expect(readConfig({ domain: 'flag.example' }, env).text('domain')).toBe('flag.example')
    const read = readConfig({}, env)
    expect([read.text('domain'), read.number('port'), read.number('ttl')]).toEqual(['env.example', 2, 3])
    expect(readConfig({ config }, {}).text('domain')).toBe('file.example')
    expect(readConfig({ dataDir: '/nonexistent' }, {}).text('domain')).toBe('omega.localhost')
  })

  it('may be given several times where that makes sense', () => {
    const command = addSettings(new Command('serve'), ['master'])
    command.parse(['--webhook', 'http://a', '--webhook=http://b,http://c', '--ttl', '3', '--ttl', '4'], {
      from: 'user',
    })
    const config = readConfig(command.opts(), { OMEGA_DATA_DIR: folder })
    expect([config.text('webhook'), config.text('ttl')]).toEqual(['http://a,http://b,http://c', '4'])
  })

  it('is told from a flag of the same name that a command has of its own', () => {
    const flags = { ttl: '2h', url: 'http://x', dataDir: '/d' }
    expect(settingsAmong(flags, 'client')).toEqual({ url: 'http://x', dataDir: '/d' })
    expect(settingsAmong(flags, 'master')).toEqual({ ttl: '2h', dataDir: '/d' })
  })

  it.each<[Record<string, unknown>, Record<string, string>, RegExp]>([
    [{ port: 'abc' }, {}, /--port is "abc"\. Allowed is a port from 0 to 65535/],
    [{ port: '65536' }, {}, /--port is "65536"/],
    [{}, { OMEGA_CAPACITY: '-1' }, /OMEGA_CAPACITY is "-1"\. Allowed is a whole number/],
    [{ runtime: 'podman' }, {}, /--runtime is "podman"\. Allowed is one of auto, docker, process/],
    [{ sandboxPorts: '30000-20000' }, {}, /--sandbox-ports is "30000-20000"\. Allowed is two ports/],
    [{ sandboxCpus: '0' }, {}, /--sandbox-cpus is "0"/],
    [{ config: '/nonexistent.json' }, {}, /config file \/nonexistent\.json cannot be read/],
  ])('%j %j is refused with a sentence', (flags, env, sentence) => {
    expect(() => readConfig({ dataDir: '/nonexistent', ...flags }, env)).toThrow(sentence)
  })

  it('of a file must be known and the file JSON', () => {
    expect(() => readConfig({ config: file('bad.json', '{') }, {})).toThrow(/is not JSON/)
    expect(() => readConfig({ config: file('odd.json', '{"prot": 1}') }, {})).toThrow(/unknown setting "prot"/)
  })

  it('that is secret never shows', () => {
    const shown = readConfig({ secret: 'abc', redis: 'redis://:pw@h', domain: 'x.example' }, {}).redacted()
    expect(shown).toMatchObject({ secret: '[redacted]', redis: '[redacted]', domain: 'x.example' })
  })
})

it('every setting is named once and says what it is for', () => {
  expect(new Set(settings.map(({ flag }) => flag)).size).toBe(settings.length)
  for (const setting of settings) expect(setting.help.length).toBeGreaterThan(8)
})
