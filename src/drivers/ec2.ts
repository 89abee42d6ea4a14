import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import {
  type HostProvider,
  type LaunchOrder,
  LaunchRefused,
  type Machine,
  type MachineState,
  type RefusalKind,
} from '../core/host-provider.ts'

export interface Ec2Options {
  fleet: string
  /** The AWS SDK's own choice if absent: AWS_REGION, the profile. */
  region?: string
  /** The machine image: Debian, Ubuntu or Amazon Linux, or one made by `omega fleet bake`. */
  image: string
  securityGroups: readonly string[]
  /** For a person who wants to look inside. */
  keyName?: string
  /** GiB of the root disk; the image's own size if absent. */
  diskGib?: number
  /** What EC2 may take to answer. */
  answersWithinMs?: number
}

/** Tags that every machine of a fleet has from its first moment on. */
const MANAGED = 'omega:managed'
const FLEET = 'omega:fleet'
const LAUNCH = 'omega:launch'
/** Whatever its value: an operator's word that the machine stays. */
const KEEP = 'omega:keep'

const states: Record<string, MachineState> = {
  pending: 'pending',
  running: 'running',
  stopping: 'stopped',
  stopped: 'stopped',
  'shutting-down': 'ending',
  terminated: 'gone',
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
const refusals: Record<string, RefusalKind> = {
  InsufficientInstanceCapacity: 'offering',
  InsufficientHostCapacity: 'offering',
  UnfulfillableCapacity: 'offering',
  Unsupported: 'offering',
  SpotMaxPriceTooLow: 'offering',
  VcpuLimitExceeded: 'account',
  InstanceLimitExceeded: 'account',
  MaxSpotInstanceCountExceeded: 'account',
  // The account has no AWSServiceRoleForEC2Spot (docs/ec2.md): on demand it works.
  'AuthFailure.ServiceLinkedRoleCreationNotPermitted': 'account',
  InsufficientFreeAddressesInSubnet: 'account',
  // The order was changed by an upgrade between two attempts: the first one's machine is found by its tags.
  IdempotentParameterMismatch: 'later',
  RequestLimitExceeded: 'later',
  Throttling: 'later',
  ThrottlingException: 'later',
  InternalError: 'later',
  InternalFailure: 'later',
  ServerInternal: 'later',
  ServiceUnavailable: 'later',
  Unavailable: 'later',
}

const MAX_RESULTS = 1000
const ANSWERS_WITHIN_MS = 20_000
/** Bytes before base64. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
const USER_DATA_LIMIT = 16 * 1024

/**
 * Hosts as EC2 instances. Credentials, region and endpoint come from where the AWS SDK looks for them. A machine carries
 * its launch in its tags, set by the call that makes it, so that none can be lost sight of.
 */
export class Ec2 implements HostProvider {
  readonly name = 'ec2'
  readonly #options: Ec2Options
  readonly #client: EC2Client
  #rootDevice: string | undefined

  constructor(options: Ec2Options) {
    this.#options = options
    // Who launches decides what is tried again, and with which token.
    const { region, answersWithinMs = ANSWERS_WITHIN_MS } = options
    // The SDK waits for a quarter of an hour on a connection that died without a word.
    const requestHandler = { connectionTimeout: 5_000, requestTimeout: answersWithinMs, throwOnRequestTimeout: true }
    this.#client = new EC2Client({ maxAttempts: 1, requestHandler, ...(region && { region }) })
  }

  async launch({ launchId, offering, token, userData }: LaunchOrder): Promise<Machine> {
    const bytes = Buffer.byteLength(userData)
    if (bytes > USER_DATA_LIMIT) {
      throw new LaunchRefused(
        'never',
        'UserDataTooLarge',
        `User data has ${bytes} bytes; ${USER_DATA_LIMIT} are allowed.`,
      )
    }
    const { fleet, image, securityGroups, keyName, diskGib } = this.#options
    const { type, place, market } = offering
    const rootDevice = diskGib ? await this.#findRootDevice() : undefined
    const tags = { Name: `omega ${fleet}`, [MANAGED]: 'true', [FLEET]: fleet, [LAUNCH]: launchId }
    const command = new RunInstancesCommand({
      ImageId: image,
      InstanceType: type as never,
      MinCount: 1,
      MaxCount: 1,
      ClientToken: token,
      UserData: Buffer.from(userData).toString('base64'),
      // A machine that its manager turns off is gone, and costs nothing.
      InstanceInitiatedShutdownBehavior: 'terminate',
      // Sandboxes are one hop further away, and there is nothing for them to find.
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
      TagSpecifications: (['instance', 'volume'] as const).map((ResourceType) => ({
        ResourceType,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      })),
      ...(securityGroups.length > 0 && { SecurityGroupIds: [...securityGroups] }),
      ...(place?.startsWith('subnet-') ? { SubnetId: place } : place && { Placement: { AvailabilityZone: place } }),
      ...(keyName && { KeyName: keyName }),
      ...(market === 'spot' && {
        InstanceMarketOptions: {
          MarketType: 'spot',
          SpotOptions: { SpotInstanceType: 'one-time', InstanceInterruptionBehavior: 'terminate' },
        },
      }),
      ...(diskGib && {
        BlockDeviceMappings: [
          { DeviceName: rootDevice, Ebs: { VolumeSize: diskGib, VolumeType: 'gp3', DeleteOnTermination: true } },
        ],
      }),
    })
    const { Instances = [] } = await this.#client.send(command).catch((error: unknown) => {
      throw refusalOf(error)
    })
    const [instance] = Instances
    if (!instance?.InstanceId) throw new LaunchRefused('later', 'NoInstance', 'EC2 answered without an instance.')
    return machineOf(instance)
  }

  /** What the image calls its root disk: under another name the size would be that of a second disk. */
  async #findRootDevice(): Promise<string> {
    if (this.#rootDevice) return this.#rootDevice
    const { image } = this.#options
    const command = new DescribeImagesCommand({ ImageIds: [image] })
    const { Images = [] } = await this.#client.send(command).catch((error: unknown) => {
      throw refusalOf(error)
    })
    this.#rootDevice = Images[0]?.RootDeviceName
    if (this.#rootDevice) return this.#rootDevice
    throw new LaunchRefused('never', 'NoRootDevice', `EC2 does not say what the root disk of ${image} is called.`)
  }

  async list(): Promise<Machine[]> {
    const Filters = [
      { Name: `tag:${MANAGED}`, Values: ['true'] },
      { Name: `tag:${FLEET}`, Values: [this.#options.fleet] },
    ]
    const machines: Machine[] = []
    let NextToken: string | undefined
    do {
      const page = await this.#client.send(
        new DescribeInstancesCommand({ Filters, MaxResults: MAX_RESULTS, ...(NextToken && { NextToken }) }),
      )
      for (const { Instances = [] } of page.Reservations ?? []) machines.push(...Instances.map(machineOf))
      NextToken = page.NextToken || undefined
    } while (NextToken)
    return machines
  }

  async terminate(ids: readonly string[]): Promise<void> {
    // One by one: of several none would end if one is unknown.
    for (const id of ids) {
      await this.#client.send(new TerminateInstancesCommand({ InstanceIds: [id] })).catch((error: unknown) => {
        if (codeOf(error) !== 'InvalidInstanceID.NotFound') throw error
      })
    }
  }

  async close(): Promise<void> {
    this.#client.destroy()
  }
}

function machineOf(instance: Instance): Machine {
  const tags = new Map((instance.Tags ?? []).map(({ Key, Value }) => [Key, Value]))
  const launchId = tags.get(LAUNCH)
  const reason = instance.StateReason?.Message || instance.StateReason?.Code
  return {
    id: instance.InstanceId ?? '',
    state: states[instance.State?.Name ?? ''] ?? 'pending',
    launchedAt: instance.LaunchTime?.getTime() ?? 0,
    isKept: tags.has(KEEP),
    ...(launchId && { launchId }),
    ...(instance.PrivateIpAddress && { address: instance.PrivateIpAddress }),
    ...(instance.PublicIpAddress && { publicAddress: instance.PublicIpAddress }),
    ...(reason && { reason }),
  }
}

const codeOf = (error: unknown) => (error as { name?: string; Code?: string }).name ?? 'Unknown'

/** A connection that broke says nothing of what was done. */
function refusalOf(error: unknown): LaunchRefused {
  const code = codeOf(error)
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  const isClear = status !== undefined && status >= 400 && status < 500
  const kind = refusals[code] ?? (isClear ? 'never' : 'later')
  return new LaunchRefused(kind, code, error instanceof Error ? error.message : String(error))
}
