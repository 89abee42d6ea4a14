/**
 * Serves this folder and reloads the page when a file it asked for changes; a changed style sheet is exchanged without a reload.
 * No dependencies: `node .dev/serve.mjs`, the port is $PORT or 4173.
 */
import { readdirSync, watch } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, relative, resolve, sep } from 'node:path'

const root = await realpath(resolve(import.meta.dirname, '..'))
const port = Number(process.env.PORT ?? 4173)
const pages = new Set()

const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
}

const reloader = `<script type="module">
  const changes = new EventSource('/.dev/changes')
  let lost = false
  changes.onerror = () => { lost = true }
  changes.onopen = () => { if (lost) location.reload() }
  changes.onmessage = ({ data }) => {
    const sheets = data.endsWith('.css') ? [...document.querySelectorAll('link[rel=stylesheet]')] : []
    const changed = sheets.filter((sheet) => new URL(sheet.href).pathname === data)
    if (changed.length === 0) return location.reload()
    for (const sheet of changed) {
      const fresh = sheet.cloneNode()
      fresh.href = data + '?' + Date.now()
      fresh.onload = () => sheet.remove()
      sheet.after(fresh)
    }
  }
</script>
`

const server = createServer(async (request, response) => {
  try {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
    if (path === '/.dev/changes') return follow(response)
    await send(path, response)
  } catch (error) {
    const status = error instanceof URIError || error.code === 'ERR_INVALID_ARG_VALUE' ? 400 : 500
    if (status === 500) console.error(error)
    if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(status === 400 ? 'This is not a valid address.\n' : 'The file cannot be read; see the log.\n')
  }
})

server.listen(port, '127.0.0.1', () => console.log(`Serving this folder on http://localhost:${port}`))

/** Paths that pages asked for, whether they were there or not: other files may change without a reload. */
const asked = new Set()

/** Several events come for one save, and a file may be empty between them: wait until it is quiet. */
const changed = new Map()
function touched(path, mayBeFolder) {
  if (!isServed(path) || !(mayBeFolder || asked.has(path))) return
  clearTimeout(changed.get(path))
  changed.set(
    path,
    setTimeout(async () => {
      changed.delete(path)
      const found = mayBeFolder ? await lstat(join(root, path)).catch(() => undefined) : undefined
      if (found?.isDirectory()) watchFolder(path)
      else if (!found) unwatchFolder(path)
      // A folder that comes, goes or takes another's place does so with all that is in it.
      const files = [...asked].filter((file) => file === path || file.startsWith(`${path}/`))
      for (const page of pages) for (const file of files) page.write(`data: /${file}\n\n`)
    }, 40),
  )
}

/** One watch for each folder, links not followed. Watching `recursive` looks at each file, and at all of them when one changes. */
const watched = new Map()
function watchFolder(path) {
  if (watched.has(path)) return
  try {
    const watcher = watch(join(root, path))
    watched.set(path, watcher)
    watcher.on('change', (event, name) => name && touched(join(path, name), event === 'rename'))
    watcher.on('error', () => unwatchFolder(path))
    for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
      if (entry.isDirectory() && isServed(entry.name)) watchFolder(join(path, entry.name))
    }
  } catch (error) {
    console.error(`${path || 'This folder'} is not watched: ${error.message}`)
  }
}
function unwatchFolder(path) {
  if (!watched.has(path)) return
  for (const [other, watcher] of watched) {
    if (other !== path && !other.startsWith(`${path}/`)) continue
    watcher.close()
    watched.delete(other)
  }
}
const isServed = (path) => !path.split(sep).some((part) => part.startsWith('.') || part === 'node_modules')
watchFolder('')

function follow(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('retry: 500\n\n')
  pages.add(response)
  response.on('close', () => pages.delete(response))
}

async function send(path, response) {
  const opened = (await find(path)) ?? (path.endsWith('/') ? undefined : await find(`${path}/`))
  if (!opened) {
    response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' })
    return response.end(`<!doctype html><title>Not found</title><h1>Not found</h1>${reloader}`)
  }
  const { file, body } = opened
  const type = types[extname(file).toLowerCase()] ?? 'application/octet-stream'
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
  response.end(extname(file) === '.html' ? Buffer.concat([body, Buffer.from(reloader)]) : body)
}

/** The file of an address, never one outside this folder; undefined if there is none. */
async function find(path) {
  const named = join(root, path.endsWith('/') ? `${path}index.html` : path)
  if (named.startsWith(root + sep)) asked.add(relative(root, named))
  const file = await realpath(named).catch(() => undefined)
  if (!file?.startsWith(root + sep)) return undefined
  asked.add(relative(root, file))
  const handle = await open(file)
  try {
    if (!(await handle.stat()).isFile()) return undefined
    return { file, body: await handle.readFile() }
  } finally {
    await handle.close()
  }
}
