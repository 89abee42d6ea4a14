import { startCountingManager } from './counting-manager.ts'
import { DOMAIN, startTestMaster, type TestMaster } from './master.ts'
import { claimOf, TestWorker } from './worker.ts'

export interface MasterWithWorker {
  master: TestMaster
  /** The worker of the one sandbox there is. */
  worker: TestWorker
  /** The sandbox's own, and the Host its worker answers to. */
  token: string
  host: string
  close(): Promise<void>
}

/** The real master and one real worker, with a sandbox of this name; between them a manager that only counts. */
export async function startMasterWithWorker(name: string, start?: string): Promise<MasterWithWorker> {
  const open: { close(): Promise<void> }[] = []
  const worker = await TestWorker.boot({ claim: false, ...(start === undefined ? {} : { start }) })
  open.push(worker)
  const master = await startTestMaster()
  open.push(master)
  const manager = await startCountingManager(0, worker.port)
  open.push(manager)
  await master.join('127.0.0.1', manager.apiUrl, 2)
  const { body } = await master.api('/v1/sandboxes', { method: 'POST', body: JSON.stringify({ name }) })
  const { id = '', subdomain = '', token = '' } = body as Record<string, string>
  await worker.claim(claimOf({ sandboxId: id, name, subdomain, token, domain: DOMAIN, port: worker.port }))
  return {
    master,
    worker,
    token,
    host: `${subdomain}.${DOMAIN}:${worker.port}`,
    async close() {
      for (const it of open.splice(0).reverse()) await it.close()
    },
  }
}
