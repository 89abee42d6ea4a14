import type { SandboxResults } from '../../../core/wire/operations/sandbox.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'

export const sandboxOperations: Handlers<keyof SandboxResults> = {
  hello: reads((_params, { services }) => services.hello()),
  'app.restart': changes(async (_params, { services }) => {
    await services.terminals.startApp()
    return {}
  }),
}
