import { Command, CommanderError } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { version } from '../drivers/package-root.ts'
import { completionCommand } from './completion.ts'
import { dnsCommand } from './dns.ts'
import { doctorCommand } from './doctor.ts'
import { eventsCommand } from './events.ts'
import { fleetCommand } from './fleet.ts'
import { hostCommand } from './host.ts'
import { loginCommand } from './login.ts'
import { printable } from './output.ts'
import { sandboxCommand } from './sandbox.ts'
import { serveCommand } from './serve.ts'
import { templateCommand } from './template.ts'
import { upCommand } from './up.ts'
import { webhookCommand } from './webhook.ts'

/** The whole command tree. */
export function createProgram(): Command {
  const program = new Command('omega')
    .description('An online IDE that you run yourself.')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError('(`--help` shows what is allowed)')
    .addHelpText(
      'after',
      `
Examples:
  omega up                                     run everything on this machine
  omega sandbox create --template react --open
  omega sandbox exec my-app -- npm test
  omega serve --role=manager --address=203.0.113.7 --master-url=http://10.0.0.5:8080`,
    )
  const commands = [
    upCommand,
    serveCommand,
    sandboxCommand,
    templateCommand,
    hostCommand,
    fleetCommand,
    eventsCommand,
    webhookCommand,
    dnsCommand,
    doctorCommand,
    loginCommand,
  ]
  for (const make of commands) program.addCommand(make())
  program.addCommand(completionCommand(program))
  eachCommand(program, (command) => command.exitOverride())
  return program
}

/** Runs the command line; gives the exit code. */
export async function run(argv: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv)
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const known = error instanceof OmegaError ? error : listenFailure(error)
    if (known) {
      process.stderr.write(`omega: ${printable(known.message)} [${known.code}]\n`)
      return known.exit
    }
    process.stderr.write(`omega: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return 1
  }
}

/** What the system says when a port cannot be had (listen(2), bind(2)), in our words. */
function listenFailure(error: unknown): OmegaError | undefined {
  const { code, syscall, address, port } = error as { code?: string; syscall?: string; address?: string; port?: number }
  if (syscall !== 'listen' && syscall !== 'bind') return undefined
  const reasons: Record<string, string> = {
    EADDRINUSE:
      'another program listens there; stop it, or choose another port (--port, --manager-port, --dns-port, --dns-http-port)',
    EACCES: 'this user may not; ports below 1024 need root or CAP_NET_BIND_SERVICE',
    EADDRNOTAVAIL: 'no interface of this machine has this address; see --listen and --address',
  }
  return new OmegaError('ADDRESS_IN_USE', `${address}:${port} cannot be listened on: ${reasons[code ?? ''] ?? code}.`)
}

function eachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command)
  for (const child of command.commands) eachCommand(child, visit)
}
