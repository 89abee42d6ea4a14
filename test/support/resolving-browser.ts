import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser, type TestBrowser } from './browser.ts'

/**
 * A browser whose only resolver is at this address (port 53): a mount namespace with a resolv.conf of its own, so that a
 * page of a zone that nobody else knows can only be found by omega's answer.
 */
export async function openResolvingBrowser(resolver: string): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'omega-resolver-'))
  await writeFile(join(folder, 'resolv.conf'), `nameserver ${resolver}\noptions timeout:2 attempts:1\n`)
  await writeFile(join(folder, 'nsswitch.conf'), 'hosts: files dns\n')
  const executable = join(folder, 'chromium')
  const mounts = ['resolv.conf', 'nsswitch.conf'].map((name) => `mount --bind ${folder}/${name} /etc/${name}`)
  await writeFile(
    executable,
    `#!/bin/sh\nexec unshare --mount sh -c '${mounts.join(' && ')} && exec /usr/bin/chromium "$@"' chromium "$@"\n`,
  )
  await chmod(executable, 0o755)
  const browser = await openBrowser({ executable })
  return {
    ...browser,
    async close() {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
