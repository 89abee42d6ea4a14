/** The events of a `text/event-stream` answer (HTML Living Standard, 9.2), with JSON data. */
export async function* readEvents(response: Response): AsyncGenerator<{ event: string; data: unknown }> {
  let buffer = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    buffer += decoder.decode(chunk, { stream: true })
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const lines = buffer.slice(0, end).split('\n')
      buffer = buffer.slice(end + 2)
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field('data')
      if (data !== undefined) yield { event: field('event') ?? 'message', data: JSON.parse(data) }
    }
  }
}
