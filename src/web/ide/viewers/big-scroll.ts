/** Browsers draw no element much higher than this, CSS pixels. */
const MOST_PIXELS = 8_000_000
/** At both ends a pixel of the scroll bar is a pixel of the content. */
const EDGE_PIXELS = 1_000_000
/** A movement of more windows than this comes from the scroll bar; a smaller one is of so many pixels. */
const JUMP_WINDOWS = 3

/**
 * Scrolls through content of any height in an element of a height that browsers can draw. Small movements (wheel, keys,
 * fingers) are as long as they look; by the scroll bar one gets as far as it is moved, in proportion. When it rests, the
 * element's own position is brought in line with what is shown (`settle`).
 */
export class BigScroll {
  /** The content's own pixel that is at the upper edge. */
  top = 0
  #height = 0
  #window = 0
  #shown = 0

  /** Of the content, and of the window on it. */
  resize(height: number, window: number): void {
    this.#height = height
    this.#window = window
    this.top = Math.min(this.top, this.#most)
  }

  /** What the element in the scroller is to be high. */
  get elementHeight(): number {
    return Math.min(this.#height, MOST_PIXELS)
  }

  /** The scroller is at `shown` now. */
  scrolled(shown: number): void {
    const by = shown - this.#shown
    this.#shown = shown
    if (this.#isTrue) this.top = shown
    else if (shown <= 0) this.top = 0
    else if (shown >= this.#mostShown) this.top = this.#most
    else if (Math.abs(by) > this.#window * JUMP_WINDOWS) this.top = this.#toContent(shown)
    else this.top = Math.max(0, Math.min(this.#most, this.top + by))
  }

  /** Where the scroller should be for what is shown. */
  settle(): number {
    this.#shown = this.#isTrue ? this.top : this.#toElement(this.top)
    return this.#shown
  }

  /** Shows the content from this pixel on; gives where the scroller is to be. */
  goTo(top: number): number {
    this.top = Math.max(0, Math.min(this.#most, top))
    return this.settle()
  }

  get #most(): number {
    return Math.max(0, this.#height - this.#window)
  }

  get #mostShown(): number {
    return Math.max(0, this.elementHeight - this.#window)
  }

  get #isTrue(): boolean {
    return this.#height <= MOST_PIXELS
  }

  /** Content pixels of each pixel between the ends. */
  get #scale(): number {
    return (this.#most - 2 * EDGE_PIXELS) / (this.#mostShown - 2 * EDGE_PIXELS)
  }

  #toContent(shown: number): number {
    if (shown <= EDGE_PIXELS) return shown
    if (shown >= this.#mostShown - EDGE_PIXELS) return this.#most - (this.#mostShown - shown)
    return EDGE_PIXELS + (shown - EDGE_PIXELS) * this.#scale
  }

  #toElement(top: number): number {
    if (top <= EDGE_PIXELS) return top
    if (top >= this.#most - EDGE_PIXELS) return this.#mostShown - (this.#most - top)
    return EDGE_PIXELS + (top - EDGE_PIXELS) / this.#scale
  }
}
