/**
 * A shell script that runs its arguments and then says how they ended, by an escape sequence on the terminal.
 *
 * When the leader of a terminal's session ends, Linux throws away what the other side has not read yet (tty_vhangup
 * flushes both ends): the last kilobytes of a program, its error message above all. So the leader is this script, which
 * ends only after its last word was read: it stops itself and waits to be killed. Nobody there to read, it just ends.
 * Its traps keep it alive through Ctrl-C and are not inherited by what it runs. Its score is: when memory is short what
 * runs in terminals dies before the worker, which has the container's own score.
 */
export const leaderScript = `{ echo 600 > /proc/self/oom_score_adj; } 2>/dev/null; trap : HUP INT QUIT TERM; "$@"; printf '\\033]%s;%d\\007' "$0" $? && kill -STOP $$`

/** Finds the script's last word in the output, also when it comes in pieces. */
export class ExitMarker {
  readonly #start: string
  #held: Uint8Array = new Uint8Array()

  /** `token` is the script's `$0`; unguessable, so that no output is taken for the end. */
  constructor(token: string) {
    this.#start = `\x1b]${token};`
  }

  /** The output without the marker, and the exit code once it was there. */
  push(chunk: Uint8Array): { output: Uint8Array; exitCode?: number } {
    const bytes =
      this.#held.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([this.#held, chunk])
    this.#held = new Uint8Array()
    const at = bytes.indexOf(this.#start, 0, 'latin1')
    const end = at < 0 ? -1 : bytes.indexOf(0x07, at)
    if (end >= 0) {
      const exitCode = Number(bytes.toString('latin1', at + this.#start.length, end))
      return { output: bytes.subarray(0, at), exitCode }
    }
    const hold = at >= 0 ? at : this.#beginsAt(bytes)
    this.#held = bytes.subarray(hold)
    return { output: bytes.subarray(0, hold) }
  }

  /** Where the marker may have begun at the very end; the end itself when it has not. */
  #beginsAt(bytes: Buffer): number {
    const last = bytes.lastIndexOf(0x1b)
    if (last < 0 || bytes.length - last >= this.#start.length) return bytes.length
    return this.#start.startsWith(bytes.toString('latin1', last)) ? last : bytes.length
  }
}
