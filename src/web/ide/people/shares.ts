import type { CreatedShare, RevokedShares, ShareList, ShareRequest } from '../../../core/wire/shares.ts'
import type { ShareApi } from '../../shared/share-panel.tsx'
import { askWorker } from '../wire/sandbox-origin.ts'

const SHARES_PATH = '/_omega/shares'

/** The links of the sandbox whose page this is. Reject with the worker's problem. */
export const ownShares: ShareApi = {
  list: async () => (await askWorker<ShareList>('GET', SHARES_PATH)).shares,
  create: (request: ShareRequest) => askWorker<CreatedShare>('POST', SHARES_PATH, request),
  revoke: async (id: string) => {
    await askWorker<RevokedShares>('DELETE', `${SHARES_PATH}/${encodeURIComponent(id)}`)
  },
}
