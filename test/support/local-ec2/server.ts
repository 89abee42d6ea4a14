import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { LocalMachine, LocalNetwork } from './machine.ts'
import { LocalMetadata } from './metadata.ts'
import { Query, type Xml, xmlOf } from './query.ts'
import { isSigned } from './signature.ts'

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated'

export interface LocalInstance {
  id: string
  token: string | undefined
  /** What was asked for, for the check of a repeated token. */
  asked: string
  type: string
  zone: string
  market: 'spot' | 'on-demand'
  state: InstanceState
  reason?: string
  tags: Map<string, string>
  tokensRequired: boolean
  /** From inside its network, and from everywhere. */
  address: string
  publicAddress: string
  userData: string
  launchedAt: number
  endedAt?: number
  visibleAt: number
  machine?: LocalMachine
  /** What runs in its place. */
  standIn?: { stop(): Promise<void> }
  takenBackAt?: number
}

/** What is to go wrong, with the next `times` requests of this action that it fits. */
export interface Fault {
  action: string
  times: number
  /** Answered with this error, before anything was done. */
  code?: string
  status?: number
  /** The connection is cut without an answer: `before` anything was done, or `after` it was. */
  cut?: 'before' | 'after'
  delayMs?: number
}

export interface LocalEc2Options {
  /** The first three numbers of the instances' addresses. */
  block: string
  /** From `pending` to `running`, and from `shutting-down` to `terminated`. */
  delayMs?: number
  /** An instance that was just made is not in lists for so long. */
  visibleAfterMs?: number
  /** What requests are signed with. */
  secretKey?: string
  /** Instances run for real; else they are only told of. */
  real?: boolean
  /** What runs in real ones' place. */
  boot?: (instance: LocalInstance) => { stop(): Promise<void> }
  /** Told of each request before it has its effect and after that; `true`: who asked is gone, and hears nothing. */
  watch?: (action: string, when: 'before' | 'after') => Promise<boolean>
}

class QueryError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

export const LOCAL_SECRET = 'a-secret-key-of-the-tests'

const PAGE = 1000
const USER_DATA_LIMIT = 16 * 1024
const codes: Record<InstanceState, number> = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48 }

/**
 * EC2 on this machine: its Query API, as far as a fleet needs it, with instances that are real hosts, faults that can be
 * commanded, and a ledger of what it would have cost.
 */
export class LocalEc2 {
  readonly instances = new Map<string, LocalInstance>()
  readonly faults: Fault[] = []
  /** How many may run of a `type/zone/market`; any number of those not named. */
  readonly capacity = new Map<string, number>()
  /** The most that ran at once. */
  highWater = 0
  /** Requests by action, with their fields. */
  readonly requests: { action: string; fields: Record<string, string>; signed: string }[] = []
  readonly network: LocalNetwork
  /** Where instances are real. */
  metadata: LocalMetadata | undefined
  readonly #options: LocalEc2Options
  readonly #server: Server
  #next = 10

