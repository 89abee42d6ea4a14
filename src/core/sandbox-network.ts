/** The bridge network all sandboxes of a fleet hang on, and what its packets may do. */

export interface SandboxNetwork {
  /** Name of the engine's network. */
  name: string
  /** Name of the bridge interface on the host, at most 15 characters (IFNAMSIZ). */
  bridge: string
}

/** A fleet's network: `omega` and `br-omega` for the fleet `omega`. Two fleets on one engine never share one. */
export function networkOf(fleet: string): SandboxNetwork {
  const plain = /^[a-z0-9-]{1,12}$/.test(fleet)
  return { name: fleet === 'omega' ? 'omega' : `omega-${fleet}`, bridge: plain ? `br-${fleet}` : `om-${hash(fleet)}` }
}

/** FNV-1a, 32 bits, twice over: 12 hexadecimal digits, enough to tell the few fleets of one engine apart. */
function hash(text: string): string {
  const round = (seed: number) => {
    let value = seed
    for (let index = 0; index < text.length; index++) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0
    }
    return value.toString(16).padStart(8, '0')
  }
  return `${round(0x811c9dc5)}${round(0x01000193)}`.slice(0, 12)
}

/**
 * What is not the internet: this network, private use (RFC 1918), shared address space (RFC 6598), loopback, link-local
 * with the clouds' metadata service (RFC 3927), benchmarking (RFC 2544), multicast and reserved.
 */
export const privateRanges: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** SMTP, SMTPS and submission: what spam leaves by. */
export const mailPorts: readonly number[] = [25, 465, 587]

/** Rules of one chain, in iptables' own words without the `-A CHAIN` in front. */
export interface FirewallRules {
  /** For packets from a sandbox to the host itself. */
  input: string[]
  /** For packets from a sandbox to anywhere else. */
  forward: string[]
}

/**
 * What packets from the bridge may do: reach the internet and the resolvers the host itself uses, and answer who came
 * through a published port. `refuse` is the target of everything else.
 */
export function firewallRules(network: SandboxNetwork, nameservers: readonly string[], refuse: string): FirewallRules {
  const answers = '-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN'
  const names = nameservers
    .filter((address) => /^\d{1,3}(\.\d{1,3}){3}$/.test(address))
    .flatMap((address) => ['udp', 'tcp'].map((protocol) => `-d ${address} -p ${protocol} --dport 53 -j RETURN`))
  return {
    input: [answers, ...names, `-j ${refuse}`],
    forward: [
      answers,
      `-o ${network.bridge} -j ${refuse}`,
      ...names,
      ...privateRanges.map((range) => `-d ${range} -j ${refuse}`),
      `-p tcp -m multiport --dports ${mailPorts.join(',')} -j ${refuse}`,
    ],
  }
}
