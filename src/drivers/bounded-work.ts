import { createContext, Script } from 'node:vm'

let context: { work: () => unknown } | undefined
let script: Script | undefined

/**
 * Does work of this process that might never end, like a person's regular expression; undefined when it took longer than
 * `limit` milliseconds and was broken off.
 */
export function bounded<T>(limit: number, work: () => T): T | undefined {
  context ??= createContext({ work: () => undefined }) as { work: () => unknown }
  script ??= new Script('work()')
  context.work = work
  try {
    return script.runInContext(context, { timeout: limit }) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw error
  } finally {
    context.work = () => undefined
  }
}
