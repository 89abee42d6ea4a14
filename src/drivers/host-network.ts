import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { run } from './command.ts'

/** What a network demands of those who use it, as found in this machine's settings. */
export interface HostNetwork {
  /** Certificate authorities (PEM, one each) that this machine trusts beyond those everybody trusts. */
  certificates: string[]
  /** npm's registry, when its URL holds no password. */
  registry: string | undefined
  /** HTTP_PROXY and its kin. */
  proxies: Record<string, string>
}

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

/**
 * Reads npm's `cafile` and `registry`, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and the proxy variables. What cannot be read
 * is as if it were not set: the build itself will say what does not work.
 */
export async function readHostNetwork(): Promise<HostNetwork> {
  const { env } = process
  const npm = await run('npm', ['config', 'get', 'cafile', 'registry'], { capture: true }).catch(() => '')
  const setting = (name: string) => new RegExp(`^${name}=(\\S+)$`, 'm').exec(npm)?.[1]
  const files = [setting('cafile'), env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE]
  const registry = setting('registry')
  const proxies = proxyVariables.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []))
  return {
    certificates: await extraCertificates(files.filter((file) => file !== undefined && file !== 'null')),
    registry: registry && URL.canParse(registry) && !new URL(registry).password ? registry : undefined,
    proxies: Object.fromEntries(proxies),
  }
}

/** The certificates of these bundles that Node.js does not bring along, each once, in a fixed order. */
export async function extraCertificates(files: readonly (string | undefined)[]): Promise<string[]> {
  const known = new Set(rootCertificates.map(fingerprint))
  const extra = new Map<string, string>()
  for (const file of new Set(files)) {
    const bundle = file ? await readFile(file, 'utf8').catch(() => '') : ''
    for (const [pem] of bundle.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)) {
      const print = fingerprint(pem)
      if (print && !known.has(print)) extra.set(print, `${pem}\n`)
    }
  }
  return [...extra].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pem]) => pem)
}

function fingerprint(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).fingerprint256
  } catch {
    return undefined
  }
}
