import { cleanName } from '../../../core/person.ts'
import { Store } from '../../shared/store.ts'

/** What others are told of oneself. */
export interface Self {
  name: string
  /** Below PERSON_COLOURS; undefined: one that nobody else has. */
  colour: number | undefined
}

const animals =
  'Badger Beaver Bison Bittern Camel Cheetah Chinchilla Cormorant Crane Curlew Dingo Dolphin Dormouse Egret Falcon Ferret Finch Fox Gecko Gibbon Hare Hedgehog Heron Ibex Jackdaw Kestrel Kingfisher Koala Lemur Lynx Magpie Marmot Marten Narwhal Newt Ocelot Okapi Osprey Otter Owl Panda Pangolin Pelican Puffin Quail Quokka Raven Seal Stoat Swift Tapir Tern Vole Wombat Wren'.split(
    ' ',
  )

const KEY = 'omega.self'

interface Kept {
  /** What one is called while one has chosen nothing. */
  animal?: string
  name?: string
  colour?: number
}

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem'>

/** Who one is to the others: a name and a colour, kept in this browser; an animal at first. */
export class OwnSelf {
  readonly value: Store<Self>
  readonly #storage: Storage | undefined
  #kept: Kept

  constructor(storage: Storage | undefined, random: () => number) {
    this.#storage = storage
    this.#kept = read(storage)
    if (this.#kept.animal === undefined) {
      this.#keep({ animal: animals[Math.floor(random() * animals.length)] ?? 'Otter' })
    }
    this.value = new Store(this.#self())
  }

  /** '' goes back to the animal. */
  rename(name: string): void {
    this.#keep({ name: cleanName(name) })
    this.value.set(this.#self())
  }

  paint(colour: number): void {
    this.#keep({ colour })
    this.value.set(this.#self())
  }

  #self(): Self {
    const { animal = 'Somebody', name = '', colour } = this.#kept
    return { name: name || animal, colour }
  }

  #keep(change: Kept): void {
    this.#kept = { ...this.#kept, ...change }
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.#kept))
    } catch {
      // Full or forbidden: it holds until the page is closed.
    }
  }
}

function read(storage: Storage | undefined): Kept {
  try {
    const { animal, name, colour } = JSON.parse(storage?.getItem(KEY) ?? '{}') as Record<string, unknown>
    return {
      ...(typeof animal === 'string' ? { animal } : {}),
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof colour === 'number' ? { colour } : {}),
    }
  } catch {
    return {}
  }
}
