/** A request of the EC2 Query API: `Filter.1.Value.2=x` is `fields.get('Filter.1.Value.2')`. */
export class Query {
  readonly fields: URLSearchParams

  constructor(body: string) {
    this.fields = new URLSearchParams(body)
  }

  get action(): string {
    return this.text('Action') ?? ''
  }

  text(name: string): string | undefined {
    return this.fields.get(name) ?? undefined
  }

  number(name: string, otherwise: number): number {
    return Number(this.text(name) ?? otherwise)
  }

  /** `NAME.1`, `NAME.2`, ... in order. */
  list(name: string): string[] {
    return this.indexes(name).map((index) => this.text(`${name}.${index}`) ?? '')
  }

  /** The members of a list of structures, each with its own prefix: `Filter.1`, `Filter.2`, ... */
  members(name: string): string[] {
    return this.indexes(name).map((index) => `${name}.${index}`)
  }

  private indexes(name: string): number[] {
    const start = `${name}.`
    const found = [...this.fields.keys()].filter((key) => key.startsWith(start))
    const indexes = new Set(found.map((key) => Number(key.slice(start.length).split('.')[0])))
    return [...indexes].filter((index) => index > 0).sort((a, b) => a - b)
  }
}

export type Xml = string | number | boolean | undefined | { [name: string]: Xml } | readonly Xml[]

/** A list is written as AWS writes it: `<NAME><item>...</item></NAME>`. */
export function xmlOf(name: string, value: Xml): string {
  if (value === undefined) return ''
  const inside = Array.isArray(value)
    ? value.map((each) => xmlOf('item', each)).join('')
    : typeof value === 'object'
      ? Object.entries(value)
          .map(([key, each]) => xmlOf(key, each))
          .join('')
      : escaped(String(value))
  return `<${name}>${inside}</${name}>`
}

const escaped = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
