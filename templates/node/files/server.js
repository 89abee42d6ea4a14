import { createServer } from 'node:http'

const port = Number(process.env.PORT ?? 3000)

/** Every address of this server and what it answers. Add your own. */
const routes = {
  '/': () => page('Hello, Node.js', 'Change <code>server.js</code> and save: the server restarts. Then load this page again.'),
  '/api/time': () => json({ time: new Date().toISOString(), node: process.version }),
}

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  const route = routes[pathname]
  const { status = 200, type, body } = route
    ? route(request)
    : { status: 404, ...page('Not found', `There is nothing at <code>${escape(pathname)}</code>.`) }
  response.writeHead(status, { 'content-type': type }).end(body)
})

server.listen(port, '127.0.0.1', () => console.log(`Listening on http://localhost:${port}`))

function json(value) {
  return { type: 'application/json; charset=utf-8', body: JSON.stringify(value, null, 2) }
}

function page(title, text) {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center }
  main { max-width: 30rem; padding: 2rem; text-align: center }
  h1 { font-size: 2.6rem; line-height: 1.1; letter-spacing: -.03em; margin: 0 }
  code { padding: .1em .35em; border-radius: .3em; background: #5fa04e33 }
  a { color: #3f8a2d }
</style>
<main>
  <h1>${title}</h1>
  <p>${text}</p>
  <p><a href="/api/time">/api/time</a> answers with JSON.</p>
</main>
</html>
`
  return { type: 'text/html; charset=utf-8', body }
}

function escape(text) {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
