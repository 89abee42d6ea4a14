import type { ObserverSettings } from '../../core/wire/observed.ts'
import { watchAddress } from './address.ts'
import { watchConsole } from './console.ts'
import { watchErrors, watchRequests } from './failures.ts'
import { Reporter } from './reporter.ts'
import { redirectSockets } from './sockets.ts'

/**
 * Runs before all other scripts of a page that the IDE shows in a frame, and tells the IDE of it. It leaves nothing in the
 * document: what a framework finds there is what its server sent.
 */

/** Put here by the worker. */
declare const __OMEGA__: ObserverSettings

document.currentScript?.remove()
if (window.top !== null && window.top !== window) {
  const settings = __OMEGA__
  const reporter = new Reporter(settings)
  watchConsole(reporter)
  watchErrors(reporter)
  watchRequests(reporter)
  redirectSockets(settings)
  // A frame in the page is none of the address bar's.
  if (window.parent === window.top) watchAddress(reporter, settings)
}
