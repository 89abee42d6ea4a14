import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'

const ADDRESS = '169.254.169.254'

export interface MetadataOf {
  id: string
  address: string
  publicAddress: string
  zone: string
  userData: string
  tokensRequired: boolean
  /** When it is taken back, milliseconds since the epoch. */
  takenBackAt?: number
}

/**
 * The instance metadata service (IMDSv2): answers are sent so that they live for one hop, as with a hop limit of 1. An
 * instance gets them, and a container in it, which is one hop further away, does not.
 */
export class LocalMetadata {
  readonly #server: Server
  readonly #device: string
  readonly #tokens = new Map<string, string>()
  /** Requests by the addresses they came from. */
  readonly asked: { from: string; path: string; status: number }[] = []

  private constructor(device: string, find: (address: string) => MetadataOf | undefined) {
    this.#device = device
    this.#server = createServer((request, response) => {
      const from = request.socket.remoteAddress ?? ''
      const [status, body] = this.#answer(request, find(from))
      this.asked.push({ from, path: request.url ?? '', status })
      response.writeHead(status, { 'content-type': 'text/plain' }).end(body)
    })
  }

  static async start(device: string, find: (address: string) => MetadataOf | undefined): Promise<LocalMetadata> {
    execFileSync('ip', ['address', 'add', `${ADDRESS}/32`, 'dev', device])
    execFileSync('iptables', ['-t', 'mangle', '-A', 'OUTPUT', ...ONE_HOP])
    const metadata = new LocalMetadata(device, find)
    await new Promise<void>((resolve, reject) => {
      metadata.#server.once('error', reject).listen(80, ADDRESS, resolve)
    })
    return metadata
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    spawnSync('iptables', ['-t', 'mangle', '-D', 'OUTPUT', ...ONE_HOP])
    spawnSync('ip', ['address', 'delete', `${ADDRESS}/32`, 'dev', this.#device])
  }

  #answer({ method, url = '', headers }: IncomingMessage, instance: MetadataOf | undefined): [number, string] {
    if (!instance) return [404, '']
    if (method === 'PUT' && url === '/latest/api/token') {
      if (headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined) return [400, '']
      const token = randomBytes(16).toString('base64url')
      this.#tokens.set(token, instance.id)
      return [200, token]
    }
    const token = headers['x-aws-ec2-metadata-token']
    if (token === undefined ? instance.tokensRequired : this.#tokens.get(`${token}`) !== instance.id) return [401, '']
    const { takenBackAt } = instance
    const facts: Record<string, string> = {
      ...(takenBackAt !== undefined && {
        '/latest/meta-data/spot/instance-action': JSON.stringify({
          action: 'terminate',
          time: new Date(takenBackAt).toISOString(),
        }),
      }),
      '/latest/meta-data/instance-id': instance.id,
      '/latest/meta-data/local-ipv4': instance.address,
      '/latest/meta-data/public-ipv4': instance.publicAddress,
      '/latest/meta-data/placement/availability-zone': instance.zone,
      '/latest/user-data': instance.userData,
    }
    const fact = facts[url]
    return fact === undefined ? [404, ''] : [200, fact]
  }
}

const ONE_HOP = ['-s', ADDRESS, '-j', 'TTL', '--ttl-set', '1']
