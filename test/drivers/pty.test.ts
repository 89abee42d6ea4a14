import { readdirSync } from 'node:fs'
import { afterEach, expect, it, vi } from 'vitest'
import { openPty, type Pty } from '../../src/drivers/pty.ts'

// Real processes on a busy machine take their time; nothing here waits for a clock to pass.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const opened: Pty[] = []
afterEach(() => {
  for (const pty of opened.splice(0)) pty.kill()
})

function run(command: string[], size = { cols: 80, rows: 24 }) {
  let output = ''
  let end: (exitCode: number) => void
  const exited = new Promise<number>((resolve) => {
    end = resolve
  })
  const onData = (chunk: Uint8Array) => {
    output += Buffer.from(chunk).toString('latin1')
  }
  const env = { PATH: '/usr/bin:/bin', TERM: 'xterm-256color', MARK: 'ours' }
  const pty = openPty({ command, cwd: '/tmp', env, ...size }, { onData, onExit: (exitCode) => end(exitCode) })
  opened.push(pty)
  return { pty, exited, output: () => output }
}

it('runs a command in its folder, with its environment only, on a terminal of its size', async () => {
  const { exited, output } = run(['sh', '-c', 'pwd; env | sort; stty size; tty'], { cols: 91, rows: 17 })
  expect(await exited).toBe(0)
  expect(output()).toMatch(/^\/tmp\r\n/)
  expect(output()).toContain('MARK=ours')
  expect(output()).not.toMatch(/VITEST|HOME=/)
  expect(output()).toContain('17 91')
  expect(output()).toContain('/dev/pts/')
})

it.each([
  ['exit 0', 0],
  ['exit 42', 42],
  ['kill -9 $$', 137],
  ['kill -TERM $$', 143],
])('tells how it ended: %s', async (script, exitCode) => {
  expect(await run(['sh', '-c', script]).exited).toBe(exitCode)
})

it('a program that is not there is an exit like any other', async () => {
  expect(await run(['no-such-program-anywhere']).exited).not.toBe(0)
})

it('gives what is typed to the program, and its answer back', async () => {
  const { pty, exited, output } = run(['sh', '-c', 'read line; echo "got <$line>"'])
  pty.write(Buffer.from('a €\n'))
  expect(await exited).toBe(0)
  expect(Buffer.from(output(), 'latin1').toString()).toContain('got <a €>')
})

it('interrupts a program that floods while nobody reads', async () => {
  const { pty, exited } = run(['sh', '-c', 'trap "exit 9" INT; yes'])
  pty.pause()
  await new Promise((resolve) => setTimeout(resolve, 100))
  pty.write(Buffer.from('\x03'))
  pty.resume()
  expect(await exited).toBe(9)
})

it('loses nothing when the program ends before its output was read', async () => {
  const { pty, exited, output } = run(['sh', '-c', 'read line; seq 1 3000; exit 4'])
  pty.pause()
  pty.write(Buffer.from('\n'))
  await new Promise((resolve) => setTimeout(resolve, 400))
  pty.resume()
  expect(await exited).toBe(4)
  expect(output().match(/\d+/g)).toHaveLength(3000)
})

it('takes a large paste whole, at the pace of its reader', async () => {
  const text = `${'0123456789abcde\n'.repeat(20_000)}`
  const { pty, exited, output } = run(['sh', '-c', 'stty -echo; echo go; head -c 320000 | md5sum | cut -c1-8'])
  await expect.poll(output).toContain('go')
  pty.write(Buffer.from(text))
  expect(await exited).toBe(0)
  const { createHash } = await import('node:crypto')
  expect(output()).toContain(createHash('md5').update(text).digest('hex').slice(0, 8))
})

it('refuses input without end when nobody reads it', async () => {
  const { pty } = run(['sh', '-c', 'stty -echo; sleep 1000'])
  await new Promise((resolve) => setTimeout(resolve, 50))
  const flood = () => {
    for (let index = 0; index < 100; index++) pty.write(Buffer.from('x\n'.repeat(100_000)))
  }
  expect(flood).toThrow('does not read')
})

it('ends all of its session, and is then gone for good', async () => {
  const { pty, exited, output } = run([
    'sh',
    '-c',
    "trap '' HUP TERM; setsid -f true; (sleep 1000 & sleep 1001 & wait) & echo on; wait",
  ])
  await expect.poll(output).toContain('on')
  pty.kill()
  expect(await exited).toBe(137)
  const left = readdirSync('/proc').filter((name) => name === String(pty.pid))
  expect(left).toEqual([])
  pty.write(Buffer.from('x'))
  pty.resize(10, 10)
  pty.pause()
  pty.resume()
  pty.kill()
})
