import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { eventText } from '../core/story.ts'
import type { FeedEventView, FeedPageView } from '../core/wire/events.ts'
import { readEvents } from '../drivers/event-stream.ts'
import { type Client, openClient } from './client.ts'
import { addSettings } from './config.ts'
import { parseDuration } from './duration.ts'
import { print, printable, printJson, say, table } from './output.ts'

interface Flags extends Record<string, unknown> {
  follow?: boolean
  sandbox?: string
  since?: string
  json?: boolean
}

/** How long to wait before a stream that broke is opened again. */
const AGAIN_AFTER_MS = 1_000

/** `omega events`: what happened and happens to all sandboxes. */
export function eventsCommand(): Command {
  const command = new Command('events')
    .summary('show what happens to sandboxes')
    .description('Shows what happened to sandboxes, and with --follow what happens from now on. Ctrl-C ends it.')
    .option('-f, --follow', 'go on with what happens, until Ctrl-C')
    .option('--sandbox <NAME>', 'only of this one')
    .option('--since <TIME>', 'from so long ago on, as in 30m or 7d (default 1d; with --follow from now on)')
    .option('--json', 'print one JSON document; with --follow one a line')
    .addHelpText('after', '\nExamples:\n  omega events --since 1h\n  omega events --follow --sandbox my-app --json')
  return addSettings(command, ['client']).action(async (flags: Flags) => {
    const client = openClient(flags)
    const since = flags.since ?? (flags.follow ? undefined : '1d')
    const after = since === undefined ? undefined : `${Date.now() - parseDuration('since', since) * 1000}`
    return flags.follow ? follow(client, flags, after) : list(client, flags, after ?? '0')
  })
}

async function list(client: Client, flags: Flags, from: string): Promise<void> {
  const events: FeedEventView[] = []
  for (let after = from, more = true; more; ) {
    const query = queryOf(flags, after)
    const page = await client.call<FeedPageView>(`/v1/events${query}`, { headers: { accept: 'application/json' } })
    events.push(...page.events)
    after = page.after
    more = page.more
  }
  if (flags.json) return printJson(events)
  if (events.length === 0) return say('Nothing happened in that time.')
  print(table(['TIME', 'SANDBOX', 'EVENT', 'WHAT'], events.map(cells)))
}

/** Prints events as they come; opens the stream again where it broke off. */
async function follow(client: Client, flags: Flags, from: string | undefined): Promise<void> {
  let after = from
  let wasOpen = false
  let isAway = false
  for (;;) {
    try {
      const response = await client.send(`/v1/events${queryOf(flags, after)}`, {
        headers: { accept: 'text/event-stream' },
      })
      if (isAway) say('omega: the master answers again')
      wasOpen = true
      isAway = false
      for await (const { event, data } of readEvents(response)) {
        if (event === 'gap') say('omega: events were missed here, more than the feed keeps')
        else {
          const line = data as FeedEventView
          after = line.id
          print(flags.json ? JSON.stringify(line) : row(line))
        }
      }
    } catch (error) {
      // A refusal is final, and so is a master that was never there.
      const isRefusal =
        error instanceof OmegaError &&
        !['UNREACHABLE', 'TIMEOUT', 'STORE_UNAVAILABLE', 'BAD_GATEWAY'].includes(error.code)
      if (isRefusal || !wasOpen) throw error
    }
    if (!isAway) say('omega: the stream ended; trying on')
    isAway = true
    // What happened meanwhile is told as well.
    after ??= `${Date.now()}`
    await sleep(AGAIN_AFTER_MS)
  }
}

function queryOf({ sandbox }: Flags, after: string | undefined): string {
  const query = new URLSearchParams({ ...(sandbox ? { sandbox } : {}), ...(after === undefined ? {} : { after }) })
  return query.size === 0 ? '' : `?${query}`
}

function cells({ at, name, sandbox, event, data }: FeedEventView): string[] {
  return [localTime(at), name || sandbox, event, eventText({ at: Date.parse(at), event, data })]
}

function row(line: FeedEventView): string {
  const [time = '', name = '', event = '', what = ''] = cells(line).map(printable)
  return `${time}  ${name.padEnd(24)}  ${event.padEnd(10)}  ${what}`
}

/** `2026-11-26 10:31:02.114` here. */
function localTime(iso: string): string {
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 23).replace('T', ' ')
}
