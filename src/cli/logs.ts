import { pipeline } from 'node:stream/promises'
import type { Client } from './client.ts'

/** Prints the app's last lines, and with `follow` each new one until somebody stops it. */
export async function printLogs(client: Client, path: string, { tail, follow }: { tail?: string; follow?: boolean }) {
  const query = new URLSearchParams({ ...(tail === undefined ? {} : { tail }), ...(follow ? { follow: 'true' } : {}) })
  const response = await client.stream(`${path}?${query}`)
  await pipeline(response, process.stdout, { end: false })
}
