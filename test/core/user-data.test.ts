import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { bakeScript, type UserDataOptions, userData } from '../../src/core/user-data.ts'

const options: UserDataOptions = {
  ...{ fleet: 'omega', launchId: 'ln_1', joinToken: "it's secret", masterUrl: 'http://10.0.0.5:8080', build: 'abc' },
  ...{ capacity: 10, warm: 2, address: 'public', settings: { 'sandbox-memory': '2048' } },
}

it.each([
  ['user data', userData(options)],
  ['user data of a machine that somebody else starts', userData({ ...options, launchId: undefined as never })],
  ['the recipe of an image', bakeScript(options)],
])('%s is a script bash takes, short enough for EC2', (_what, script) => {
  const checked = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })
  expect([checked.status, checked.stderr]).toEqual([0, ''])
  expect(Buffer.byteLength(script)).toBeLessThan(8_000)
  expect(script).toMatch(/^#!\/bin\/bash\n/)
})

it('the same options give the same text, and what is quoted stays what it was', () => {
  expect(userData(options)).toBe(userData({ ...options }))
  const line = userData(options)
    .split('\n')
    .find((each) => each.startsWith('printf') && each.includes('Bearer'))
  const printed = spawnSync('bash', ['-c', `auth=$(mktemp)\n${line}\ncat $auth && rm $auth`], { encoding: 'utf8' })
  expect(printed.stdout).toBe("authorization: Bearer it's secret\n")
  expect(userData(options)).toContain('\nOMEGA_SANDBOX_MEMORY=2048\n')
})

it('images of another build are fetched again, those of the wanted one are not', () => {
  // The very lines of the script, with a docker that says what it has.
  const script = userData(options)
  const lines = script.slice(script.indexOf('\nbuild='), script.indexOf('\nif [ "$(cat /opt'))
  const run = (has: string, wants: string) => {
    const fakes = `docker() { [ "$1" = image ] && echo '${has}' || cat; }; curl() { echo; }; tell() { echo "$1"; }; auth=x master=y`
    const body = lines.replace("build='abc'", `build='${wants}'`).replaceAll('/run/omega/', '/dev/null #')
    return spawnSync('bash', ['-c', `${fakes}\n${body.replaceAll(' 2> /dev/null #image', '')}`], {
      encoding: 'utf8',
    }).stdout.trim()
  }
  expect([run('abc', 'abc'), run('abc', ''), run('old', 'abc'), run('', ''), run('', 'abc')]).toEqual([
    ...['', '', 'loading images', 'loading images', 'loading images'],
  ])
})
