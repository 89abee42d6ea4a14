/** The page's one WebSocket, on its own origin; the sign-in cookie goes along by itself. */
export const SOCKET_PATH = '/_omega/ws'

/** `wake`: a person wants the sandbox, so it is woken if it sleeps. */
export function makeSocket(wake: boolean): WebSocket {
  const url = new URL(SOCKET_PATH + (wake ? '?wake=1' : ''), location.href)
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(url)
}
