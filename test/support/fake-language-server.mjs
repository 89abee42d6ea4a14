#!/usr/bin/env node
/**
 * A language server whose hover does what the first line of the file says: `echo`, `crash`, `garbage`, `huge`, `array`,
 * `never`, `cancelled`, `edit`, `settings`, `mute`. Everything else is answered with null.
 */
const texts = new Map()
const cancelled = []
const answered = []
let buffer = Buffer.alloc(0)
let next = 1000

function send(message) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
  process.stdout.write(`Content-Length: ${body.length}\r\n\r\n`)
  process.stdout.write(body)
}

function hover(id, uri) {
  const text = texts.get(uri) ?? ''
  const word = text.split('\n')[0]
  const say = (value) => send({ id, result: { contents: { kind: 'plaintext', value } } })
  if (word === 'echo') say(text)
  else if (word === 'crash') process.exit(3)
  else if (word === 'garbage') process.stdout.write('I am no server at all\r\n\r\n'.repeat(500))
  else if (word === 'huge') process.stdout.write('Content-Length: 99999999999\r\n\r\n')
  else if (word === 'array') process.stdout.write('Content-Length: 2\r\n\r\n[]')
  else if (word === 'cancelled') say(JSON.stringify(cancelled))
  else if (word === 'settings') {
    send({ id: next++, method: 'workspace/configuration', params: { items: [{ section: 'typescript' }, {}] } })
    setTimeout(() => say(JSON.stringify(answered)), 50)
  } else if (word === 'edit') {
    const other = uri.replace(/[^/]+$/, 'other.ts')
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }
    send({
      id: next++,
      method: 'workspace/applyEdit',
      params: { edit: { changes: { [other]: [{ range, newText: '// by the server\n' }] } } },
    })
    send({ id: next++, method: 'workspace/applyEdit', params: { edit: { changes: { 'file:///etc/passwd': [] } } } })
    setTimeout(() => say(JSON.stringify(answered)), 300)
  } else if (word === 'mute') {
    process.stdin.pause()
  } else if (word !== 'never') send({ id, result: null })
}

function take({ id, method, params, result, error }) {
  const uri = params?.textDocument?.uri
  if (method === undefined) answered.push(error ?? result)
  else if (method === 'initialize') {
    const capabilities = { textDocumentSync: 2, hoverProvider: true, renameProvider: true }
    send({ id, result: { capabilities } })
  } else if (method === 'textDocument/didOpen') texts.set(uri, params.textDocument.text)
  else if (method === 'textDocument/didClose') texts.delete(uri)
  else if (method === 'textDocument/didChange') {
    for (const { range, text } of params.contentChanges) {
      const lines = texts.get(uri).split('\n')
      const offset = ({ line, character }) => lines.slice(0, line).join('\n').length + (line > 0 ? 1 : 0) + character
      const before = texts.get(uri)
      texts.set(uri, before.slice(0, offset(range.start)) + text + before.slice(offset(range.end)))
    }
  } else if (method === '$/cancelRequest') cancelled.push(params.id)
  else if (method === 'textDocument/hover') hover(id, uri)
  else if (id !== undefined) send({ id, result: null })
}

process.stdin.on('data', (chunk) => {
  buffer = Buffer.concat([buffer, chunk])
  for (;;) {
    const at = buffer.indexOf('\r\n\r\n')
    if (at < 0) return
    const length = Number(/content-length: *(\d+)/i.exec(buffer.toString('latin1', 0, at))[1])
    if (buffer.length < at + 4 + length) return
    const message = JSON.parse(buffer.toString('utf8', at + 4, at + 4 + length))
    buffer = buffer.subarray(at + 4 + length)
    take(message)
  }
})
process.stdin.on('end', () => process.exit(0))
