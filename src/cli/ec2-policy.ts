/** What a launch touches beside the machine and its disks. */
const launchedFrom = [
  ...['image', 'subnet', 'security-group', 'network-interface', 'key-pair', 'snapshot'],
  'spot-instances-request',
]

/**
 * The least that the master needs of IAM: machines only with this fleet's tag and with a token for their metadata one hop
 * away, and only those ended. What is read cannot be narrowed down.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export function ec2Policy(fleet: string) {
  const instances = 'arn:aws:ec2:*:*:instance/*'
  const deny = (sid: string, Condition: object) => {
    return { Sid: sid, Effect: 'Deny', Action: 'ec2:RunInstances', Resource: instances, Condition }
  }
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Look', Effect: 'Allow', Action: ['ec2:DescribeInstances', 'ec2:DescribeImages'], Resource: '*' },
      {
        Sid: 'LaunchTagged',
        Effect: 'Allow',
        Action: 'ec2:RunInstances',
        Resource: [instances, 'arn:aws:ec2:*:*:volume/*'],
        Condition: { StringEquals: { 'aws:RequestTag/omega:managed': 'true', 'aws:RequestTag/omega:fleet': fleet } },
      },
      {
        Sid: 'LaunchFrom',
        Effect: 'Allow',
        Action: 'ec2:RunInstances',
        Resource: launchedFrom.map((kind) => `arn:aws:ec2:*:*:${kind}/*`),
      },
      deny('NoOpenMetadata', { StringNotEquals: { 'ec2:MetadataHttpTokens': 'required' } }),
      deny('NoFarMetadata', { NumericNotEquals: { 'ec2:MetadataHttpPutResponseHopLimit': '1' } }),
      {
        Sid: 'TagAtLaunch',
        Effect: 'Allow',
        Action: 'ec2:CreateTags',
        Resource: '*',
        Condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
      },
      {
        Sid: 'EndOurs',
        Effect: 'Allow',
        Action: 'ec2:TerminateInstances',
        Resource: instances,
        Condition: { StringEquals: { 'aws:ResourceTag/omega:managed': 'true', 'aws:ResourceTag/omega:fleet': fleet } },
      },
    ],
  }
}
