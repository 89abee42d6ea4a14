/** How the scripts show what they do: one line for each step, its time when it took any, its output only if it failed. */
import { spawn } from 'node:child_process'

const isTerminal = process.stderr.isTTY

/** A line for the person who waits. */
export function say(text) {
  console.error(text)
}

/** Does `work` and shows how long it took. Failures pass through. */
export async function step(title, work) {
  const began = performance.now()
  const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1)} s`
  if (isTerminal) process.stderr.write(`  ${title} ...`)
  else say(`  ${title} ...`)
  const timer = isTerminal
    ? setInterval(() => process.stderr.write(`\r  ${title} ... ${elapsed()} `), 1000)
    : setInterval(() => say(`  ${title} ... ${elapsed()} so far`), 30_000)
  try {
    await work()
    end('✓')
  } catch (error) {
    end('✗')
    throw error
  } finally {
    clearInterval(timer)
  }

  function end(mark) {
    const line = `${mark} ${title} (${elapsed()})`
    if (isTerminal) process.stderr.write(`\r\x1b[K${line}\n`)
    else say(line)
  }
}

/** A command that failed: what it said first and last is the message; in between, tools explain themselves. */
export class CommandFailed extends Error {
  constructor(command, reason, output) {
    const lines = output.split(/\r?\n/).filter((line) => line.trim() && !/^npm (?:notice|warn)/.test(line))
    const shown = lines.length <= 36 ? lines : [...lines.slice(0, 12), '...', ...lines.slice(-24)]
    super(`\`${command.join(' ')}\` ${reason}\n${shown.map((line) => `    ${line}`).join('\n')}`)
  }
}

/** Runs a command to its end in silence and gives its output. */
export function run(command, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => {
        output += text
      })
    }
    child.on('error', (error) => reject(new CommandFailed(command, `cannot be started: ${error.message}`, output)))
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(new CommandFailed(command, `ended with ${code ?? signal}`, output))
    })
  })
}

/** Runs a command whose output the person should see; gives its exit code. */
export function show(command, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), { stdio: 'inherit', ...options })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
