import type { ObserverSettings } from '../../core/wire/observed.ts'

/**
 * Some dev servers (webpack-dev-server, when it was given its port) tell their page the port they listen on, which is not
 * the one that the preview is reached at: a socket to it goes where the page came from.
 */
export function redirectSockets({ port }: ObserverSettings): void {
  if (location.port === String(port)) return
  window.WebSocket = new Proxy(window.WebSocket, {
    construct(target, [url, ...rest]: [string | URL, ...unknown[]], made) {
      return Reflect.construct(target, [publicAddress(String(url), port), ...rest], made) as WebSocket
    },
  })
}

function publicAddress(url: string, port: number): string {
  try {
    const address = new URL(url, location.href)
    const isOwn =
      address.hostname === location.hostname || /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(address.hostname)
    if (!isOwn || address.port !== String(port)) return url
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    address.host = location.host
    return address.href
  } catch {
    return url
  }
}
