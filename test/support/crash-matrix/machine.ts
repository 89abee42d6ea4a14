import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../src/drivers/package-root.ts'
import type { LocalInstance } from '../local-ec2/server.ts'
import { OWN_PROCESSES, type RoleProcess, runRole } from '../role-process.ts'
import type { Ground } from './course.ts'
import { type CrashWatch, httpWay, type Way } from './watches.ts'

const PORT = 7070

/**
 * An instance that boots within a second: the manager with the settings that user-data gives it, and sandboxes as plain
 * processes, on an address of loopback. Everything in it ends with it.
 */
export class QuickMachine {
  readonly #dir = mkdtempSync(join(tmpdir(), 'omega-quick-machine-'))
  readonly #booting: Promise<void>
  #manager: RoleProcess | undefined
  #way: Way | undefined
  #isOff = false

  constructor(ground: Ground, instance: LocalInstance, watch: CrashWatch) {
    this.#booting = this.#boot(ground, instance, watch).catch((error) => console.error(error))
  }

  async stop(): Promise<void> {
    this.#isOff = true
    await this.#booting
    await this.#manager?.kill()
    this.#way?.close()
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }

  async #boot(ground: Ground, { address, userData }: LocalInstance, watch: CrashWatch): Promise<void> {
    const { program, templatesFolder, logs } = ground
    const given = (name: string) => new RegExp(`^OMEGA_${name}=(.*)$`, 'm').exec(userData)?.[1] ?? ''
    this.#way = await httpWay('manager', `http://${address}:${PORT}`, watch)
    const config = {
      ...{ listen: address, port: PORT, address, apiUrl: `http://127.0.0.1:${this.#way.port}` },
      ...{ masterUrl: given('MASTER_URL'), joinToken: given('JOIN_TOKEN'), fleet: given('FLEET') },
      ...{ capacity: Number(given('CAPACITY')), runtime: 'process', dataDir: this.#dir, templatesFolder },
      ...{ portRange: [24_000, 24_099], limits: { memoryMiB: 256, cpus: 1, pids: 64, diskBytes: 0 } },
      ...{ omegaPath: join(packageRoot, 'dist/bin/omega.js'), leftoverGraceMs: 2_000 },
      ...{ beatEveryMs: 300, tickEveryMs: 500 },
    } as const
    const logFile = logs && join(logs, `${given('FLEET')}-${address}.log`)
    if (this.#isOff) return
    this.#manager = await runRole(program, 'manager', config as never, { within: OWN_PROCESSES, logFile })
  }
}
