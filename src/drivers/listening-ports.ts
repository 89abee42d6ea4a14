import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'

/** The engine's own name server inside a container; not the sandbox's. */
const ENGINE_DNS = '0B00007F'
const LISTEN = '0A'

/**
 * All TCP ports that listen in this network namespace and can be reached on loopback, in ascending order, read from
 * /proc/net/tcp and tcp6 (proc_net(5)). None where the kernel does not tell.
 */
export async function listeningPorts(): Promise<number[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readFile(table, 'latin1').catch(() => '')),
  )
  const ports = new Set<number>()
  for (const line of tables.join('\n').split('\n')) {
    const [, local = '', , state] = line.trim().split(/\s+/)
    const [address = '', port = ''] = local.split(':')
    if (state === LISTEN && address !== ENGINE_DNS) ports.add(Number.parseInt(port, 16))
  }
  return [...ports].filter(Number.isInteger).sort((one, other) => one - other)
}

/** The loopback address on which something accepts connections to this port, or undefined. */
export async function loopbackOf(port: number): Promise<string | undefined> {
  const found = await Promise.all(['127.0.0.1', '::1'].map((address) => accepts(address, port)))
  return found.find((address) => address !== undefined)
}

function accepts(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1_000 })
    const end = (answer: string | undefined) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(address))
    socket.once('timeout', () => end(undefined))
    socket.once('error', () => end(undefined))
  })
}
