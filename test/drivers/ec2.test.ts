import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ec2Policy } from '../../src/cli/ec2-policy.ts'
import { LaunchRefused } from '../../src/core/host-provider.ts'
import { Ec2 } from '../../src/drivers/ec2.ts'
import { LOCAL_SECRET, LocalEc2 } from '../support/local-ec2/server.ts'
import { isSigned } from '../support/local-ec2/signature.ts'

/** What is asked of EC2, and what is made of its answers. */
let cloud: LocalEc2
let ec2: Ec2
const environment = { ...process.env }

beforeAll(async () => {
  cloud = await LocalEc2.start({ block: '10.213.7', real: false, delayMs: 10 })
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_EC2: cloud.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: LOCAL_SECRET,
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

it('the size of the disk is that of the root disk, whatever the image calls it', async () => {
  const from = cloud.requests.length
  const large = new Ec2({ fleet: 'omega', region: 'eu-central-1', image: 'ami-2', securityGroups: [], diskGib: 80 })
  await large.launch(order('ln_7'))
  await large.launch(order('ln_8'))
  await large.close()
  const sent = cloud.requests.slice(from)
  expect(sent.map(({ action }) => action)).toEqual(['DescribeImages', 'RunInstances', 'RunInstances'])
  expect(sent[0]?.fields).toMatchObject({ 'ImageId.1': 'ami-2' })
  const disk = {
    'BlockDeviceMapping.1.DeviceName': '/dev/sda1',
    'BlockDeviceMapping.1.Ebs.VolumeSize': '80',
    'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true',
  }
  expect(sent[1]?.fields).toMatchObject(disk)
})

it('the policy that `omega fleet iam` prints allows what is asked, and neither more nor another fleet', async () => {
  await ec2.launch(order('ln_6'))
  const sent = cloud.requests.filter(({ action }) => action === 'RunInstances').at(-1)?.fields ?? {}
  expect(mayLaunch('omega', sent)).toBe(true)
  expect(mayLaunch('another', sent)).toBe(false)
  expect(mayLaunch('omega', { ...sent, 'MetadataOptions.HttpTokens': 'optional' })).toBe(false)
  expect(mayLaunch('omega', { ...sent, 'MetadataOptions.HttpPutResponseHopLimit': '2' })).toBe(false)
  const { 'MetadataOptions.HttpPutResponseHopLimit': _, ...limitless } = sent
  expect(mayLaunch('omega', limitless)).toBe(false)
  expect(mayLaunch('omega', { ...sent, 'TagSpecification.1.Tag.3.Value': '' })).toBe(false)
  const actions = ec2Policy('omega').Statement.flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []))
  const used = new Set(cloud.requests.map(({ action }) => `ec2:${action}`))
  expect([...used].filter((action) => !actions.includes(action))).toEqual([])
})

/** As IAM decides about the instance of a launch: allowed by one statement, and denied by none. */
function mayLaunch(fleet: string, fields: Record<string, string>): boolean {
  const context = new Map([
    ['ec2:MetadataHttpTokens', fields['MetadataOptions.HttpTokens']],
    ['ec2:MetadataHttpPutResponseHopLimit', fields['MetadataOptions.HttpPutResponseHopLimit']],
  ])
  for (let tag = 1; tag <= 4; tag++) {
    const of = `TagSpecification.1.Tag.${tag}`
    context.set(`aws:RequestTag/${fields[`${of}.Key`]}`, fields[`${of}.Value`])
  }
  const tests: Record<string, (found: string | undefined, value: string) => boolean> = {
    StringEquals: (found, value) => found === value,
    StringNotEquals: (found, value) => found !== value,
    // As any negated test: what is not given is not equal either.
    NumericNotEquals: (found, value) => Number(found) !== Number(value),
  }
  const applies = ec2Policy(fleet).Statement.filter(({ Action, Resource, Condition = {} }) => {
    const isMeant = [Action, Resource].every((each, index) =>
      [each].flat().includes(['ec2:RunInstances', 'arn:aws:ec2:*:*:instance/*'][index] ?? ''),
    )
    const holds = Object.entries(Condition).every(([test, pairs]) =>
      Object.entries(pairs as Record<string, string>).every(([key, value]) => tests[test]?.(context.get(key), value)),
    )
    return isMeant && holds
  })
  return applies.length > 0 && applies.every(({ Effect }) => Effect === 'Allow')
}

