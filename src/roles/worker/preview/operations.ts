import type { PortsResults } from '../../../core/wire/operations/ports.ts'
import { type Handlers, reads } from '../wire/handlers.ts'

export const portsOperations: Handlers<keyof PortsResults> = {
  'preview.locate': reads(async ({ port, script, line, column }, { services }) => {
    const place = await services.sources.locate(port, script, line, column)
    return place ? { place } : {}
  }),
}
