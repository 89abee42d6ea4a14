interface InsideBuffer {
  x: number
  y: number
  clear(): void
}

interface Inside {
  cols: number
  rows: number
  buffers: { active: InsideBuffer; alt: InsideBuffer }
  _inputHandler: {
    parse(data: string | Uint8Array, asyncResult?: boolean): unknown
    _parser: {
      reset(): void
      registerCsiHandler(
        id: { prefix?: string; final: string },
        handler: (params: { params: Int32Array }) => boolean,
      ): unknown
    }
  }
}

export interface Emulator {
  onResize(listener: () => void): unknown
}

/**
 * Keeps xterm.js alive whatever a program writes: version 6 throws at some sequences, inside of a timer, and from then on
 * draws nothing more. To be called for a terminal in the worker as well as for one in a page, so that they stay alike.
 */
export function harden(terminal: Emulator, failed: (error: unknown) => void): void {
  const inside = (terminal as unknown as { _core: Inside })._core
  const input = inside._inputHandler
  // Erasing up to the last column of the last row looks at the row below it. It is the same as erasing the screen.
  for (const id of [{ final: 'J' }, { prefix: '?', final: 'J' }]) {
    input._parser.registerCsiHandler(id, ({ params }) => {
      const { x, y } = inside.buffers.active
      if (params[0] === 1 && y >= inside.rows - 1 && x >= inside.cols - 1) params[0] = 2
      return false
    })
  }
  // An alternate screen that is not shown keeps room for more lines than it has rows, and would scroll back.
  terminal.onResize(() => {
    const { active, alt } = inside.buffers
    if (active !== alt) alt.clear()
  })
  const parse = input.parse.bind(input)
  input.parse = (data, asyncResult) => {
    try {
      return parse(data, asyncResult)
    } catch (error) {
      input._parser.reset()
      failed(error)
      return undefined
    }
  }
}
