import type { ObserverSettings, ToFrame } from '../../core/wire/observed.ts'
import type { Reporter } from './reporter.ts'

/** So many scripts and styles of a page are fetched anew before it is. */
const MOST_FETCHED = 400

/** Tells where the page is, and goes where the IDE's page wants it to. */
export function watchAddress(reporter: Reporter, settings: ObserverSettings): void {
  let told = ''
  const tell = () => {
    const at = {
      type: 'at',
      url: location.href,
      title: document.title.slice(0, 300),
      canGoBack: window.navigation?.canGoBack ?? history.length > 1,
      canGoForward: window.navigation?.canGoForward ?? true,
    } as const
    const text = JSON.stringify(at)
    if (text !== told) reporter.tell(at)
    told = text
  }
  const [document0] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  reporter.tell({ type: 'began', url: location.href, status: document0?.responseStatus ?? 0 })
  tell()
  if (window.navigation) window.navigation.addEventListener('currententrychange', tell)
  else {
    for (const name of ['pushState', 'replaceState'] as const) {
      history[name] = new Proxy(history[name], {
        apply(target, self, args) {
          const done = Reflect.apply(target, self, args)
          tell()
          return done
        },
      })
    }
    for (const event of ['popstate', 'hashchange']) window.addEventListener(event, tell)
  }
  for (const event of ['DOMContentLoaded', 'load', 'pageshow']) window.addEventListener(event, tell)
  const titles = new MutationObserver(tell)
  document.addEventListener('DOMContentLoaded', () => {
    titles.observe(document.head, { subtree: true, childList: true, characterData: true })
  })

  window.addEventListener(
    'message',
    (event: MessageEvent<Partial<ToFrame> | null>) => {
      const { data, origin, source } = event
      if (origin !== settings.ide || source !== window.top || data?.omega !== settings.key || !data.command) return
      // Between us and the IDE.
      event.stopImmediatePropagation()
      void obey(data.command)
    },
    { capture: true },
  )
}

async function obey(command: ToFrame['command']): Promise<void> {
  if (command.do === 'reload') location.reload()
  else if (command.do === 'fresh') await reloadFresh()
  else if (command.do === 'go') {
    const to = new URL(command.path, location.origin)
    if (to.origin !== location.origin) return
    if (to.href === location.href) location.reload()
    else location.assign(to.href)
  } else if (window.navigation) {
    // history.back() might take the IDE's own page back.
    if (command.do === 'back' && window.navigation.canGoBack) window.navigation.back()
    if (command.do === 'forward' && window.navigation.canGoForward) window.navigation.forward()
  } else history[command.do]()
}

/** Loads the page again, and everything it loaded, past the browser's cache and past service workers. */
async function reloadFresh(): Promise<void> {
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name)
  const own = [location.href, ...new Set(loaded)].filter((url) => url.startsWith(`${location.origin}/`))
  try {
    const workers = (await navigator.serviceWorker?.getRegistrations()) ?? []
    await Promise.all(workers.map((worker) => worker.unregister()))
    const fetched = own
      .slice(0, MOST_FETCHED)
      .map((url) => fetch(url, { cache: 'reload', signal: AbortSignal.timeout(5_000) }))
    await Promise.allSettled(fetched)
  } finally {
    location.reload()
  }
}
