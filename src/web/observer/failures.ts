import type { Reporter } from './reporter.ts'
import { parseStack } from './stack.ts'
import { Describer, short } from './values.ts'

/** Tells of errors that nobody caught. */
export function watchErrors(reporter: Reporter): void {
  window.addEventListener(
    'error',
    (event) => {
      const { target } = event
      if (target instanceof Element) {
        const url = (target as { src?: string; href?: string }).src || (target as { href?: string }).href
        if (typeof url === 'string' && url !== '')
          tellRequest(reporter, target.localName, url, 0, 'it could not be loaded')
        return
      }
      const { message, filename, lineno: line, colno: column, error } = event as ErrorEvent
      const stack = error instanceof Error ? parseStack(error.stack) : []
      if (stack.length === 0 && filename) stack.push({ name: '', url: filename, line, column })
      reporter.tell({ type: 'failed', text: short(textOf(error) ?? message), stack })
    },
    // Elements' errors do not bubble.
    { capture: true },
  )
  window.addEventListener('unhandledrejection', ({ reason }) => {
    const text = textOf(reason) ?? new Describer().describe(reason).text
    reporter.tell({
      type: 'failed',
      text: `Uncaught (in promise) ${text}`,
      stack: parseStack((reason as Error | undefined)?.stack),
    })
  })
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    reporter.tell({
      type: 'failed',
      text: `The content security policy (${violatedDirective}) refused ${short(blockedURI, 500)}`,
      stack: [],
    })
  })
}

/** Tells of requests of scripts that did not succeed. */
export function watchRequests(reporter: Reporter): void {
  window.fetch = new Proxy(window.fetch, {
    apply(target, self, args: Parameters<typeof fetch>) {
      const answer = Reflect.apply(target, self, args)
      const [input, options] = args
      const url = input instanceof Request ? input.url : String(input)
      const method = options?.method ?? (input instanceof Request ? input.method : 'GET')
      return answer.then(
        (response) => {
          if (response.status >= 400) tellRequest(reporter, method, url, response.status, response.statusText)
          return response
        },
        (error: unknown) => {
          const aborted = (error as { name?: string } | undefined)?.name === 'AbortError'
          if (!aborted) tellRequest(reporter, method, url, 0, textOf(error) ?? '')
          throw error
        },
      )
    },
  })
  const asked = new WeakMap<XMLHttpRequest, { method: string; url: string }>()
  XMLHttpRequest.prototype.open = new Proxy(XMLHttpRequest.prototype.open, {
    apply(target, self: XMLHttpRequest, args: [string, string | URL]) {
      if (!asked.has(self)) {
        self.addEventListener('loadend', () => {
          const { method = 'GET', url = '' } = asked.get(self) ?? {}
          if (self.status >= 400) tellRequest(reporter, method, url, self.status, self.statusText)
        })
        self.addEventListener('error', () => {
          const { method = 'GET', url = '' } = asked.get(self) ?? {}
          tellRequest(reporter, method, url, 0, 'there was no answer')
        })
      }
      asked.set(self, { method: String(args[0]), url: String(args[1]) })
      return Reflect.apply(target, self, args)
    },
  })
}

function tellRequest(reporter: Reporter, method: string, url: string, status: number, reason: string): void {
  let absolute = url
  try {
    absolute = new URL(url, location.href).href
  } catch {
    // Shown as it is.
  }
  reporter.tell({
    type: 'request',
    method: method.slice(0, 20),
    url: short(absolute, 2000),
    status,
    reason: short(reason, 300),
  })
}

function textOf(error: unknown): string | undefined {
  return error instanceof Error ? `${error.name}: ${error.message}` : undefined
}
