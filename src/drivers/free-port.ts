import { type AddressInfo, createServer } from 'node:net'

/** Free now: whoever takes it before the worker does makes the worker end, and it is started again with another one. */
export function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host: address, port: 0, exclusive: true }, () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
