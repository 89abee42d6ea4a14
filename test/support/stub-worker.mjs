#!/usr/bin/env node
import { createHash, randomUUID } from 'node:crypto'
// What a worker does as far as its manager sees: /healthz, a claim that is kept, SIGTERM. Runs in the stub image and,
// with the options of `omega serve --role=worker`, as a plain process.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  strict: false,
  options: {
    listen: { type: 'string' },
    port: { type: 'string' },
    'state-dir': { type: 'string' },
    root: { type: 'string' },
  },
})
const stateDir = values['state-dir'] ?? '/tmp/omega-state'
// A copy has another hash: the claim of the one it was made of is not its own.
const file = `${stateDir}/claim-${process.env.OMEGA_CLAIM_HASH}.json`
mkdirSync(stateDir, { recursive: true })
const boot = randomUUID()
/** What a test wrote there, or in use just now. */
const activity = () =>
  existsSync(`${stateDir}/activity`)
    ? JSON.parse(readFileSync(`${stateDir}/activity`, 'utf8'))
    : { idleMs: 0, people: 0 }
const hash = (key) => createHash('sha256').update(`omega/1/claim/${key}`).digest('base64url')
// A test that claims by hand gives none.
const isOurs = (key) => key === undefined || [undefined, hash(key)].includes(process.env.OMEGA_CLAIM_HASH)
console.log(`stub worker of ${process.env.OMEGA_DOMAIN} as uid ${process.getuid()}`)
// A template whose project holds a file `broken` has a worker that ends before it answers.
if (existsSync(`${values.root ?? '/project'}/broken`)) {
  console.error('stub: the disk is on fire')
  process.exit(3)
}
if (existsSync(`${values.root ?? '/project'}/mute`)) setInterval(() => {}, 1000)
else
  createServer((request, response) => {
    if (request.url === '/healthz') return response.end('{"status":"ok"}')
    if (request.url === '/_omega/claim' && request.method === 'GET') {
      return response.end(existsSync(file) ? readFileSync(file) : 'null')
    }
    if (request.url === '/readyz') {
      response.statusCode = existsSync(file) ? 200 : 503
      return response.end()
    }
    if (request.url === '/said') return response.end(readFileSync(`${stateDir}/said`))
    // Something the sandbox's owner wrote, which its files keep.
    if (request.url === '/note' && request.method === 'GET') {
      response.statusCode = existsSync(`${stateDir}/note`) ? 200 : 404
      return response.end(response.statusCode === 200 ? readFileSync(`${stateDir}/note`) : '')
    }
    if (request.url === '/boot') return response.end(boot)
    if (request.url === '/_omega/activity') return response.end(JSON.stringify(activity()))
    if (request.url === '/environ') return response.end(readFileSync('/proc/self/environ'))
    let body = ''
    const said = request.url?.startsWith('/_omega/') && request.url !== '/_omega/claim'
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      if (request.url === '/note') writeFileSync(`${stateDir}/note`, body)
      else if (said) appendFileSync(`${stateDir}/said`, `${request.url} ${body}\n`)
      // What is not the claim, or one for another container.
      else if (request.url !== '/_omega/claim' || !isOurs(JSON.parse(body).key)) response.statusCode = 403
      else if (existsSync(file) && readFileSync(file, 'utf8') !== body) response.statusCode = 409
      else writeFileSync(file, body)
      response.end(JSON.stringify({ host: request.headers.host }))
    })
  }).listen(Number(values.port ?? 8080), values.listen ?? '0.0.0.0')
process.on('SIGTERM', () => process.exit(0))
