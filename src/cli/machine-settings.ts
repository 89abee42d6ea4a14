/** What a manager knows of the machine it is on, where a provider gave it. */
export const machineSettings = [
  {
    flag: 'orphaned-after',
    value: 'TIME',
    kind: 'text',
    fallback: '0',
    help: 'turn the machine off when no master was heard for so long and it has no sandboxes, with some 48 times as long; 0 for never (hosts that the master launched: 30m)',
    for: ['master', 'manager', 'user-data'],
  },
  {
    flag: 'instance-metadata',
    value: 'URL',
    kind: 'text',
    help: "where the machine's provider says that it takes it back, on EC2 http://169.254.169.254 (set by the script of its first boot)",
    for: ['manager'],
  },
  {
    flag: 'build',
    value: 'HASH',
    kind: 'text',
    help: 'told beside the version, so that hosts that are out of date are known (set by the script of their first boot)',
    for: ['manager'],
  },
] as const
