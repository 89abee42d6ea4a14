import type { IDisposable, IMarker, Terminal } from '@xterm/xterm'
import { type Command, CommandList } from '../../../core/terminal/command-list.ts'

/** The commands of a terminal on its screen: a mark at each, coloured by how it ended, and the way from one to the next. */
export class CommandMarks {
  readonly #terminal: Terminal
  readonly #list: CommandList<IMarker>
  readonly #marks = new Map<IMarker, { label: string; decoration: IDisposable }>()

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    this.#list = new CommandList<IMarker>({
      mark: (offset) => {
        const { normal, active } = terminal.buffer
        // A snapshot without its oldest lines may speak of them.
        if (active === normal && normal.baseY + normal.cursorY + offset < 0) return undefined
        return terminal.registerMarker(offset)
      },
      changed: (command) => this.#show(command),
    })
    const { parser } = terminal
    parser.registerOscHandler(133, (data) => {
      this.#list.take(data)
      return true
    })
    parser.registerOscHandler(7, (data) => {
      this.#list.takeFolder(data)
      return true
    })
    parser.registerEscHandler({ final: 'c' }, () => {
      this.#list.clear()
      return false
    })
  }

  /** The terminal forgot all lines but the cursor's. */
  cleared(): void {
    this.#list.cleared()
  }

  /** The folder the shell was in when this line of the buffer was written, an absolute path. */
  folderAt(line: number): string | undefined {
    const command = this.#list.all.findLast(({ place }) => place.line <= line)
    return command?.folder ?? this.#list.folder
  }

  /** Scrolls to the command before what is in sight, or after it. False when there is none. */
  go(step: -1 | 1): boolean {
    const { viewportY, baseY } = this.#terminal.buffer.active
    const lines = this.#list.all.map(({ place }) => place.line)
    if (step < 0) {
      const line = lines.findLast((one) => one < viewportY)
      if (line !== undefined) this.#terminal.scrollToLine(line)
      return line !== undefined
    }
    if (viewportY >= baseY) return false
    const line = lines.find((one) => one > viewportY)
    if (line === undefined || line >= baseY) this.#terminal.scrollToBottom()
    else this.#terminal.scrollToLine(line)
    return true
  }

  /** Selects what a command wrote; the last one that has ended, when none is named. */
  selectOutput(command = this.#list.all.findLast(({ phase }) => phase === 'done')): void {
    if (!command) return
    const { all } = this.#list
    const next = all[all.indexOf(command) + 1]
    const { baseY, cursorY } = this.#terminal.buffer.normal
    const end = (next?.place.line ?? baseY + cursorY + 1) - 1
    if (end > command.place.line) this.#terminal.selectLines(command.place.line + 1, end)
  }

  #show(command: Command<IMarker>): void {
    const { place, phase, exitCode } = command
    const label = labelOf(command)
    const known = this.#marks.get(place)
    if (known?.label === label) return
    known?.decoration.dispose()
    if (label === undefined) return
    const decoration = this.#terminal.registerDecoration({ marker: place, width: 1, height: 1, layer: 'top' })
    if (!decoration) return
    decoration.onRender((element) => {
      if (element.dataset.mark) return
      element.dataset.mark = phase === 'running' ? 'running' : exitCode === 0 || exitCode === undefined ? 'good' : 'bad'
      element.classList.add('command-mark')
      element.title = label
      element.addEventListener('click', () => this.selectOutput(command))
    })
    this.#marks.set(place, { label, decoration })
    if (!known) place.onDispose(() => this.#marks.delete(place))
  }
}

function labelOf({ phase, exitCode }: Command<IMarker>): string | undefined {
  if (phase === 'prompt') return undefined
  if (phase === 'running') return 'Running'
  return exitCode === undefined ? 'Ended' : `Ended with exit code ${exitCode}`
}
