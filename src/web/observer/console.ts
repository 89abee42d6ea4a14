import type { Level, Shown } from '../../core/wire/observed.ts'
import type { Reporter } from './reporter.ts'
import { parseStack, stackHere } from './stack.ts'
import { Describer, short } from './values.ts'

type Method = (...args: unknown[]) => void
type Patched = Record<string, Method | undefined>

/** Listens to the page's console; what is printed still goes where it went. */
export function watchConsole(reporter: Reporter): void {
  const methods = console as unknown as Patched
  const counts = new Map<string, number>()
  const timers = new Map<string, number>()
  let depth = 0

  const print = (level: Level, args: unknown[]) => {
    const error = args.find((arg) => arg instanceof Error)
    const stack = error ? parseStack(error.stack) : stackHere()
    reporter.tell({
      type: 'printed',
      level,
      values: describeAll(args),
      depth,
      stack: level === 'error' || error ? stack : stack.slice(0, 8),
    })
  }
  const group: Method = (...args) => {
    print('log', args.length === 0 ? ['console.group'] : args)
    depth++
  }
  const elapsed = (label: unknown = 'default') => {
    const since = timers.get(String(label))
    return since === undefined ? 'no such timer' : `${(performance.now() - since).toFixed(1)} ms`
  }
  const heard: Record<string, Method> = {
    log: (...args) => print('log', args),
    info: (...args) => print('info', args),
    debug: (...args) => print('debug', args),
    warn: (...args) => print('warn', args),
    error: (...args) => print('error', args),
    trace: (...args) => print('log', args.length === 0 ? ['console.trace'] : args),
    dir: (value) => print('log', [value]),
    dirxml: (...args) => print('log', args),
    table: (value) => print('log', [value]),
    group,
    groupCollapsed: group,
    groupEnd: () => {
      depth = Math.max(0, depth - 1)
    },
    assert: (condition, ...args) => {
      if (!condition) print('error', ['Assertion failed:', ...args])
    },
    count: (label = 'default') => {
      const count = (counts.get(String(label)) ?? 0) + 1
      counts.set(String(label), count)
      print('info', [`${label}: ${count}`])
    },
    countReset: (label = 'default') => counts.delete(String(label)),
    time: (label = 'default') => timers.set(String(label), performance.now()),
    timeLog: (label, ...args) => print('info', [`${label ?? 'default'}: ${elapsed(label)}`, ...args]),
    timeEnd: (label) => {
      print('info', [`${label ?? 'default'}: ${elapsed(label)}`])
      timers.delete(String(label ?? 'default'))
    },
    clear: () => reporter.tell({ type: 'cleared' }),
  }
  for (const [name, hear] of Object.entries(heard)) {
    const original = methods[name]
    if (typeof original !== 'function') continue
    methods[name] = new Proxy(original, {
      apply(target, self, args: unknown[]) {
        try {
          hear(...args)
        } catch {
          // Whatever is wrong with the values, the page must not notice.
        }
        return Reflect.apply(target, self, args)
      },
    })
  }
}

/** The values printed, `%s` and the like filled in as a browser's console does (Console Standard, 2.2). */
export function describeAll(args: readonly unknown[]): Shown[] {
  const [first, ...rest] = args
  if (typeof first !== 'string') return args.map((arg) => new Describer().describe(arg))
  const shown: Shown[] = []
  let text = ''
  let style: string | undefined
  const flush = () => {
    if (text !== '') shown.push({ kind: 'text', text: short(text), ...(style === undefined ? {} : { style }) })
    text = ''
  }
  for (const piece of first.split(/(%[sdifoOc%])/)) {
    const directive = /^%[sdifoOc%]$/.test(piece) ? piece[1] : undefined
    if (directive === undefined || (directive !== '%' && rest.length === 0)) text += piece
    else if (directive === '%') text += '%'
    else {
      const value = rest.shift()
      if (directive === 's') text += typeof value === 'string' ? value : new Describer().describe(value).text
      else if (directive === 'd' || directive === 'i')
        text += typeof value === 'symbol' ? 'NaN' : Number.parseInt(String(value), 10)
      else if (directive === 'f') text += typeof value === 'symbol' ? 'NaN' : Number.parseFloat(String(value))
      else {
        flush()
        if (directive === 'c') style = short(String(value), 500)
        else shown.push(new Describer().describe(value))
      }
    }
  }
  flush()
  return [...shown, ...rest.map(topLevel)]
}

/** A string beside others is printed without quotes. */
function topLevel(value: unknown): Shown {
  return typeof value === 'string' ? { kind: 'text', text: short(value) } : new Describer().describe(value)
}
