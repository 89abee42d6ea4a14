import { Command } from 'commander'
import { fromProblem, OmegaError } from '../core/errors.ts'
import { checkGitSource, type GitSource } from '../core/git-source.ts'
import type { CreatedSandbox, CreateProgress, SandboxEventView, SandboxView } from '../core/wire/http.ts'
import { readEvents } from '../drivers/event-stream.ts'
import { openInBrowser } from './browser.ts'
import { type Client, openClient } from './client.ts'
import { addSettings } from './config.ts'
import { copy } from './cp.ts'
import { commandAfter, runInside } from './exec.ts'
import { explained } from './explain.ts'
import { exportSandbox, importInto, readManifest } from './export.ts'
import { addLifeCommands, ttlOf } from './life.ts'
import { printLogs } from './logs.ts'
import { age, print, printable, printJson, say, table } from './output.ts'
import { collect, variablesOf } from './pairs.ts'
import { waitForSetup } from './setup.ts'
import { addShareCommands } from './share.ts'
import { addSnapshotCommands } from './snapshot.ts'

type Flags = Record<string, unknown>

const pathOf = (name: string, rest = '') => `/v1/sandboxes/${encodeURIComponent(name)}${rest}`

/** `omega sandbox ...`: what a person or a script does with sandboxes. */
export function sandboxCommand(): Command {
  const sandbox = new Command('sandbox')
    .summary('create, list, open, delete sandboxes')
    .alias('sb')
    .enablePositionalOptions()
  const add = (usage: string, summary: string, example: string) => {
    const command = sandbox
      .command(usage)
      .summary(summary)
      .description(`${upper(summary)}.`)
    command.addHelpText('after', `\nExample:\n  ${example}`)
    return addSettings(command, ['client'])
  }
  const json = (command: Command) => command.option('--json', 'print one JSON document')

  json(add('create', 'create a sandbox and print its URL', 'omega sandbox create --template react --open'))
    .option('--template <NAME>', 'what to start from (`omega template list`); react if absent')
    .option('--from <FILE>', 'an export whose files and variables it gets')
    .option('--name <NAME>', 'a name of your choice: a DNS label')
    .option('--env <K=V>', 'environment variable; may be repeated', collect, [])
    .option('--ttl <TIME>', 'delete it after this time, as 30m, 2h or 7d')
    .option('--env-file <FILE>', 'file of such lines; may be repeated', collect, [])
    .option('--git <URL>', "repository to clone in the place of the template's files")
    .option('--git-ref <REF>', 'its branch, tag or commit')
    .option('--wait', 'until the clone is there')
    .option('--open', 'open it in the browser')
    .action(create)
  json(add('list', 'list sandboxes', 'omega sandbox list --json'))
    .alias('ls')
    .action(list)
  json(add('get <NAME>', 'show one sandbox', 'omega sandbox get my-app --explain'))
    .option('--explain', 'tell its story: which host and why, where the time went, each change and its cause')
    .action(get)
  add('open <NAME>', 'open a sandbox in the browser, signed in', 'omega sandbox open my-app').action(
    async (name: string, flags: Flags) => openInBrowser(await linkOf(openClient(flags), name)),
  )
  json(add('url <NAME>', 'print a one-time link that signs a browser in', 'omega sandbox url my-app')).action(
    async (name: string, flags: Flags) => {
      const client = openClient(flags)
      const openUrl = await linkOf(client, name)
      if (!flags.json) return print(openUrl)
      const { url } = await client.call<SandboxView>(pathOf(name))
      printJson({ url, openUrl })
    },
  )
  add(
    'exec <NAME> [COMMAND...]',
    'run a command inside and give its exit code',
    'omega sandbox exec my-app -- npm test',
  )
    .option('--cwd <DIR>', "folder to run it in, relative to the project's")
    .option('--env <K=V>', 'environment variable; may be repeated', collect, [])
    .option('-t, --tty', 'run it on a terminal, for programs that a person uses')
    .option('--no-stdin', 'leave what is piped in to others')
    .passThroughOptions()
    .action(async (name: string, given: string[], _flags: Flags, command: Command) => {
      const cmd = commandAfter(given, command)
      process.exitCode = await runInside(openClient(command.opts()), pathOf(name, '/exec'), cmd, command.opts())
    })
  add('logs <NAME>', "print the app's output", 'omega sandbox logs my-app --tail 50')
    .option('--tail <LINES>', 'how many lines', '200')
    .option('-f, --follow', 'and each new line as it comes')
    .action((name: string, flags: Flags) => printLogs(openClient(flags), pathOf(name, '/logs'), flags))
  json(add('cp <FROM> <TO>', 'copy files and folders in or out', 'omega sandbox cp ./data my-app:public/'))
    .addHelpText('after', '  omega sandbox cp my-app:dist .\n\nIn a sandbox is NAME:path, relative to its project.')
    .action((from: string, to: string, flags: Flags) => copy(openClient(flags), from, to, flags.json === true))
  addLifeCommands(add)
  add('export <NAME>', 'write a sandbox as one .tar.gz', 'omega sandbox export my-app > my-app.tar.gz')
    .option('-o, --output <FILE>', 'where to; stdout if absent')
    .addHelpText(
      'after',
      '  omega sandbox create --from my-app.tar.gz\n\nIt holds environment variables with their values.',
    )
    .action((name: string, flags: Flags) => exportSandbox(openClient(flags), name, flags.output as string | undefined))
  addShareCommands(add)
  addSnapshotCommands(add)
  json(add('delete <NAMES...>', 'delete sandboxes with their files', 'omega sandbox delete my-app'))
    .alias('rm')
    .action(remove)
  return sandbox
}

