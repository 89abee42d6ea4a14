/** The page's one WebSocket, on its own origin; the sign-in cookie goes along by itself. */
export const SOCKET_PATH = '/_omega/ws'

export function makeSocket(): WebSocket {
  const url = new URL(SOCKET_PATH, location.href)
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(url)
}
