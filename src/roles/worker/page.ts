import type { Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { OmegaError } from '../../core/errors.ts'
import { quote } from '../../core/names.ts'
import type { Claim } from '../../core/wire/worker.ts'
import { guardHeaders } from './problem-answer.ts'

/** What a build writes; anything else is sent as bytes. */
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Plain names, one below the other; none begins with a dot. */
const assetPath = /^\/(?:[\w@-][\w.@-]*\/)*[\w@-][\w.@-]*$/

/**
 * Sends a file of the built page: as the build compressed it (FILE.br beside FILE) where the browser takes that, hashed
 * files for ever, the others asked for each time.
 */
export async function sendPage(
  pageDir: string,
  path: string,
  claim: Claim,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const name = path === '/' ? '/index.html' : path
  const found = assetPath.test(name) ? await openFile(join(pageDir, name)) : undefined
  if (!found && path === '/') {
    const sentence = 'The sandbox runs, but its IDE page was not built. Run `npm run build`, then reload.\n'
    response.writeHead(200, { ...guardHeaders, 'content-type': 'text/plain; charset=utf-8' }).end(sentence)
    return
  }
  if (!found) throw new OmegaError('NOT_FOUND', `There is nothing at ${quote(path)}.`)
  try {
    const immutable = name.startsWith('/assets/')
    const tag = `"${found.stat.size.toString(36)}-${Math.trunc(found.stat.mtimeMs).toString(36)}"`
    const headers: Record<string, string> = {
      ...guardHeaders,
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      etag: tag,
      ...(immutable ? {} : { 'content-security-policy': pagePolicy(claim) }),
    }
    if (request.headers['if-none-match'] === tag) {
      response.writeHead(304, headers).end()
      return
    }
    const brotli = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''))
    const compressed = brotli ? await openFile(join(pageDir, `${name}.br`)) : undefined
    try {
      if (compressed) headers['content-encoding'] = 'br'
      headers['content-length'] = String((compressed ?? found).stat.size)
      response.writeHead(200, headers)
      if (request.method === 'HEAD') response.end()
      else await pipeline((compressed ?? found).file.createReadStream({ autoClose: false }), response)
    } finally {
      await compressed?.file.close()
    }
  } finally {
    await found.file.close()
  }
}

async function openFile(path: string): Promise<{ file: FileHandle; stat: Stats } | undefined> {
  const file = await open(path).catch(() => undefined)
  if (!file) return undefined
  const stat = await file.stat()
  if (stat.isFile()) return { file, stat }
  await file.close()
  return undefined
}

/** What the page may load and show: itself, its socket, and the previews of its own zone in frames. */
function pagePolicy({ domain, port }: Claim): string {
  const previews = ['http', 'https'].flatMap((scheme) => [`${scheme}://*.${domain}:${port}`, `${scheme}://*.${domain}`])
  return [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "worker-src 'self' blob:",
    `frame-src ${previews.join(' ')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
