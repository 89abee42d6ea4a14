import type { CreatedSandbox } from './omega.ts'
import { WireClient } from './worker.ts'

/** What a sandbox can do to its neighbours, each ending by itself, in Perl since every Debian has it. */

/** Every process forks as fast as it can, for so many seconds. */
export const bomb = (seconds: number) => `perl -e '$end = time + ${seconds}; while (time < $end) { fork }'`

/** Takes memory until it is killed, in a row for so many seconds. */
export const hog = "exec perl -e 'push @all, rand() . (q(x) x (1 << 25)) while 1'"
export const hogs = (seconds: number) =>
  `end=$(($(date +%s) + ${seconds})); while [ $(date +%s) -lt $end ]; do (${hog}); done`

/** Writes a file as fast as the disk takes it. */
export const fill = (file: string, mebibytes: number) => `dd if=/dev/zero of=${file} bs=1M count=${mebibytes} 2>&1`

/** Writes to the log of its container, so many lines of a hundred bytes. */
export const flood = (lines: number) =>
  `perl -e 'open F, ">/proc/1/fd/1" or die; print F "x" x 99, "\\n" for 1 .. ${lines}'`

/** A terminal in a sandbox, into which keys are typed one by one. */
export interface Neighbour {
  /** Milliseconds from a key to its echo. */
  echo(): Promise<number>
  close(): void
}

export async function neighbour({ port, token, subdomain, domain }: CreatedSandbox): Promise<Neighbour> {
  const authorization = { authorization: `Bearer ${token}` }
  const client = new WireClient(port, authorization, `${subdomain}.${domain}:${port}`)
  await client.opened
  const { channel } = await client.request('terminal.open', { cols: 80, rows: 24 })
  const sees = (text: string) => client.until(() => (client.output.get(channel) ?? '').includes(text))
  client.type(channel, "PS1='rea''dy> '; PS0=; PROMPT_COMMAND=(); bind 'set enable-bracketed-paste off'\r")
  await sees('ready> ')
  let keys = 0
  return {
    async echo() {
      // A line that becomes long is drawn anew.
      if (++keys % 50 === 0) {
        client.output.set(channel, '')
        client.type(channel, '\x03')
        await sees('ready> ')
      }
      const key = 'abcdefghijklmnopqrstuvwxyz'[keys % 26] ?? 'a'
      client.output.set(channel, '')
      const begun = performance.now()
      client.type(channel, key)
      await sees(key)
      return performance.now() - begun
    },
    close: () => client.end(),
  }
}
