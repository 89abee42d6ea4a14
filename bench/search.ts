import { request } from 'node:http'
import type { CreatedSandbox } from '../src/core/wire/http.ts'
import type { SearchMessage } from '../src/core/wire/operations/search.ts'
import { WireClient } from '../test/support/worker.ts'
import { bearerOf, hostOf, Installation } from './support/installation.ts'
import { median, type Row } from './support/measure.ts'

export const title = "search in a project of 50,000 files through the page's socket against bare ripgrep beside it"

const FILES = 50_000
const ROUNDS = 9
const WORD = 'needle'

/** Milliseconds from the beginning until the first result and the last one. */
interface Times {
  first: number
  last: number
}

/** Each tenth file has the word once. */
const makeTree = `
import os
for number in range(${FILES}):
    folder = f"tree/folder{number % 250}"
    os.makedirs(folder, exist_ok=True)
    word = "haystack" if number % 10 else "a ${WORD}"
    with open(f"{folder}/module{number}.js", "w") as file:
        file.write(f"// module {number}\\n// {word}\\n" + "// as in any file\\n" * 20)
`

/** Runs ripgrep as from a shell, its output into a pipe, and prints both times. */
const timeBare = (parameters: string[]) => `
import subprocess, time
begun = time.perf_counter()
run = subprocess.Popen(["rg", *${JSON.stringify(parameters)}], stdout=subprocess.PIPE)
run.stdout.read1(1)
first = time.perf_counter()
while run.stdout.read1(65536): pass
run.wait()
print((first - begun) * 1000, (time.perf_counter() - begun) * 1000)
`

export async function run(): Promise<Row[]> {
  const omega = await Installation.start()
  try {
    const sandbox = await omega.create('static')
    await python(sandbox, makeTree)
    const client = new WireClient(sandbox.port, bearerOf(sandbox), hostOf(sandbox))
    await client.opened
    const samples: Record<'text' | 'list', [ours: Times[], bare: Times[]]> = { text: [[], []], list: [[], []] }
    // One round more: the first one reads the disk.
    for (let round = 0; round <= ROUNDS; round++) {
      const text = [await searchText(client), await bare(sandbox, [WORD, './'])] as const
      const list = [await listFiles(client), await bare(sandbox, ['--files', './'])] as const
      if (round === 0) continue
      for (const side of [0, 1] as const) {
        samples.text[side].push(text[side])
        samples.list[side].push(list[side])
      }
    }
    client.end()
    const row = (what: string, [ours, others]: [Times[], Times[]], which: keyof Times): Row => ({
      what,
      measured: median(ours.map((times) => times[which])),
      baseline: median(others.map((times) => times[which])),
      unit: 'ms',
    })
    return [
      row(`search in ${FILES.toLocaleString('en')} files, first result`, samples.text, 'first'),
      row(`  last of ${(FILES / 10).toLocaleString('en')} results`, samples.text, 'last'),
      row('list of all files for quick open, first names', samples.list, 'first'),
      row('  last name', samples.list, 'last'),
    ]
  } finally {
    await omega.close()
  }
}

async function searchText(client: WireClient): Promise<Times> {
  const begun = performance.now()
  const options = { isRegex: false, matchCase: false, wholeWord: false, include: '', exclude: '', ignored: false }
  const { channel } = await client.request('search.text', { query: WORD, ...options })
  let first: number | undefined
  let last: number | undefined
  let found = 0
  client.listen(channel, (payload) => {
    const message = JSON.parse(Buffer.from(payload).toString()) as SearchMessage
    client.paint(channel, payload.length)
    first ??= performance.now()
    if ('end' in message) last = performance.now()
    else for (const { matches } of message.files) found += matches.length
  })
  await client.until(() => last !== undefined)
  if (found !== FILES / 10) throw new Error(`${found} results were found.`)
  return { first: (first ?? Number.NaN) - begun, last: (last ?? Number.NaN) - begun }
}

async function listFiles(client: WireClient): Promise<Times> {
  const begun = performance.now()
  const { channel } = await client.request('search.files', { ignored: false })
  let first: number | undefined
  client.listen(channel, (payload) => {
    first ??= performance.now()
    client.paint(channel, payload.length)
  })
  await client.until(() =>
    client.events.some((one) => one.event === 'search.listed' && (one.data as { channel: number }).channel === channel),
  )
  return { first: (first ?? Number.NaN) - begun, last: performance.now() - begun }
}

async function bare(sandbox: CreatedSandbox, parameters: string[]): Promise<Times> {
  const [first, last] = (await python(sandbox, timeBare(parameters))).trim().split(' ').map(Number)
  return { first: first ?? Number.NaN, last: last ?? Number.NaN }
}

/** Runs a script in the project's folder; gives what it printed. */
async function python(sandbox: CreatedSandbox, script: string): Promise<string> {
  const lines = (await execute(sandbox, ['python3', '-c', script])).split('\n').filter(Boolean)
  const parts = lines.map((line) => JSON.parse(line) as { stream?: string; data?: string; exit?: number })
  const output = (stream: string) =>
    parts
      .filter((part) => part.stream === stream)
      .map(({ data = '' }) => Buffer.from(data, 'base64').toString())
      .join('')
  if (parts.at(-1)?.exit !== 0) throw new Error(`The script failed: ${lines.at(-1)} ${output('stderr')}`)
  return output('stdout')
}

/** What the worker says of a command, once it has ended. */
function execute(sandbox: CreatedSandbox, cmd: string[]): Promise<string> {
  const headers = { ...bearerOf(sandbox), 'content-type': 'application/json', host: hostOf(sandbox) }
  const options = { host: '127.0.0.1', port: sandbox.port, path: '/_omega/exec', method: 'POST', headers }
  return new Promise((resolve, reject) => {
    const call = request(options, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part) => {
        body += part
      })
      response.once('end', () => resolve(body))
      response.once('error', reject)
    })
    call.once('error', reject)
    call.end(JSON.stringify({ cmd }))
  })
}
