import type { Frame, Tag } from '../../../core/wire/frames.ts'
import type { EventName, Events } from '../../../core/wire/operations.ts'
import type { Guest } from '../admission/visitor.ts'

/** What a page sends on a channel. */
export type ChannelFrame = Exclude<Frame, { tag: typeof Tag.control }>

/** One end of a channel: whatever is sent on it comes here. */
export interface Channel {
  /** What it sends is wanted sooner than small. */
  readonly uncompressed?: true
  receive(frame: ChannelFrame): void
  /** The page's connection came back or went; what is sent meanwhile waits for the next one. */
  connected?(is: boolean): void
  /** The page does not have it any more. */
  close(): void
}

/** What belongs to a page, beside its channels. */
export interface Belonging {
  /** The page's connection came back or went. */
  connected?(is: boolean): void
  close(): void
}

/** An open page, for as long as its session lives, as those see it who answer it. */
export interface Page {
  /** Distinguishes pages; says nothing else. */
  readonly id: string
  /** Who is let in by the connection it came over. */
  readonly guest: Guest
  /** Whether its person may change anything, or only look. */
  readonly mayChange: boolean
  tell<E extends EventName>(event: E, data: Events[E]): void
  /** Opens a channel under the lowest free number. */
  open<C extends Channel>(make: (channel: number) => C): C
  /** The channel of that number, if it is one of these. Throws NOT_FOUND. */
  channel<C extends Channel>(channel: number, kind: new (...args: never[]) => C): C
  /** All channels of a kind. */
  channels<C extends Channel>(kind: new (...args: never[]) => C): C[]
  /** Ends a channel; does nothing when it has ended. */
  end(channel: Channel): void
  /** Sends bytes on a channel. */
  data(channel: number, payload: Uint8Array): void
  /** The one thing of a kind that belongs to this page; made when first asked for, closed with the session. */
  belonging<T extends Belonging>(kind: new (page: Page) => T): T
}
