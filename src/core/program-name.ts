/** Programs that run others: what they run is what a person means. */
const runners =
  /^(?:node|nodejs|bun|deno|python\d*(?:\.\d+)*|ruby|perl|php|java|sh|bash|dash|tini|env|npx|npm|pnpm|yarn)$/
/** Options of theirs that take a word more, which is no program. */
const taking = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '-C',
  '--conditions',
  '--env-file',
  '-X',
  '-W',
  '-cp',
])
/** Words of runners that say what to do, before its name. */
const verbs = new Set(['run', 'exec', 'run-script', 'dlx', 'x'])

/**
 * What a person calls a running program, by its command line: `vite` for `node /p/node_modules/.bin/vite --port 5173`,
 * `http.server` for `python3 -m http.server`, `server.js` for `node server.js`.
 */
export function programName(words: readonly string[]): string | undefined {
  const [first = '', ...rest] = words
  // A program may have written a title over its words: `next-server (v16.4.6)`.
  const name = fileName(rest.some((word) => word !== '') ? first : (first.split(' ')[0] ?? ''))
  if (!runners.test(name)) return name || undefined
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? ''
    if (word === '-m') return rest[index + 1]
    if (word === '-c' || word === '-e' || word === '-p') break
    if (taking.has(word)) index++
    else if (word !== '' && !word.startsWith('-') && !verbs.has(word)) return runName(word)
  }
  return name
}

/** `node_modules/vite/bin/vite.js` is vite, `bin/rails` is rails, `src/server.js` is server.js. */
function runName(path: string): string {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1]
  if (inPackage !== undefined && inPackage !== '.bin') return inPackage
  return fileName(path)
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
