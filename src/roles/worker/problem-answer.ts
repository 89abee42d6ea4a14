import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type OmegaError, toProblem } from '../../core/errors.ts'
import { asOmegaError } from '../../drivers/web-app.ts'

/** On every answer of our own: nothing is guessed, nothing is told to other sites, nothing is kept. */
export const guardHeaders = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const

const pageHeaders = {
  ...guardHeaders,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
} as const

/** Answers with an error: a problem document (RFC 9457), or a small page for somebody who navigated here. */
export function answerProblem(response: ServerResponse, error: unknown, navigation: boolean): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const known = asOmegaError(error)
  if (navigation) {
    const { title } = toProblem(known)
    answerPage(response, known.status, title, known.message)
    return
  }
  const body = JSON.stringify(toProblem(known))
  response.writeHead(known.status, { ...guardHeaders, 'content-type': 'application/problem+json' }).end(body)
}

/** A page of one heading and one sentence; with `refreshSeconds` it asks again by itself. */
export function answerPage(
  response: ServerResponse,
  status: number,
  title: string,
  text: string,
  refreshSeconds?: number,
): void {
  const refresh = refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">`
  response.writeHead(status, pageHeaders).end(`<!doctype html><html lang="en"><meta charset="utf-8">${refresh}
<meta name="viewport" content="width=device-width"><title>${asHtml(title)}</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem}
h1{font-size:1.25rem}p{opacity:.8}</style><h1>${asHtml(title)}</h1><p>${asHtml(text)}</p></html>
`)
}

/** Refuses an upgrade: a complete HTTP answer on the raw socket, before anything was switched. */
export function refuseUpgrade(socket: Duplex, error: OmegaError): void {
  const body = JSON.stringify(toProblem(error))
  socket.end(
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

function asHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