it.each([
  ['InsufficientInstanceCapacity', 500, 'offering'],
  ['VcpuLimitExceeded', 400, 'account'],
  ['AuthFailure.ServiceLinkedRoleCreationNotPermitted', 403, 'account'],
  ['RequestLimitExceeded', 503, 'later'],
  ['IdempotentParameterMismatch', 400, 'later'],
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

it('a connection on which nothing comes is given up: nobody knows what was done', async () => {
  const hasty = new Ec2({
    fleet: 'omega',
    region: 'eu-central-1',
    image: 'a',
    securityGroups: [],
    answersWithinMs: 300,
  })
  cloud.faults.push({ action: 'RunInstances', times: 1, delayMs: 300_000 })
  await expect(hasty.launch(order('ln_h'))).rejects.toMatchObject({ kind: 'later' })
  cloud.faults.push({ action: 'DescribeInstances', times: 1, delayMs: 300_000 })
  await expect(hasty.list()).rejects.toThrow()
  await hasty.close()
})

it('names what it sends as the API reference does, and nothing else', async () => {
  const from = cloud.requests.length
  const plain = new Ec2({ fleet: 'omega', region: 'eu-central-1', image: 'ami-60a54009', securityGroups: [] })
  const { id } = await plain.launch({ ...order('ln_9'), offering: { type: 'm7i.large', market: 'on-demand' } })
  await plain.list()
  await plain.terminate([id])
  await plain.close()
  const sent = cloud.requests.slice(from).map(({ fields }) => fields)
  const tags = (specification: number, kind: string) => {
    const pairs = [
      ...[
        ['Name', 'omega omega'],
        ['omega:managed', 'true'],
        ['omega:fleet', 'omega'],
        ['omega:launch', 'ln_9'],
      ],
    ].flatMap(([key, value], index) => [
      [`TagSpecification.${specification}.Tag.${index + 1}.Key`, key],
      [`TagSpecification.${specification}.Tag.${index + 1}.Value`, value],
    ])
    return { [`TagSpecification.${specification}.ResourceType`]: kind, ...Object.fromEntries(pairs) }
  }
  expect(sent).toEqual([
    {
      ...{ Action: 'RunInstances', Version: '2016-11-15', ImageId: 'ami-60a54009', InstanceType: 'm7i.large' },
      ...{ MinCount: '1', MaxCount: '1', ClientToken: 't-ln_9', UserData: 'IyEvYmluL3NoCg==' },
      InstanceInitiatedShutdownBehavior: 'terminate',
      ...{ 'MetadataOptions.HttpTokens': 'required', 'MetadataOptions.HttpPutResponseHopLimit': '1' },
      'MetadataOptions.HttpEndpoint': 'enabled',
      ...tags(1, 'instance'),
      ...tags(2, 'volume'),
    },
    {
      ...{ Action: 'DescribeInstances', Version: '2016-11-15', MaxResults: '1000' },
      ...{ 'Filter.1.Name': 'tag:omega:managed', 'Filter.1.Value.1': 'true' },
      ...{ 'Filter.2.Name': 'tag:omega:fleet', 'Filter.2.Value.1': 'omega' },
    },
    { Action: 'TerminateInstances', Version: '2016-11-15', 'InstanceId.1': id },
  ])
})

it('what is signed with another secret is refused, for good', async () => {
  process.env.AWS_SECRET_ACCESS_KEY = 'another'
  const stranger = new Ec2({ fleet: 'omega', region: 'eu-central-1', image: 'ami-1', securityGroups: [] })
  const before = cloud.instances.size
  await expect(stranger.launch(order('ln_8'))).rejects.toMatchObject({ kind: 'never', code: 'SignatureDoesNotMatch' })
  expect(cloud.instances.size).toBe(before)
  await stranger.close()
  process.env.AWS_SECRET_ACCESS_KEY = LOCAL_SECRET
})

it("the local EC2's own idea of a signature is AWS's: its documented example", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
  const headers = {
    ...{ host: 'iam.amazonaws.com', 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  }
  const example = { method: 'GET', url: '/?Action=ListUsers&Version=2010-05-08', headers, body: '' }
  expect(isSigned(example, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY')).toBe(true)
  expect(isSigned(example, 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEX')).toBe(false)
  expect(isSigned({ ...example, url: '/?Action=ListGroups&Version=2010-05-08' }, 'wJalrXUtnFEMI')).toBe(false)
})

it('reads answers as AWS writes them, with all that it has no use for', async () => {
  // The elements and their nesting are those of the reference: API_DescribeInstances, API_Reservation, API_Instance.
  const answer = `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>8f7724cf-496f-496e-8fe3-example</requestId>
  <reservationSet><item>
    <reservationId>r-1234567890abcdef0</reservationId><ownerId>123456789012</ownerId><groupSet/>
    <instancesSet><item>
      <instanceId>i-1234567890abcdef0</instanceId><imageId>ami-bff32ccc</imageId>
      <instanceState><code>16</code><name>running</name></instanceState>
      <privateDnsName>ip-192-168-1-88.eu-west-1.compute.internal</privateDnsName>
      <dnsName>ec2-54-194-252-215.eu-west-1.compute.amazonaws.com</dnsName><reason/><keyName>my_keypair</keyName>
      <amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>t2.micro</instanceType>
      <launchTime>2018-05-08T16:46:19.000Z</launchTime>
      <placement><availabilityZone>eu-west-1c</availabilityZone><groupName/><tenancy>default</tenancy></placement>
      <monitoring><state>disabled</state></monitoring><subnetId>subnet-56f5f633</subnetId><vpcId>vpc-11112222</vpcId>
      <privateIpAddress>192.168.1.88</privateIpAddress><ipAddress>54.194.252.215</ipAddress>
      <sourceDestCheck>true</sourceDestCheck>
      <groupSet><item><groupId>sg-e4076980</groupId><groupName>SecurityGroup1</groupName></item></groupSet>
      <architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>
      <blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-1234567890abcdef0</volumeId></ebs></item></blockDeviceMapping>
      <clientToken>xMcwG14507example</clientToken>
      <tagSet><item><key>omega:launch</key><value>ln_1</value></item><item><key>omega:keep</key><value/></item></tagSet>
    </item></instancesSet>
  </item></reservationSet>
</DescribeInstancesResponse>`
  const aws = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml;charset=UTF-8' }).end(answer)
  })
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve))
  process.env.AWS_ENDPOINT_URL_EC2 = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`
  const reader = new Ec2({ fleet: 'omega', region: 'eu-west-1', image: 'ami-1', securityGroups: [] })
  try {
    expect(await reader.list()).toEqual([
      {
        ...{ id: 'i-1234567890abcdef0', launchId: 'ln_1', state: 'running', isKept: true },
        ...{ address: '192.168.1.88', publicAddress: '54.194.252.215', launchedAt: Date.parse('2018-05-08T16:46:19Z') },
      },
    ])
  } finally {
    await reader.close()
    aws.closeAllConnections()
    aws.close()
    process.env.AWS_ENDPOINT_URL_EC2 = cloud.url
  }
})

it('reads all pages, of this fleet only, and gives nothing rather than a part', async () => {
  const already = (await ec2.list()).length
  for (let number = 0; number < 1005; number++) {
    const id = `i-many${number}`
    const tags = new Map(Object.entries({ 'omega:managed': 'true', 'omega:fleet': number < 1003 ? 'omega' : 'other' }))
    const first = [...cloud.instances.values()][0]
    if (first) cloud.instances.set(id, { ...first, id, tags, token: undefined })
  }
  cloud.instances.get('i-many1')?.tags.set('omega:keep', '')
  const all = await ec2.list()
  expect(all).toHaveLength(already + 1003)
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
