#!/usr/bin/env node
/**
 * A git server as a person meets one: `git http-backend` behind HTTP basic authentication. Plain JavaScript, since the
 * system tests run it inside a container: `node git-http-server.mjs FOLDER PORT NAME PASSWORD`.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

/** Serves the bare repositories of a folder; gives the server once it listens. */
export function serveGit({ folder, port = 0, name, password }) {
  const server = createServer((request, response) => {
    const expected = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('HTTP Basic: Access denied\n')
      return
    }
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: name,
        PATH_INFO: decodeURIComponent(pathname),
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        ...(request.headers['content-encoding'] ? { HTTP_CONTENT_ENCODING: request.headers['content-encoding'] } : {}),
        ...(request.headers['git-protocol'] ? { GIT_PROTOCOL: request.headers['git-protocol'] } : {}),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    request.pipe(backend.stdin)
    backend.stdin.on('error', () => undefined)
    let head = Buffer.alloc(0)
    let begun = false
    backend.stdout.on('data', (chunk) => {
      if (begun) {
        response.write(chunk)
        return
      }
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      begun = true
      const fields = head
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => /^([^:]+):\s*(.*)$/.exec(line))
      const status = fields.find((field) => field?.[1]?.toLowerCase() === 'status')?.[2]
      const headers = fields.flatMap((field) =>
        field && field[1]?.toLowerCase() !== 'status' ? [field[1], field[2]] : [],
      )
      response.writeHead(status ? Number.parseInt(status, 10) : 200, headers)
      response.write(head.subarray(end + 4))
    })
    backend.stdout.on('end', () => response.end())
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

if (process.argv[2] !== undefined && process.argv[1]?.endsWith('git-http-server.mjs')) {
  const [, , folder, port, name, password] = process.argv
  await serveGit({ folder, port: Number(port), name, password })
  console.log('listening')
}
