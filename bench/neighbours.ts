import { removeFleet } from '../test/support/docker.ts'
import { bomb, fill, flood, hogs, type Neighbour, neighbour } from '../test/support/neighbours.ts'
import { createSandbox, OmegaProcess, omega, pause, temporaryDataDir } from '../test/support/omega.ts'
import { quantile, type Row } from './support/measure.ts'

export const title =
  "a terminal's echo beside a sandbox that misbehaves, against the same terminal beside one that rests"

const SECONDS = 8
const WARM_UP_MS = 1_000
const misdeeds: [what: string, command: string][] = [
  ['a fork bomb', bomb(SECONDS)],
  ['a memory hog', hogs(SECONDS)],
  ['a log flood', `end=$(($(date +%s) + ${SECONDS})); while [ $(date +%s) -lt $end ]; do ${flood(50_000)}; done`],
  // Each file replaces the last one: what is on the disk stays bounded, the writing does not end.
  [
    'a disk filler',
    `end=$(($(date +%s) + ${SECONDS})); while [ $(date +%s) -lt $end ]; do ${fill('big', 512)}; done; rm big`,
  ],
]
const ports = '--port 0 --manager-port 0 --dns-port 0 --dns-http-port 0 --sandbox-ports 25500-25999'.split(' ')
const limits = '--capacity 4 --warm 0 --sleep-after 0 --sandbox-memory 1024 --sandbox-cpus 2'.split(' ')

export async function run(): Promise<Row[]> {
  const fleet = `benchnear${process.pid}`
  const data = await temporaryDataDir()
  const up = await OmegaProcess.start(['up', '--fleet', fleet, ...limits, ...ports], /Ctrl-C stops/, data.env)
  let terminal: Neighbour | undefined
  try {
    await createSandbox(data.env, '--template', 'static', '--name', 'bad')
    terminal = await neighbour(await createSandbox(data.env, '--template', 'static', '--name', 'good'))
    const rows: Row[] = []
    for (const [what, command] of misdeeds) {
      // Before and after each: what the disk and the machine do meanwhile is in both.
      const normal = await echoes(terminal, pause(SECONDS * 500))
      const done = omega(['sandbox', 'exec', 'bad', '--', 'sh', '-c', `cd /tmp; ${command}`], data.env)
      await pause(WARM_UP_MS)
      const beside = await echoes(terminal, done)
      await pause(WARM_UP_MS)
      normal.push(...(await echoes(terminal, pause(SECONDS * 500))))
      for (const [name, share] of [
        ['p50', 0.5],
        ['p95', 0.95],
      ] as const) {
        const [measured, baseline] = [quantile(beside, share), quantile(normal, share)]
        rows.push({ what: `echo beside ${what}, ${name}`, measured, baseline, unit: 'ms', budget: { atMost: 2 } })
      }
    }
    return rows
  } finally {
    terminal?.close()
    await up.stop()
    await removeFleet(fleet)
    await data.remove()
  }
}

/** Milliseconds from key to echo, one key after the other at a person's pace, until `end`. */
async function echoes(terminal: Neighbour, end: Promise<unknown>): Promise<number[]> {
  let over = false
  const ended = end.finally(() => {
    over = true
  })
  const times: number[] = []
  for (let key = 0; !over; key++) {
    times.push(await terminal.echo())
    await pause(8 + (key % 7))
  }
  await ended
  return times
}
