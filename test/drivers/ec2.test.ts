import { afterAll, beforeAll, expect, it } from 'vitest'
import { LaunchRefused } from '../../src/core/host-provider.ts'
import { Ec2 } from '../../src/drivers/ec2.ts'
import { LocalEc2 } from '../support/local-ec2/server.ts'

/** What is asked of EC2, and what is made of its answers. */
let cloud: LocalEc2
let ec2: Ec2
const environment = { ...process.env }

beforeAll(async () => {
  cloud = await LocalEc2.start({ block: '10.213.7', real: false, delayMs: 10 })
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EC2: cloud.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  })
  const securityGroups = ['sg-1']
  ec2 = new Ec2({ fleet: 'omega', region: 'eu-central-1', image: 'ami-1', securityGroups })
})
afterAll(async () => {
  process.env = environment
  await ec2?.close()
  await cloud?.close()
})

const offering = { type: 'm7i.large', place: 'eu-central-1a', market: 'spot' } as const
const order = (launchId: string, more = {}) => ({
  launchId,
  offering,
  token: `t-${launchId}`,
  userData: '#!/bin/sh\n',
  ...more,
})

it('launches one machine, tagged by the call that makes it, closed to what runs in it', async () => {
  const machine = await ec2.launch(order('ln_1'))
  expect(machine).toMatchObject({ launchId: 'ln_1', state: 'pending', isKept: false })
  const fields = cloud.requests.find(({ action }) => action === 'RunInstances')?.fields
  expect(fields).toMatchObject({
    ImageId: 'ami-1',
    InstanceType: 'm7i.large',
    MinCount: '1',
    MaxCount: '1',
    ClientToken: 't-ln_1',
    'Placement.AvailabilityZone': 'eu-central-1a',
    'InstanceMarketOptions.MarketType': 'spot',
    InstanceInitiatedShutdownBehavior: 'terminate',
    'MetadataOptions.HttpTokens': 'required',
    'MetadataOptions.HttpPutResponseHopLimit': '1',
    'SecurityGroupId.1': 'sg-1',
  })
  expect(fields).not.toHaveProperty('IamInstanceProfile.Name')
  expect(Buffer.from(fields?.UserData ?? '', 'base64').toString()).toBe('#!/bin/sh\n')
  // The same order again is the same machine, also after an answer that was lost.
  cloud.faults.push({ action: 'RunInstances', times: 1, cut: 'after' })
  await expect(ec2.launch(order('ln_2'))).rejects.toMatchObject({ kind: 'later' })
  const again = await ec2.launch(order('ln_2'))
  const listed = await ec2.list()
  expect(listed.map(({ launchId }) => launchId).sort()).toEqual(['ln_1', 'ln_2'])
  expect(listed.map(({ id }) => id)).toContain(again.id)
})

it.each([
  ['InsufficientInstanceCapacity', 500, 'offering'],
  ['VcpuLimitExceeded', 400, 'account'],
  ['RequestLimitExceeded', 503, 'later'],
  ['InternalError', 500, 'later'],
  ['UnauthorizedOperation', 403, 'never'],
  ['InvalidAMIID.NotFound', 400, 'never'],
] as const)('%s means: %s', async (code, status, kind) => {
  const before = cloud.requests.length
  cloud.faults.push({ action: 'RunInstances', times: 1, code, status })
  const refused = await ec2.launch(order('ln_3')).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(LaunchRefused)
  expect(refused).toMatchObject({ kind, code })
  // It is for the caller to decide what comes next.
  expect(cloud.requests.length).toBe(before + 1)
})

it('reads all pages, of this fleet only, and gives nothing rather than a part', async () => {
  for (let number = 0; number < 1005; number++) {
    const id = `i-many${number}`
    const tags = new Map(Object.entries({ 'omega:managed': 'true', 'omega:fleet': number < 1003 ? 'omega' : 'other' }))
    const first = [...cloud.instances.values()][0]
    if (first) cloud.instances.set(id, { ...first, id, tags, token: undefined })
  }
  cloud.instances.get('i-many1')?.tags.set('omega:keep', '')
  const all = await ec2.list()
  expect(all).toHaveLength(1005)
  expect(all.find(({ id }) => id === 'i-many1')?.isKept).toBe(true)
  const before = cloud.requests.length
  cloud.faults.push({ action: 'DescribeInstances', times: 0 }, { action: 'DescribeInstances', times: 1, cut: 'before' })
  await expect(ec2.list()).rejects.toThrow()
  expect(cloud.requests.length).toBe(before + 1)
  for (const id of cloud.instances.keys()) if (id.startsWith('i-many')) cloud.instances.delete(id)
})

it('ends machines, also those that nobody knows any more', async () => {
  const [first] = await ec2.list()
  await ec2.terminate(['i-00000000000000000', first?.id ?? ''])
  await expect.poll(async () => (await ec2.list()).find(({ id }) => id === first?.id)?.state).toBe('gone')
})