  private constructor(options: LocalEc2Options) {
    this.#options = options
    this.network = new LocalNetwork(`oec2${randomBytes(2).toString('hex')}`, options.block)
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(options: LocalEc2Options): Promise<LocalEc2> {
    const ec2 = new LocalEc2(options)
    await new Promise<void>((resolve) => ec2.#server.listen(0, '127.0.0.1', resolve))
    if (options.real === false) return ec2
    ec2.network.open()
    ec2.metadata = await LocalMetadata.start(ec2.network.name, (address) => {
      return [...ec2.instances.values()].find((each) => each.address === address && each.state === 'running')
    })
    return ec2
  }

  /** For `AWS_ENDPOINT_URL_EC2`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Those that cost something now. */
  get billed(): LocalInstance[] {
    return [...this.instances.values()].filter(({ state }) => state === 'pending' || state === 'running')
  }

  /** What all of them would have been billed for so far. */
  billedSeconds(now = Date.now()): number {
    const all = [...this.instances.values()]
    return all.reduce((sum, { launchedAt, endedAt = now }) => sum + (endedAt - launchedAt) / 1000, 0)
  }

  /** An instance ends by itself, as hardware does or a spot host that is taken back. */
  async lose(id: string, reason = 'Server.InternalError'): Promise<void> {
    const instance = this.instances.get(id)
    if (instance) await this.#end(instance, reason)
  }

  /** A spot instance is taken back: it hears of it some time before. */
  async takeBack(id: string, noticeMs: number): Promise<void> {
    const instance = this.instances.get(id)
    if (!instance) throw new Error(`There is no instance ${id}.`)
    instance.takenBackAt = Date.now() + noticeMs
    await sleep(noticeMs)
    await this.lose(id, 'Server.SpotInstanceTermination')
  }

  async close(): Promise<void> {
    await Promise.all([...this.instances.values()].map((instance) => this.#end(instance, 'closed')))
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    await this.metadata?.close()
    if (this.#options.real !== false) this.network.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const query = new Query(body)
    const { action } = query
    const signed = request.headers.authorization ?? ''
    this.requests.push({ action, fields: Object.fromEntries(query.fields), signed })
    const fault = this.#takeFault(action)
    const { watch } = this.#options
    if (fault?.delayMs) await sleep(fault.delayMs, undefined, { ref: false })
    let isCut = (await watch?.(action, 'before')) || fault?.cut === 'before'
    const [status, answer] = isCut ? [0, ''] : this.#answerOf(request, query, body, fault?.code ? fault : undefined)
    if (await watch?.(action, 'after')) isCut = true
    if (isCut || fault?.cut === 'after') return void request.socket.destroy()
    response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8' })
    response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${answer}`)
  }

  /** Status and body; what is asked for has its effect. */
  #answerOf(request: IncomingMessage, query: Query, body: string, refusal: Fault | undefined): [number, string] {
    const { method = '', url = '', headers } = request
    try {
      if (refusal?.code) throw new QueryError(refusal.code, 'As it was commanded.', refusal.status)
      if (!isSigned({ method, url, headers, body }, this.#options.secretKey ?? LOCAL_SECRET)) {
        throw new QueryError('SignatureDoesNotMatch', 'The signature is not that of this request.', 403)
      }
      const result = this.#act(query)
      return [200, xmlOf(`${query.action}Response`, { requestId: randomBytes(8).toString('hex'), ...result })]
    } catch (error) {
      const { code, status, message } =
        error instanceof QueryError ? error : new QueryError('InternalError', String(error), 500)
      const Errors = `<Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors>`
      return [status, `<Response>${Errors}<RequestID>${randomBytes(8).toString('hex')}</RequestID></Response>`]
    }
  }

  #takeFault(action: string): Fault | undefined {
    const fault = this.faults.find((each) => each.action === action && each.times > 0)
    if (fault) fault.times--
    return fault
  }

  #act(query: Query): { [name: string]: Xml } {
    switch (query.action) {
      case 'RunInstances':
        return this.#run(query)
      case 'DescribeInstances':
        return this.#describe(query)
      case 'DescribeImages':
        return { imagesSet: query.list('ImageId').map((imageId) => ({ imageId, rootDeviceName: '/dev/sda1' })) }
      case 'TerminateInstances':
        return this.#terminate(query)
      case 'CreateTags':
        return this.#tag(query)
      default:
        throw new QueryError('InvalidAction', `The action ${query.action} is not valid for this web service.`)
    }
  }

  #run(query: Query): { [name: string]: Xml } {
    const token = query.text('ClientToken')
    const asked = [...query.fields]
      .filter(([name]) => name !== 'ClientToken')
      .map((pair) => pair.join('='))
      .sort()
      .join('&')
    const known = [...this.instances.values()].find((each) => token !== undefined && each.token === token)
    if (known && known.asked !== asked) {
      throw new QueryError('IdempotentParameterMismatch', 'The token was used with other parameters.')
    }
    return reservation([known ?? this.#launch(query, token, asked)])
  }

  #launch(query: Query, token: string | undefined, asked: string): LocalInstance {
    const userData = Buffer.from(query.text('UserData') ?? '', 'base64').toString()
    if (Buffer.byteLength(userData) > USER_DATA_LIMIT) {
      throw new QueryError('InvalidUserData.Malformed', 'User data is limited to 16384 bytes.')
    }
    if (query.number('MinCount', 0) !== 1 || query.number('MaxCount', 0) !== 1) {
      throw new QueryError('UnsupportedOperation', 'One at a time here.')
    }
    const type = query.text('InstanceType') ?? 'm1.small'
    const zone = query.text('Placement.AvailabilityZone') ?? query.text('SubnetId') ?? 'local-1a'
    const market = query.text('InstanceMarketOptions.MarketType') === 'spot' ? 'spot' : 'on-demand'
    const offering = `${type}/${zone}/${market}`
    const same = this.billed.filter((each) => `${each.type}/${each.zone}/${each.market}` === offering)
    if (same.length >= (this.capacity.get(offering) ?? Infinity)) {
      throw new QueryError('InsufficientInstanceCapacity', `There is no capacity for ${offering}.`, 500)
    }
    const tags = new Map<string, string>()
    for (const specification of query.members('TagSpecification')) {
      if (query.text(`${specification}.ResourceType`) !== 'instance') continue
      for (const tag of query.members(`${specification}.Tag`)) {
        tags.set(query.text(`${tag}.Key`) ?? '', query.text(`${tag}.Value`) ?? '')
      }
    }
    const { delayMs = 50, visibleAfterMs = 0 } = this.#options
    const tokensRequired = query.text('MetadataOptions.HttpTokens') === 'required'
    const number = this.#next++
    const instance: LocalInstance = {
      ...{
        id: `i-${randomBytes(8).toString('hex')}`,
        token,
        asked,
        type,
        zone,
        market,
        state: 'pending',
        tags,
        userData,
      },
      ...{
        address: this.network.addressOf(number),
        publicAddress: this.network.addressOf(number + 100),
        tokensRequired,
        launchedAt: Date.now(),
        visibleAt: Date.now() + visibleAfterMs,
      },
    }
    this.instances.set(instance.id, instance)
    this.highWater = Math.max(this.highWater, this.billed.length)
    setTimeout(() => this.#boot(instance, number), delayMs)
    return instance
  }

  #boot(instance: LocalInstance, number: number): void {
    if (instance.state !== 'pending') return
    instance.state = 'running'
    const { boot } = this.#options
    if (boot) instance.standIn = boot(instance)
    if (this.#options.real === false) return
    instance.machine = new LocalMachine(this.network, number, instance)
    // Its shutdown behaviour is `terminate`.
    void instance.machine.off.then(() => this.#end(instance, 'Client.InstanceInitiatedShutdown'))
  }

  async #end(instance: LocalInstance, reason: string): Promise<void> {
    if (instance.state === 'shutting-down' || instance.state === 'terminated') return
    Object.assign(instance, { state: 'shutting-down', reason, endedAt: Date.now() })
    await Promise.all([instance.machine?.stop(), instance.standIn?.stop(), sleep(this.#options.delayMs ?? 50)])
    instance.state = 'terminated'
  }

  #describe(query: Query): { [name: string]: Xml } {
    const ids = query.list('InstanceId')
    const now = Date.now()
    const seen = [...this.instances.values()].filter(({ visibleAt }) => visibleAt <= now)
    const unknown = ids.filter((id) => !seen.some((each) => each.id === id))
    if (unknown.length > 0) {
      throw new QueryError('InvalidInstanceID.NotFound', `The instance ID '${unknown[0]}' does not exist`)
    }
    const filters = query.members('Filter').map((filter) => ({
      name: query.text(`${filter}.Name`) ?? '',
      values: query.list(`${filter}.Value`),
    }))
    const found = seen
      .filter(({ id }) => ids.length === 0 || ids.includes(id))
      .filter((instance) => filters.every(({ name, values }) => values.includes(fieldOf(instance, name) ?? '')))
    const from = query.number('NextToken', 0)
    const size = Math.min(PAGE, query.number('MaxResults', PAGE))
    const page = found.slice(from, from + size)
    const next = from + size < found.length ? String(from + size) : undefined
    return { reservationSet: page.map((instance) => reservation([instance])), nextToken: next }
  }

  #terminate(query: Query): { [name: string]: Xml } {
    const wanted = query.list('InstanceId').map((id) => {
      const instance = this.instances.get(id)
      if (!instance) throw new QueryError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
      return instance
    })
    const instancesSet = wanted.map((instance) => {
      const before = instance.state
      void this.#end(instance, 'Client.UserInitiatedShutdown')
      return { instanceId: instance.id, currentState: stateOf(instance.state), previousState: stateOf(before) }
    })
    return { instancesSet }
  }

  #tag(query: Query): { [name: string]: Xml } {
    for (const id of query.list('ResourceId')) {
      const instance = this.instances.get(id)
      if (!instance) throw new QueryError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`)
      for (const tag of query.members('Tag')) {
        instance.tags.set(query.text(`${tag}.Key`) ?? '', query.text(`${tag}.Value`) ?? '')
      }
    }
    return { return: true }
  }
}

const stateOf = (state: InstanceState) => ({ code: codes[state], name: state })

function fieldOf(instance: LocalInstance, filter: string): string | undefined {
  if (filter.startsWith('tag:')) return instance.tags.get(filter.slice(4))
  const fields: Record<string, string | undefined> = {
    'instance-state-name': instance.state,
    'client-token': instance.token,
    'instance-id': instance.id,
    'instance-type': instance.type,
  }
  if (!(filter in fields)) throw new QueryError('InvalidParameterValue', `The filter '${filter}' is invalid`)
  return fields[filter]
}

function reservation(instances: readonly LocalInstance[]): { [name: string]: Xml } {
  return {
    reservationId: `r-${instances[0]?.id.slice(2) ?? ''}`,
    ownerId: '000000000000',
    instancesSet: instances.map((instance) => {
      const isThere = instance.state === 'pending' || instance.state === 'running'
      return {
        instanceId: instance.id,
        imageId: 'ami-local',
        instanceState: stateOf(instance.state),
        privateIpAddress: isThere ? instance.address : undefined,
        ipAddress: isThere ? instance.publicAddress : undefined,
        clientToken: instance.token,
        instanceType: instance.type,
        launchTime: new Date(instance.launchedAt).toISOString(),
        placement: { availabilityZone: instance.zone },
        stateReason: instance.reason === undefined ? undefined : { code: instance.reason, message: instance.reason },
        instanceLifecycle: instance.market === 'spot' ? 'spot' : undefined,
        tagSet: [...instance.tags].map(([key, value]) => ({ key, value })),
      }
    }),
  }
}
