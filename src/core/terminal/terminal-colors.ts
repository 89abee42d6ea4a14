/** What a program may ask for and set: OSC 4 (the numbered ones), 10, 11 and 12. */
export interface TerminalColors {
  foreground: string
  background: string
  cursor: string
  /** The first sixteen. */
  palette: readonly string[]
}

/** Until a page has said what it draws with. */
export const defaultColors: TerminalColors = {
  foreground: '#d9dee7',
  background: '#0f1218',
  cursor: '#86a3ff',
  palette: [
    ...['#3b4454', '#ff7d8e', '#4cc38a', '#e8b04a', '#8ab4ff', '#c79bff', '#6fd0dc', '#d9dee7'],
    ...['#667184', '#ff7d8e', '#4cc38a', '#e8b04a', '#86a3ff', '#c79bff', '#6fd0dc', '#ffffff'],
  ],
}

type Rgb = readonly [number, number, number]

const special: Record<number, 'foreground' | 'background' | 'cursor'> = {
  10: 'foreground',
  11: 'background',
  12: 'cursor',
}

/** The colours a program has set, in place of the page's own, and the answers to its questions about them. */
export class ProgramColors {
  /** What the page draws with. */
  base: TerminalColors = defaultColors
  readonly #indexed = new Map<number, string>()
  readonly #special = new Map<number, string>()

  /** Takes OSC 4 or 10 to 12, sets what it sets and gives the answer to what it asks, or ''. */
  take(code: number, data: string): string {
    return code === 4 ? this.#indexedColors(data) : this.#specialColors(code, data)
  }

  /** OSC 104 and 110 to 112: as the page has it. */
  restore(code: number, data: string): void {
    if (code > 104) this.#special.delete(code - 100)
    else if (data === '') this.#indexed.clear()
    else for (const slot of data.split(';')) this.#indexed.delete(Number(slot))
  }

  reset(): void {
    this.#indexed.clear()
    this.#special.clear()
  }

  /** The sequences that set what is set now. */
  restoring(): string {
    const indexed = [...this.#indexed].map(([index, spec]) => `\x1b]4;${index};${spec}\x1b\\`)
    const named = [...this.#special].map(([code, spec]) => `\x1b]${code};${spec}\x1b\\`)
    return [...indexed, ...named].join('')
  }

  #indexedColors(data: string): string {
    const slots = data.split(';')
    let answer = ''
    for (let at = 0; at + 1 < slots.length; at += 2) {
      const index = /^\d{1,3}$/.test(slots[at] ?? '') ? Number(slots[at]) : 256
      const spec = slots[at + 1] ?? ''
      if (index > 255) continue
      if (spec === '?') answer += `\x1b]4;${index};${asAnswer(this.#indexedColor(index))}\x1b\\`
      else if (parseColor(spec)) this.#indexed.set(index, spec)
    }
    return answer
  }

  /** Several values go to this one and those after it. */
  #specialColors(code: number, data: string): string {
    let answer = ''
    for (const [offset, spec] of data.split(';').entries()) {
      const name = special[code + offset]
      if (name === undefined) break
      if (spec === '?') answer += `\x1b]${code + offset};${asAnswer(this.#specialColor(code + offset, name))}\x1b\\`
      else if (parseColor(spec)) this.#special.set(code + offset, spec)
    }
    return answer
  }

  #indexedColor(index: number): Rgb {
    return parseColor(this.#indexed.get(index) ?? this.base.palette[index] ?? '') ?? cubeColor(index)
  }

  #specialColor(code: number, name: 'foreground' | 'background' | 'cursor'): Rgb {
    return parseColor(this.#special.get(code) ?? this.base[name]) ?? [0, 0, 0]
  }
}

/** X11's notations as terminals know them: `#rgb` to `#rrrrggggbbbb`, `rgb:r/g/b`; undefined for anything else. */
function parseColor(spec: string): Rgb | undefined {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{9}|[0-9a-f]{12})$/i.exec(spec)?.[1]
  const width = (hex?.length ?? 0) / 3
  const parts = hex
    ? [hex.slice(0, width), hex.slice(width, 2 * width), hex.slice(2 * width)]
    : /^rgb:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})$/i.exec(spec)?.slice(1)
  if (!parts) return undefined
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    Math.round((Number.parseInt(part, 16) / (16 ** part.length - 1)) * 255),
  )
  return [red, green, blue]
}

function asAnswer(color: Rgb): string {
  const hex = color.map((value) => value.toString(16).padStart(2, '0').repeat(2))
  return `rgb:${hex.join('/')}`
}

/** xterm's colours from 16 on: a cube of six steps, then greys. */
function cubeColor(index: number): Rgb {
  const grey = 8 + (index - 232) * 10
  if (index >= 232) return [grey, grey, grey]
  const step = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  const at = index - 16
  return [step(Math.floor(at / 36)), step(Math.floor(at / 6) % 6), step(at % 6)]
}
