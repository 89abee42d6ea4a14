export interface ServerEvent {
  event: string
  data: string
}

/**
 * Server-sent events out of text that arrives in any pieces (HTML standard, 9.2.6): feed it each piece, it gives the
 * events completed by it. Comments and unknown fields are passed over.
 */
export class EventStreamParser {
  #rest = ''
  #event = ''
  #data: string[] = []

  feed(piece: string): ServerEvent[] {
    const events: ServerEvent[] = []
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?=[^\n])/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) events.push({ event: this.#event || 'message', data: this.#data.join('\n') })
        this.#event = ''
        this.#data = []
        continue
      }
      const [, field = '', value = ''] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? []
      if (field === 'event') this.#event = value
      else if (field === 'data') this.#data.push(value)
    }
    return events
  }
}
