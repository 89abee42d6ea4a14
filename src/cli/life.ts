import type { Command } from 'commander'
import type { CreatedSandbox, SandboxView } from '../core/wire/http.ts'
import { type Client, openClient } from './client.ts'
import { parseDuration } from './duration.ts'
import { print, printable, printJson, say } from './output.ts'

type Flags = Record<string, unknown>

const pathOf = (name: string, rest = '') => `/v1/sandboxes/${encodeURIComponent(name)}${rest}`

/** Longer than a loaded host takes to copy or start one. */
const TIMEOUT_MS = 90_000
/** Longer than the files of a large one take from host to host. */
const MOVE_MS = 15 * 60_000

/** To this host, or the one with the fewest sandboxes. */
export function moveSandbox(client: Client, name: string, to?: string): Promise<SandboxView> {
  return client.call<SandboxView>(pathOf(name, '/move'), {
    body: to === undefined ? {} : { host: to },
    timeoutMs: MOVE_MS,
  })
}

/** The end of a sandbox's life as the API takes it; nothing if the flag is not given. */
export function ttlOf(flags: Flags): { ttl?: number } {
  return typeof flags.ttl === 'string' ? { ttl: parseDuration('ttl', flags.ttl) } : {}
}

/** `omega sandbox stop|start|rename|ttl|move|fork`: what becomes of a sandbox that is there. */
export function addLifeCommands(add: (usage: string, summary: string, example: string) => Command): void {
  const json = (command: Command) => command.option('--json', 'print one JSON document')
  for (const [verb, summary] of [
    ['stop', 'end its processes, keeping its files'],
    ['start', 'start one that is stopped, wake one that is asleep'],
  ] as const) {
    json(add(`${verb} <NAMES...>`, summary, `omega sandbox ${verb} my-app`)).action(
      async (names: string[], flags: Flags) => {
        const client = openClient(flags)
        const views: SandboxView[] = []
        for (const name of names) {
          const view = await client.call<SandboxView>(pathOf(name, `/${verb}`), {
            method: 'POST',
            timeoutMs: TIMEOUT_MS,
          })
          views.push(view)
          if (!flags.json) say(`${printable(view.name)} is ${view.state}`)
        }
        if (flags.json) printJson(views)
      },
    )
  }
  json(add('rename <NAME> <NEW>', 'give it another name', 'omega sandbox rename my-app our-app')).action(
    async (name: string, wanted: string, flags: Flags) => {
      const view = await openClient(flags).call<SandboxView>(pathOf(name), { method: 'PATCH', body: { name: wanted } })
      if (flags.json) printJson(view)
      else say(`${printable(name)} is called ${printable(view.name)} now`)
    },
  )
  json(
    add('ttl <NAME> <TIME>', 'let it live for so long from now, or `never` end', 'omega sandbox ttl my-app 2h'),
  ).action(async (name: string, time: string, flags: Flags) => {
    const body = { ttl: time === 'never' ? null : parseDuration('ttl', time) }
    const view = await openClient(flags).call<SandboxView>(pathOf(name), { method: 'PATCH', body })
    if (flags.json) printJson(view)
    else say(`${printable(view.name)} ${view.expiresAt === null ? 'has no end' : `ends at ${view.expiresAt}`}`)
  })
  json(add('move <NAME>', 'move it to another host, with its files', 'omega sandbox move my-app --to 10.0.0.7'))
    .option('--to <ADDRESS>', 'the host; the one with the fewest sandboxes by default')
    .action(async (name: string, flags: Flags) => {
      const to = typeof flags.to === 'string' ? flags.to : undefined
      say(`moving ${printable(name)}; its processes end, and begin again there`)
      const view = await moveSandbox(openClient(flags), name, to)
      if (flags.json) printJson(view)
      else say(`${printable(view.name)} is on ${view.host} now, at ${view.url}`)
    })
  json(add('fork <NAME>', 'copy it with its files, on the same host', 'omega sandbox fork my-app --name my-copy'))
    .option('--name <NAME>', 'a name of your choice: a DNS label')
    .option('--ttl <TIME>', 'delete the copy after this time, as 30m, 2h or 7d')
    .option('--snapshot <SNAPSHOT>', 'with the files of one of its snapshots')
    .action(async (name: string, flags: Flags) => {
      const { name: wanted, snapshot } = flags
      const body = { ...(wanted ? { name: wanted } : {}), ...(snapshot ? { snapshot } : {}), ...ttlOf(flags) }
      const made = await openClient(flags).call<CreatedSandbox>(pathOf(name, '/fork'), { body, timeoutMs: TIMEOUT_MS })
      if (flags.json) return printJson(made)
      print(`${made.name} is running.`)
      print(`  open (once, within 10 minutes)  ${made.openUrl}`)
      print(`  address                         ${made.url}`)
    })
}