async function create(flags: Flags): Promise<void> {
  const client = openClient(flags)
  const from = typeof flags.from === 'string' ? flags.from : undefined
  const kept = from === undefined ? undefined : await readManifest(from)
  const env = { ...kept?.env, ...variablesOf(flags.envFile as string[], flags.env as string[]) }
  const git = gitSource(flags)
  if (git && from !== undefined) throw new OmegaError('INVALID_REQUEST', 'Give --git or --from, not both.')
  const body = {
    template: flags.template ?? kept?.template ?? 'react',
    ...(flags.name ? { name: flags.name } : {}),
    ...ttlOf(flags),
    ...(Object.keys(env).length > 0 ? { env } : {}),
    ...(git ? { git } : {}),
  }
  const response = await client.send('/v1/sandboxes', {
    body,
    headers: { accept: 'text/event-stream', 'idempotency-key': crypto.randomUUID() },
    timeoutMs: 600_000,
  })
  let created: CreatedSandbox | undefined
  for await (const { event, data } of readEvents(response)) {
    if (event === 'progress') {
      const { message, ms } = data as CreateProgress
      if (!flags.json) say(`  ${printable(message)} (${ms} ms)`)
    } else if (event === 'problem') {
      throw fromProblem(data) ?? new OmegaError('BAD_GATEWAY', 'The master gave an answer that is not understood.')
    } else if (event === 'created') created = data as CreatedSandbox
  }
  if (!created) throw new OmegaError('BAD_GATEWAY', 'The master ended the answer early. See `omega sandbox list`.')
  if (from !== undefined) await importInto(client, created.id, from)
  if (git && flags.wait) await waitForSetup(client, created.id)
  if (flags.json) printJson(created)
  else {
    print(`${created.name} is running.`)
    print(`  open (once, within 10 minutes)  ${created.openUrl}`)
    print(`  address                         ${created.url}`)
    if (git && !flags.wait) say('  It is cloning still; the terminal `git clone` in it shows how far it is.')
  }
  if (flags.open) openInBrowser(created.openUrl)
}

function gitSource(flags: Flags): GitSource | undefined {
  const ref = typeof flags.gitRef === 'string' ? { ref: flags.gitRef } : {}
  if (typeof flags.git === 'string') {
    const source = { url: flags.git, ...ref }
    checkGitSource(source)
    return source
  }
  if (!('ref' in ref)) return undefined
  throw new OmegaError('INVALID_REQUEST', '--git-ref says what of a repository is wanted; --git must say of which.')
}

async function get(name: string, flags: Flags): Promise<void> {
  const client = openClient(flags)
  const view = await client.call<SandboxView>(pathOf(name))
  if (flags.explain) {
    const story = await client.call<{ events: SandboxEventView[] }>(pathOf(view.id, '/events'))
    if (flags.json) return printJson({ ...view, events: story.events })
    const events = story.events.map(({ at, event, data }) => ({ at: Date.parse(at), event, data }))
    return print(explained(view, events, Date.now()))
  }
  if (flags.json) return printJson(view)
  print(
    table(
      ['FIELD', 'VALUE'],
      Object.entries(view).map(([key, value]) => [key, String(value)]),
    ),
  )
}

async function list(flags: Flags): Promise<void> {
  const { sandboxes } = await openClient(flags).call<{ sandboxes: SandboxView[] }>('/v1/sandboxes')
  if (flags.json) return printJson(sandboxes)
  if (sandboxes.length === 0) return say('There are no sandboxes. `omega sandbox create` makes one.')
  const now = Date.now()
  const rows = sandboxes.map(({ name, template, state, host, createdAt, url }) => {
    return [name, template, state, host, age(createdAt, now), url]
  })
  print(table(['NAME', 'TEMPLATE', 'STATE', 'HOST', 'AGE', 'URL'], rows))
}

async function remove(names: string[], flags: Flags): Promise<void> {
  const client = openClient(flags)
  const deleted: string[] = []
  for (const name of names) {
    const response = await client.send(pathOf(name), { method: 'DELETE', timeoutMs: 60_000 })
    deleted.push(name)
    const later = response.status === 202 ? ' (its host does not answer; the rest is done when it does)' : ''
    if (!flags.json) say(`${printable(name)} deleted${later}`)
  }
  if (flags.json) printJson({ deleted })
}

async function linkOf(client: Client, name: string): Promise<string> {
  const { openUrl } = await client.call<{ openUrl: string }>(pathOf(name, '/open-link'), { method: 'POST' })
  return openUrl
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
