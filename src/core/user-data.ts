/** What a machine needs to become a host, whoever starts it. */
export interface HostSetup {
  /** Lets it fetch images, and, but for `bake`, lets a host join: of a launch this one once, the fleet's any for good. */
  joinToken: string
  /** Where the host reaches the master. */
  masterUrl: string
  /** Hash of what omega's image is built from, as in its label; what an image of the machine has of another is replaced. */
  build?: string
}

export interface UserDataOptions extends HostSetup {
  fleet: string
  /** Absent for machines that somebody else starts. */
  launchId?: string
  /** Sandboxes the host may hold. */
  capacity: number
  /** Containers kept ready. */
  warm: number
  /** Which of its addresses browsers reach it at. */
  address: 'public' | 'private'
  /** Settings of its sandboxes, by the name of the flag: `sandbox-memory`. */
  settings: Readonly<Record<string, string>>
}

/** So much of a build is told. */
const BUILD_LENGTH = 8

/** What a host of this build says it runs: build metadata as semantic versioning has it. */
export function hostVersion(version: string, build: string | undefined): string {
  return build ? `${version}+${build.slice(0, BUILD_LENGTH)}` : version
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** How both scripts begin: tells the master what it does, finds Docker or installs it, and gets the images and the program. */
const prepare = ({ joinToken, masterUrl, build = '' }: HostSetup) => `set -euo pipefail
umask 077
exec > >(tee -a /var/log/omega-boot.log) 2>&1
mkdir -p /run/omega /var/lib/omega
auth=/run/omega/authorization
printf 'authorization: Bearer %s\\n' ${quoted(joinToken)} > $auth
master=${quoted(masterUrl)}
tell() {
  echo "omega: $1"
  curl -fsS -m 5 -o /run/omega/told -H @$auth --data-urlencode "step=$1" "$master/v1/launch" || true
}
trap 'tell "failed in line $LINENO: $BASH_COMMAND"' ERR

if ! command -v dockerd > /run/omega/which; then
  tell 'installing Docker'
  if command -v apt-get > /run/omega/which; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && apt-get install -y -q --no-install-recommends docker.io iptables curl
  else
    dnf install -y docker iptables-nft || yum install -y docker iptables
  fi
fi
for _ in $(seq 120); do
  docker version > /run/omega/docker 2>&1 && break
  command -v systemctl > /run/omega/which && systemctl enable --now docker || true
  sleep 0.5
done

build=${quoted(build)}
found() { docker image inspect -f '{{index .Config.Labels "omega.inputs"}}' omega:latest 2> /run/omega/image || true; }
if [ -z "$(found)" ] || [ "$(found)" != "\${build:-$(found)}" ]; then
  tell 'loading images'
  curl -fsS --retry 5 --retry-delay 2 -H @$auth "$master/v1/launch/images" | docker load
fi
if [ "$(cat /opt/omega/.build 2> /run/omega/image)" != "$(found)" ]; then
  container=$(docker create omega:latest)
  rm -rf /opt/omega
  docker cp -q "$container:/opt/omega" /opt/omega 2> /run/omega/copy || docker cp "$container:/opt/omega" /opt/omega
  docker cp "$container:/usr/local/bin/node" /opt/omega/node
  docker rm "$container" > /run/omega/removed
  found > /opt/omega/.build
fi
`

/**
 * What a new machine runs at its first boot (cloud-init, as root): finds Docker or installs it, takes the images from the
 * master unless they are there already, takes omega itself out of its image, and runs it as a manager. No registry is
 * needed, and no Node.js. The same options give the same text.
 */
export function userData(options: UserDataOptions): string {
  const { fleet, launchId, joinToken, masterUrl, capacity, warm, address, settings } = options
  const config = {
    ...{ FLEET: fleet, MASTER_URL: masterUrl, JOIN_TOKEN: joinToken, CAPACITY: String(capacity), WARM: String(warm) },
    ...{ RUNTIME: 'docker', DATA_DIR: '/var/lib/omega', LISTEN: '0.0.0.0' },
    ...Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name.replaceAll('-', '_').toUpperCase(), value]),
    ),
  }
  const lines = Object.entries(config).map(([name, value]) => `OMEGA_${name}=${value}`)
  return `#!/bin/bash
# A host of the omega fleet ${fleet}${launchId === undefined ? '' : `, launch ${launchId}`}.
${prepare(options)}
imds=http://169.254.169.254/latest
session=$(curl -fsS -m 2 -X PUT -H 'x-aws-ec2-metadata-token-ttl-seconds: 300' $imds/api/token || true)
meta() { curl -fsS -m 2 -H "x-aws-ec2-metadata-token: $session" $imds/meta-data/$1 || true; }
# The master calls it from inside: rules of security groups that name a group hold for private addresses only.
inside=$(meta local-ipv4)
[ -n "$inside" ] || inside=$(hostname -I | cut -d ' ' -f 1)
address=${address === 'public' ? '$(meta public-ipv4)' : '$inside'}
[ -n "$address" ] || address=$inside

tell 'starting omega'
cat > /var/lib/omega/manager.env <<'END'
${lines.join('\n')}
END
printf 'OMEGA_ADDRESS=%s\\nOMEGA_API_URL=http://%s:7070\\nOMEGA_BUILD=%s\\n' "$address" "$inside" "$(found | cut -c 1-${BUILD_LENGTH})" >> /var/lib/omega/manager.env
[ -z "$session" ] || echo 'OMEGA_INSTANCE_METADATA=http://169.254.169.254' >> /var/lib/omega/manager.env
rm $auth
if [ -d /run/systemd/system ]; then
  cat > /etc/systemd/system/omega-manager.service <<'END'
[Unit]
Description=omega manager
After=docker.service network-online.target
Requires=docker.service
[Service]
EnvironmentFile=/var/lib/omega/manager.env
ExecStart=/opt/omega/node /opt/omega/dist/bin/omega.js serve --role=manager
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
END
  systemctl daemon-reload
  systemctl enable --now omega-manager
else
  set -a
  . /var/lib/omega/manager.env
  set +a
  while :; do
    /opt/omega/node /opt/omega/dist/bin/omega.js serve --role=manager >> /var/log/omega-manager.log 2>&1 || true
    sleep 1
  done < /dev/null &
fi
`
}

/**
 * What makes an image of a machine from which hosts start sooner: run once as root on a fresh machine that reaches the
 * master. Nothing secret is left on it.
 */
export function bakeScript(setup: HostSetup): string {
  return `#!/bin/bash
# Makes this machine ready to become an image for hosts of an omega fleet: Docker, the images and the program.
${prepare(setup)}
docker image prune -f > /run/omega/pruned
rm -rf $auth /var/lib/omega /var/log/omega-boot.log
if command -v cloud-init > /run/omega/which; then cloud-init clean --logs; fi
trap - ERR
echo 'omega: ready. Stop this machine and make an image of it:'
echo '  aws ec2 create-image --instance-id INSTANCE --name omega-host'
echo 'Then start the master with --ec2-image=ami-...'
`
}
