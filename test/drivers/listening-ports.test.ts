import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:net'
import { describe, expect, it } from 'vitest'
import { listeningSockets, parseListening } from '../../src/drivers/listening-ports.ts'
import { socketOwners } from '../../src/drivers/socket-owners.ts'

const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
const row = (local: string, state: string, inode: number) =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100 0 0 10 0\n`

describe("the kernel's table", () => {
  it('gives what listens where loopback reaches it, and nothing else', () => {
    const text = [
      row('00000000:1435', '0A', 1),
      row('0100007F:0BB8', '0A', 2),
      // The engine's name server, another loopback address, one of the network.
      row('0B00007F:9A5B', '0A', 3),
      row('0200007F:0050', '0A', 4),
      row('020011AC:0050', '0A', 5),
      row('00000000000000000000000000000000:1F90', '0A', 6),
      row('00000000000000000000000001000000:1F91', '0A', 7),
      row('0000000000000000FFFF00000100007F:1F92', '0A', 8),
      row('B80D01200000000000000000010000FF:1F93', '0A', 9),
    ].join('')
    expect(parseListening(head + text).sockets).toEqual([
      { port: 5173, inode: '1' },
      { port: 3000, inode: '2' },
      { port: 8080, inode: '6' },
      { port: 8081, inode: '7' },
      { port: 8082, inode: '8' },
    ])
  })

  it('is read as far as something listens, and to whole rows', () => {
    const listening = row('00000000:1435', '0A', 1)
    expect(parseListening(head + listening + row('0100007F:C350', '01', 2))).toEqual({
      sockets: [{ port: 5173, inode: '1' }],
      complete: true,
    })
    expect(parseListening(`${head}${listening}   1: 0000`)).toEqual({
      sockets: [{ port: 5173, inode: '1' }],
      complete: false,
    })
    expect(parseListening('').sockets).toEqual([])
  })
})

const listen = (host: string): Promise<{ port: number; server: Server }> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, host, () => resolve({ port: (server.address() as { port: number }).port, server }))
  })

describe('on this machine', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('a server on %s is found, with its process', async (host) => {
    const { port, server } = await listen(host)
    const found = (await listeningSockets()).find((socket) => socket.port === port)
    expect(found).toBeDefined()
    const inode = found?.inode ?? ''
    expect((await socketOwners(new Set([inode]))).get(inode)?.pid).toBe(process.pid)
    await new Promise((resolve) => server.close(resolve))
    expect((await listeningSockets()).some((socket) => socket.port === port)).toBe(false)
  })

  it('a server of another process is known by its words, folder and parents', async () => {
    const script =
      "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })"
    const child = spawn(process.execPath, ['-e', script], { cwd: '/' })
    const port = Number(await new Promise((resolve) => child.stdout.once('data', resolve)))
    const inode = (await listeningSockets()).find((socket) => socket.port === port)?.inode ?? ''
    const owner = (await socketOwners(new Set([inode]))).get(inode)
    child.kill()
    expect(owner).toMatchObject({ pid: child.pid, cwd: '/', words: [process.execPath, '-e', script] })
    expect(owner?.parents).toContain(process.pid)
  })

  it('what nobody holds has no owner', async () => {
    expect((await socketOwners(new Set(['1']))).size).toBe(0)
  })
})
