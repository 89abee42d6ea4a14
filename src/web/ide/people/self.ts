import { cleanName } from '../../../core/person.ts'
import { Store } from '../../shared/store.ts'
import type { Settings, SettingsStore } from '../settings/settings.ts'

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

const KEY = 'omega.animal'

/** Who one is to the others: the name and colour of the settings; without a name an animal, this browser's. */
export class OwnSelf {
  readonly value: Store<Self>
  readonly #settings: Pick<SettingsStore, 'values' | 'set'>
  readonly #animal: string

  constructor(
    settings: Pick<SettingsStore, 'values' | 'set'>,
    storage: Pick<Storage, 'getItem' | 'setItem'> | undefined,
    random: () => number,
  ) {
    this.#settings = settings
    this.#animal = animalOf(storage, random)
    this.value = new Store(this.#self())
    settings.values.subscribe(() => {
      const [before, now] = [this.value.get(), this.#self()]
      if (now.name !== before.name || now.colour !== before.colour) this.value.set(now)
    })
  }

  /** '' goes back to the animal. */
  rename(name: string): void {
    const clean = cleanName(name)
    this.#settings.set('name', clean === this.#animal ? '' : clean)
  }

  paint(colour: number): void {
    this.#settings.set('colour', String(colour) as Settings['colour'])
  }

  #self(): Self {
    const { name, colour } = this.#settings.values.get()
    return { name: cleanName(name) || this.#animal, colour: colour === 'auto' ? undefined : Number(colour) }
  }
}

function animalOf(storage: Pick<Storage, 'getItem' | 'setItem'> | undefined, random: () => number): string {
  const animal = animals[Math.floor(random() * animals.length)] ?? 'Otter'
  try {
    const kept = storage?.getItem(KEY)
    if (kept && animals.includes(kept)) return kept
    storage?.setItem(KEY, animal)
  } catch {
    // Forbidden: another one the next time.
  }
  return animal
}
