/** A person sees a new port appear within this time; reading the kernel's table costs well below a millisecond. */
const POLL_MS = 1_000

/** Looks which ports listen, as long as somebody wants to know. */
export class PortWatch {
  readonly #look: () => Promise<number[]>
  readonly #onChange: (ports: number[]) => void
  #ports: number[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(look: () => Promise<number[]>, onChange: (ports: number[]) => void) {
    this.#look = look
    this.#onChange = onChange
  }

  /** The ports that listen now. */
  async now(): Promise<number[]> {
    const ports = await this.#look()
    if (ports.join() !== this.#ports.join()) {
      this.#ports = ports
      this.#onChange(ports)
    }
    return ports
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.now(), POLL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
