import { createInterface } from 'node:readline/promises'
import { Command } from 'commander'
import { OmegaError } from '../core/errors.ts'
import { Client } from './client.ts'
import { addSettings, readConfig } from './config.ts'
import { dataDirOf, readLogin, writeLogin } from './data-dir.ts'
import { print, say } from './output.ts'

/** `omega login URL`: remembers a master and its token for the other commands. */
export function loginCommand(): Command {
  const command = new Command('login')
    .argument('[URL]', "the master's URL")
    .summary('remember a master and its token')
    .description(
      'Asks for the API token (or takes it from --token, OMEGA_TOKEN or a pipe), checks it and remembers it.',
    )
    .option('--show', 'print the token that is remembered')
    .addHelpText('after', '\nExample:\n  omega login https://omega.example.org')
  return addSettings(command, ['client']).action(async (given: string | undefined, flags: Record<string, unknown>) => {
    const config = readConfig(flags)
    const dataDir = dataDirOf(config)
    const login = readLogin(dataDir)
    if (flags.show) {
      if (!login) throw new OmegaError('UNAUTHENTICATED', 'Nothing is remembered here. `omega login URL` does that.')
      return print(login.token)
    }
    const url = given ?? config.text('url')
    if (!url || !/^https?:\/\//.test(url)) {
      throw new OmegaError(
        'INVALID_REQUEST',
        'No URL was given. Allowed is http://... or https://..., as in `omega login https://omega.example.org`.',
      )
    }
    const token = config.text('token') ?? (await askToken())
    await new Client(url, token).call('/v1/session')
    writeLogin(dataDir, { ...(login?.url === url ? login : {}), url, token })
    say(`Signed in to ${url}.`)
  })
}

async function askToken(): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await prompt.question('API token: ')).trim()
  } finally {
    prompt.close()
  }
}
