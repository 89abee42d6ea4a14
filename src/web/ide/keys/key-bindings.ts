import type { Registry } from '../../shared/registry.ts'
import { Store } from '../../shared/store.ts'
import type { Command } from '../palette/command.ts'
import type { SettingsStore } from '../settings/settings.ts'
import { type KeyPress, type Keys, parseKeys, pressedKey } from './keys.ts'

/** Where a key is pressed: some keys belong to what has the focus. */
export type KeyPlace = 'page' | 'editor' | 'vim' | 'terminal'

export type KeyAnswer =
  /** Not ours. */
  | undefined
  /** The first of several presses. */
  | 'begun'
  | Command

/** Keys that vim has a meaning for. */
const vimKeys = /^Ctrl\+[A-INORU-Y]$/
/** Keys that programs in a terminal have a meaning for. */
const terminalKeys = /^(?:Ctrl\+[A-Z]|F\d+)$/

/** Which keys mean which command: those the commands came with, and what the person made of them. */
export class KeyBindings {
  /** Grows when any of them changed. */
  readonly version = new Store(0)
  /** Keys that the editor must not know by itself any more, as CodeMirror writes them; a line each. */
  readonly taken = new Store('')
  readonly #commands: Registry<Command>
  readonly #settings: SettingsStore
  #ways: { presses: string[]; command: Command }[] | undefined
  #begun: string[] = []

  constructor(commands: Registry<Command>, settings: SettingsStore) {
    this.#commands = commands
    this.#settings = settings
    const changed = () => {
      this.#ways = undefined
      this.version.update((version) => version + 1)
    }
    commands.list.subscribe(changed)
    settings.values.subscribe(changed)
  }

  /** The keys of a command, '' for none. */
  of(command: Command): Keys {
    const chosen = this.#settings.values.get().keyBindings
    return Object.hasOwn(chosen, command.id) ? (chosen[command.id] ?? '') : (command.key ?? '')
  }

  /** The keys of the command with this id. */
  ofId(id: string): Keys {
    const command = this.#commands.get(id)
    return command ? this.of(command) : ''
  }

  isChosen(id: string): boolean {
    return Object.hasOwn(this.#settings.values.get().keyBindings, id)
  }

  /** Gives a command keys, or none with ''. */
  choose(id: string, keys: Keys): void {
    const chosen = { ...this.#settings.values.get().keyBindings, [id]: keys }
    if (keys === (this.#commands.get(id)?.key ?? '')) delete chosen[id]
    this.#settings.set('keyBindings', chosen)
  }

  /** Back to the keys it came with. */
  reset(id: string): void {
    const { [id]: _, ...chosen } = this.#settings.values.get().keyBindings
    this.#settings.set('keyBindings', chosen)
  }

  /** The other commands that one of these keys means. */
  conflicts(id: string, keys: Keys): Command[] {
    const wanted = parseKeys(keys).map((way) => way.join(','))
    const found = this.#all().filter(({ presses, command }) => command.id !== id && wanted.includes(presses.join(',')))
    return [...new Set(found.map(({ command }) => command))]
  }

  /** What a press means, after those before it. */
  press(event: KeyPress, place: KeyPlace): KeyAnswer {
    const key = pressedKey(event)
    if (key === undefined) return this.#begun.length > 0 ? 'begun' : undefined
    const presses = [...this.#begun, key]
    this.#begun = []
    const fits = this.#all().filter(
      (way) => presses.every((press, index) => way.presses[index] === press) && this.#counts(way.command, key, place),
    )
    const exact = fits.filter((way) => way.presses.length === presses.length)
    // A key given by the person goes before one that was there.
    const found = exact.toSorted((a, b) => Number(this.isChosen(b.command.id)) - Number(this.isChosen(a.command.id)))
    if (found[0]) return found[0].command
    if (place !== 'terminal' && fits.some(({ presses: all }) => all.length > presses.length)) {
      this.#begun = presses
      return 'begun'
    }
    return undefined
  }

  #counts({ id, editor, inTerminal, when }: Command, key: string, place: KeyPlace): boolean {
    if (editor && (place === 'page' || place === 'terminal')) return false
    if (editor === 'itself' && !this.isChosen(id)) return false
    if (place === 'terminal' && terminalKeys.test(key) && inTerminal !== true) return false
    if (place === 'vim' && vimKeys.test(key) && !this.isChosen(id)) return false
    return when === undefined || when()
  }

  #all(): { presses: string[]; command: Command }[] {
    this.#ways ??= this.#commands.list
      .get()
      .flatMap((command) => parseKeys(this.of(command)).map((presses) => ({ presses, command })))
    return this.#ways
  }
}
