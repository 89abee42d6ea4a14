import { OmegaError } from '../core/errors.ts'
import { SETUP_WAIT_MAX, type SetupView } from '../core/wire/setup.ts'
import type { Client } from './client.ts'

/** Resolves when the clone that a sandbox began with is there; rejects with git's words when it failed. */
export async function waitForSetup(client: Client, id: string): Promise<void> {
  for (;;) {
    const { git } = await client.call<SetupView>(`/v1/sandboxes/${id}/setup?wait=${SETUP_WAIT_MAX}`)
    if (git?.state === 'running') continue
    if (git?.state === 'failed') {
      throw new OmegaError(
        'CREATE_FAILED',
        `The sandbox is there, but its clone failed: ${git.message ?? 'see its terminal'}`,
      )
    }
    return
  }
}
