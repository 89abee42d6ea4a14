import { randomBytes } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { realpathSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { RunningRole } from '../../core/role.ts'
import { ACCESS_ENDED } from '../../core/wire/frames.ts'
import type { PersonHere } from '../../core/wire/operations/people.ts'
import { DocumentJournal } from '../../drivers/document-journal.ts'
import { IgnoreRules } from '../../drivers/ignore-rules.ts'
import { languageTools } from '../../drivers/language-tools.ts'
import type { Logger } from '../../drivers/log.ts'
import { packageRoot, version } from '../../drivers/package-root.ts'
import { childEnvironment } from '../../drivers/process-environment.ts'
import { processTimes } from '../../drivers/process-times.ts'
import { ProjectBytes } from '../../drivers/project-bytes.ts'
import { ProjectFiles } from '../../drivers/project-files.ts'
import { ProjectTrash } from '../../drivers/project-trash.ts'
import { openPty } from '../../drivers/pty.ts'
import { ReleaseStack } from '../../drivers/release-stack.ts'
import { Ripgrep } from '../../drivers/ripgrep.ts'
import { SetupRecord } from '../../drivers/setup-record.ts'
import { shellCommand } from '../../drivers/shell-command.ts'
import { systemClock } from '../../drivers/system-clock.ts'
import { TerminalRecords } from '../../drivers/terminal-records.ts'
import { openScreen } from '../../drivers/terminal-screen.ts'
import { Activity } from './activity/activity.ts'
import { ProgramWork } from './activity/program-work.ts'
import { noticeOutput } from './activity/terminal-output.ts'
import { Warning } from './activity/warning.ts'
import { Gate } from './admission/gate.ts'
import { Guests } from './admission/guests.ts'
import { Identity } from './admission/identity.ts'
import { Sessions } from './admission/sessions.ts'
import { Shares } from './admission/shares.ts'
import { closeApp, createApp } from './app.ts'
import { chooseAppPort } from './app-port.ts'
import { Documents } from './documents/documents.ts'
import { Commands } from './exec.ts'
import { createFront } from './front.ts'
import { Asks } from './git/asks.ts'
import { FirstClone } from './git/first-clone.ts'
import { Git } from './git/git.ts'
import { Languages } from './language/languages.ts'
import { readManifest } from './manifest.ts'
import { People } from './people/people.ts'
import { Previews } from './preview/previews.ts'
import type { Services } from './services.ts'
import type { Command } from './terminals/terminal.ts'
import { TerminalChannel } from './terminals/terminal-channel.ts'
import { APP_TERMINAL, Terminals } from './terminals/terminals.ts'
import { Pages } from './wire/pages.ts'

export interface WorkerConfig {
  /** Address to listen on. */
  listen: string
  /** 0 takes a free one. */
  port: number
  /** The project's folder. */
  root: string
  /** Holds template.json. */
  templateDir: string
  /** Where the claim is kept. */
  stateDir: string
  /** The zone, which the app's dev server must accept as Host before the claim is known. */
  domain: string
  /** hashToken of the token in the only claim to take; any if absent. */
  claimHash?: string | undefined
  /** Port for the app; undefined for the template's own, 0 for a free one. */
  appPort: number | undefined
  /** Whether the network and environment are the sandbox's own, as in a container. By default unless `appPort` is 0. */
  isolated?: boolean | undefined
  /** Believe X-Forwarded-Proto of a proxy in front that ends TLS. */
  trustForwardedProto?: boolean | undefined
  /** For a request's body to arrive; half a minute if absent. */
  bodyTimeoutMs?: number | undefined
  /** Folder of the built IDE page; the package's own if absent. */
  pageDir?: string | undefined
  log: Logger
}

/** Starts the worker of one sandbox: its app at once, its page and everything else when it is claimed. */
export async function start(config: WorkerConfig): Promise<RunningRole> {
  const startedAt = Date.now()
  const { log, root, isolated = config.appPort !== 0 } = config
  const opened = new ReleaseStack()
  const manifest = readManifest(config.templateDir)
  const identity = new Identity(config.stateDir, config.claimHash)
  const appPort = await chooseAppPort(config, manifest.port, isolated)
  const staging = join(config.stateDir, 'staging')
  const files = new ProjectFiles(root, staging)
  const trash = new ProjectTrash(join(config.stateDir, 'trash'), staging, files.root)
  const environment = (): Record<string, string> => {
    const zone = `.${identity.claim?.domain ?? config.domain}`
    const own = {
      ...(appPort === 0 ? {} : { OMEGA_APP_PORT: String(appPort) }),
      __VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS: zone,
      RAILS_DEVELOPMENT_HOSTS: zone,
    }
    return { ...childEnvironment(isolated, own), ...identity.claim?.env }
  }
  const commandOf = (command: string[], cwd: string): Command => ({ command, cwd, env: environment() })
  const warning: Warning = new Warning({ clock: systemClock, tell: (event, data) => pages.tell(event, data) })
  const activity = new Activity({
    clock: systemClock,
    date: Date.now,
    onActivity: (kind) => warning.active(kind),
  })
  const openNoticedPty = noticeOutput(openPty, systemClock, () => activity.note('output'))
  const asks = opened.add(new Asks(), (all) => all.close())
  const terminals = opened.add(
    new Terminals({
      // A server says that it listens: its port is looked for at once.
      openPty: (options, listeners) => {
        const onData = (chunk: Uint8Array) => {
          previews.ports.hint()
          listeners.onData(chunk)
        }
        return openNoticedPty(options, { ...listeners, onData })
      },
      openScreen,
      records: new TerminalRecords(join(config.stateDir, 'terminals')),
      folder: root,
      shell: (folder) =>
        shellCommand({ folder, otherwise: root, env: asks.forTerminal(environment()), stateDir: config.stateDir }),
      // Only the app's: a server that a person starts beside it would take its port for its own.
      app: () => ({
        command: ['sh', '-c', manifest.start],
        cwd: root,
        env: appPort === 0 ? environment() : { PORT: String(appPort), ...environment() },
      }),
      onChange: (info) => pages.tell('terminal.changed', info),
      onClose: (terminal) => {
        for (const page of pages.all()) {
          for (const shown of page.channels(TerminalChannel)) if (shown.terminal === terminal) page.end(shown)
        }
        pages.tell('terminal.closed', { terminal: terminal.info.terminal })
      },
    }),
    (all) => all.closeAll(),
  )
  const firstClone = new FirstClone({
    root,
    terminals,
    record: new SetupRecord(join(config.stateDir, 'first-clone.json')),
    environment: () => asks.forTerminal(environment()),
    now: Date.now,
  })
  const commands = opened.add(new Commands(() => activity.begin('exec')), (all) => all.close())

  let listening: () => number = () => config.port
  const realRoot = realpathSync(root)
  const pageDir = config.pageDir ?? join(packageRoot, 'dist/web/ide')
  const previews = opened.add(
    new Previews({
      clock: systemClock,
      folder: realRoot,
      isolated,
      appPort,
      ownPort: () => listening(),
      terminalOf: (session) => terminals.ofSession(session),
      observerFile: join(pageDir, '../preview/observer.js'),
      tell: (event, data) => pages.tell(event, data),
      onAnswered: () => activity.note('preview'),
    }),
    (all) => all.close(),
  )

  const documents = opened.add(
    new Documents({
      files,
      store: new DocumentJournal(join(config.stateDir, 'documents')),
      clock: systemClock,
      newGeneration: () => randomBytes(12).toString('base64url'),
    }),
    (all) => all.close(),
  )

  if (identity.isCopy) documents.renew()

  const languages = opened.add(
    new Languages({
      root: realRoot,
      documents,
      clock: systemClock,
      ...languageTools(realRoot, environment),
      onStatus: (status) => pages.tell('language.changed', status),
    }),
    (all) => all.close(),
  )

  const tellPeople = (people: PersonHere[]) => pages.tell('people.changed', { people })
  const people = opened.add(new People({ clock: systemClock, tell: tellPeople }), (all) => all.close())
  const git = opened.add(
    new Git({
      folder: () => files.folder(''),
      environment,
      documents,
      asks,
      name: () => identity.claimed.name,
      clock: systemClock,
    }),
    (all) => all.close(),
  )

  const programs = new ProgramWork({
    clock: systemClock,
    processes: processTimes,
    ownPid: process.pid,
    isolated,
    servers: () => languages.pids(),
  })

  const services: Services = {
    activity,
    tellAll: (event, data) => pages.tell(event, data),
    documents,
    files,
    languages,
    people,
    bytes: new ProjectBytes(files.root, staging),
    trash,
    ignoreRules: new IgnoreRules(root, join(config.stateDir, 'ignore.git'), environment),
    sources: previews.sources,
    git,
    ripgrep: new Ripgrep(root),
    terminals,
    hello: async () => {
      const { sandboxId, name, subdomain, domain, template, port, masterUrl } = identity.claimed
      return {
        sandbox: { id: sandboxId, name, subdomain, domain, template, port },
        root,
        appPort,
        ...(manifest.open === undefined ? {} : { open: manifest.open }),
        masterUrl,
        terminals: terminals.list(),
        ports: await previews.ports.now(),
        version,
        startedAt,
        ...(warning.current ? { warning: warning.current } : {}),
      }
    },
  }

  const pages: Pages = new Pages({
    services,
    clock: systemClock,
    log,
    onUse: (used) => (used ? previews.ports.start() : previews.ports.stop()),
  })

  const guests = new Guests()
  const onEnd = (id: string, why: 'revoked' | 'over') => {
    pages.endShare(id, why)
    guests.end(id)
  }
  const shares = opened.add(
    new Shares({ stateDir: config.stateDir, now: Date.now, clock: systemClock, onEnd }),
    (all) => all.close(),
  )
  const sessions = new Sessions(Date.now, shares)
  const gate = new Gate({ identity, sessions, trustForwardedProto: config.trustForwardedProto ?? false })
  const upgrades = new EventEmitter()
  const open = new Set<Socket>()
  const front = (app: (request: IncomingMessage, response: ServerResponse) => void): Server => {
    const server = createFront({
      gate,
      guests,
      identity,
      preview: previews.preview,
      upgrades,
      app,
      bodyTimeoutMs: config.bodyTimeoutMs,
      ownPort: () => listening(),
    })
    server.on('connection', (socket) => {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    })
    return server
  }
  const app = await createApp({
    identity,
    gate,
    shares,
    pagesBy: (share) => pages.by(share),
    activity,
    programs,
    warning,
    people: () => people.list().filter(({ away }) => !away).length,
    saveAll: () => documents.saveAll(),
    putToSleep: (rest) => pages.sleep(rest),
    tellDisk: (report) => pages.tell('disk.filling', report),
    rename: (name) => {
      identity.rename(name)
      log.info({ name }, 'renamed')
      pages.tell('sandbox.renamed', { name })
    },
    services,
    commands,
    commandOf,
    openPty: openNoticedPty,
    onCall: () => activity.note('exec'),
    firstClone,
    app: () => terminals.get(APP_TERMINAL),
    onClaimed: () => {
      const { sandboxId, subdomain, env, git: source } = identity.claimed
      log.info({ sandboxId, subdomain }, 'claimed')
      if (source) firstClone.begin(source)
      else if (Object.keys(env).length > 0) void terminals.startApp()
    },
    pageDir,
    serverFactory: front,
    upgrades,
    onSocket: (socket, guest) => {
      // Between the gate and here the link may have ended.
      if (guest.share !== undefined && !shares.alive(guest.share)) socket.close(ACCESS_ENDED, 'over')
      else pages.accept(socket, guest)
    },
    log,
  })
  opened.add(app, () => closeApp(app, open))
  opened.add(pages, (all) => all.close())

  try {
    await terminals.startApp()
    void documents.recover()
    void trash.prune()
    if (identity.claim?.git) firstClone.begin(identity.claim.git)
    await app.listen({ host: config.listen, port: config.port })
  } catch (error) {
    await opened.close()
    throw error
  }
  const { address, port, family } = app.server.address() as AddressInfo
  listening = () => port
  log.info({ address, port, template: manifest.title, appPort }, 'worker listens')
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`, close: () => opened.close() }
}
