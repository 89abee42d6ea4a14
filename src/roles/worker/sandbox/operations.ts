import type { SandboxResults } from '../../../core/wire/operations/sandbox.ts'
import { changes, type Handlers, reads } from '../wire/handlers.ts'

export const sandboxOperations: Handlers<keyof SandboxResults> = {
  hello: reads(async (_params, { services, page }) => {
    const { access, share } = page.guest
    return { ...(await services.hello()), access: share === undefined ? 'owner' : access }
  }),
  'app.restart': changes(async (_params, { services }) => {
    await services.terminals.startApp()
    return {}
  }),
  keepAwake: changes((_params, { services }) => {
    services.activity.note('keep')
    return {}
  }),
}
