import { type FileHandle, open, readFile } from 'node:fs/promises'
import { connect } from 'node:net'

/** Of one read; a table is hardly longer, since only its beginning is wanted. */
const READ_BYTES = 64 * 1024
/** What the kernel is asked for at most: some ten thousand listeners. */
const MOST_BYTES = 2 * 1024 * 1024
/** TCP_LISTEN of include/net/tcp_states.h. */
const LISTEN = '0A'

/** Local addresses that 127.0.0.1 or ::1 reach: any, loopback itself, and these as IPv6 writes IPv4's. */
const reachable = new Set([
  '00000000',
  '0100007F',
  '00000000000000000000000000000000',
  '00000000000000000000000001000000',
  '0000000000000000FFFF00000100007F',
  '0000000000000000FFFF000000000000',
])

/** A socket that listens; its inode distinguishes it from a later one of the same port. */
export interface ListeningSocket {
  port: number
  inode: string
}

/**
 * All TCP sockets that listen in this network namespace and can be reached on loopback, in ascending order of ports, from
 * /proc/net/tcp and tcp6 (proc_net(5)). None where the kernel does not tell. The kernel lists those that listen before
 * all connections, so however many of these there are, only the beginning is read.
 */
export async function listeningSockets(): Promise<ListeningSocket[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readListening))
  return tables.flat().sort((one, other) => one.port - other.port)
}

async function readListening(table: string): Promise<ListeningSocket[]> {
  let handle: FileHandle | undefined
  try {
    handle = await open(table)
    const buffer = Buffer.alloc(READ_BYTES)
    let text = ''
    while (text.length < MOST_BYTES) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, null)
      text += buffer.toString('latin1', 0, bytesRead)
      const { sockets, complete } = parseListening(text)
      if (complete || bytesRead === 0) return sockets
    }
    return parseListening(text).sockets
  } catch {
    return []
  } finally {
    await handle?.close()
  }
}

/** The listening rows at the beginning of a table; `complete` once another row was met. */
export function parseListening(text: string): { sockets: ListeningSocket[]; complete: boolean } {
  const sockets: ListeningSocket[] = []
  const rows = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  for (const row of rows.slice(1)) {
    if (row === '') continue
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/)
    if (state !== LISTEN) return { sockets, complete: true }
    const [address = '', port = ''] = local.split(':')
    if (reachable.has(address)) sockets.push({ port: Number.parseInt(port, 16), inode })
  }
  return { sockets, complete: false }
}

/** The first of the port numbers that the system gives to whoever chose none. */
export async function firstEphemeralPort(): Promise<number> {
  try {
    return Number((await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'latin1')).split(/\s/)[0]) || 32_768
  } catch {
    return 49_152
  }
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
