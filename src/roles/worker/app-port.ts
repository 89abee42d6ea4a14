import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'

/** The template's port where the network is our own; else a free one, kept over restarts since links name it. */
export async function chooseAppPort(
  config: { appPort: number | undefined; stateDir: string },
  templatePort: number,
  isolated: boolean,
): Promise<number> {
  if (templatePort === 0) return 0
  if (config.appPort) return config.appPort
  if (isolated && config.appPort === undefined) return templatePort
  mkdirSync(config.stateDir, { recursive: true, mode: 0o700 })
  const file = join(config.stateDir, 'app-port')
  try {
    const kept = Number(readFileSync(file, 'utf8'))
    if (Number.isInteger(kept) && kept > 0) return kept
  } catch {
    // The first start.
  }
  const free = await freePort()
  writeFileSync(file, String(free))
  return free
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
