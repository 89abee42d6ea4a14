/** What the machine must have: programs from Debian's packages, and a container engine that answers. */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, say, step } from './steps.mjs'

/** Debian's packages of each program. */
const packageOf = {
  chromium: 'chromium',
  debootstrap: 'debootstrap',
  curl: 'curl',
  dig: 'dnsutils',
  dockerd: 'docker.io apparmor ca-certificates',
  git: 'git',
  ip: 'iproute2',
  iptables: 'iptables',
  kdig: 'knot-dnsutils',
  'redis-server': 'redis-server',
  rg: 'ripgrep',
  unbound: 'unbound',
}

const isRoot = process.getuid?.() === 0

/** Looked for beyond PATH as well: system programs are often not in a user's. */
export function find(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin']
  return folders.map((folder) => join(folder, program)).find(isExecutable)
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Debian or Ubuntu, and we may install. */
export function canInstall() {
  if (!isRoot || !find('apt-get') || !existsSync('/etc/os-release')) return false
  return /^ID(?:_LIKE)?=.*\b(?:debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
}

/**
 * Installs what is missing of these programs, or says what to install and gives false. Services that packages bring
 * along are not started: omega and its tests start what they need on ports of their own.
 */
export async function ensurePrograms(programs, purpose) {
  const missing = programs.filter((program) => !find(program))
  if (missing.length === 0) return true
  const packages = missing.flatMap((program) => packageOf[program].split(' '))
  if (!canInstall()) {
    say(`Missing ${purpose}: ${missing.join(', ')}.`)
    say(`  On Debian or Ubuntu: sudo apt-get install ${packages.join(' ')}`)
    say('  Elsewhere install what your system calls them, and have a Docker Engine running.')
    return false
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' }
  await step('Reading the lists of packages (apt-get update)', () => run(['apt-get', 'update', '-q'], { env }))
  await step(`Installing ${packages.join(', ')} ${purpose}`, () =>
    withoutStartingServices(() =>
      run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', ...packages], { env }),
    ),
  )
  return true
}

/** Debian's way to say that packages must not start their services (policy-rc.d). */
async function withoutStartingServices(work) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return work()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return await work()
  } finally {
    rmSync(policy, { force: true })
  }
}

/** Where the engine listens: DOCKER_HOST, or the usual socket; undefined for kinds only Docker's own tools speak. */
function engineAddress() {
  const host = process.env.DOCKER_HOST || 'unix:///var/run/docker.sock'
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) }
  const url = URL.canParse(host) ? new URL(host) : undefined
  if (url?.protocol === 'tcp:' && !process.env.DOCKER_TLS_VERIFY) return { host: url.hostname, port: url.port || 2375 }
  return undefined
}

const noAccess = 'you may not use its socket'

/** Undefined when the engine answers, else why it does not. */
export function engineSilence() {
  const address = engineAddress()
  if (!address) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const call = request({ ...address, path: '/_ping', timeout: 5000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? undefined : `it answers ${response.statusCode}`)
    })
    call.on('timeout', () => call.destroy(new Error('no answer within 5 s')))
    call.on('error', (error) => resolve(error.code === 'EACCES' ? noAccess : error.message))
    call.end()
  })
}

/**
 * Has a container engine that answers, by installing and starting one if need be; gives whether there is one. Installs
 * debootstrap as well: omega makes its base image with it where no image registry answers.
 */
export async function ensureEngine() {
  const silence = await engineSilence()
  const isOurs = process.platform === 'linux' && isRoot && !process.env.DOCKER_HOST
  if (isOurs && canInstall()) {
    await ensurePrograms(
      [...(silence === undefined ? [] : ['dockerd', 'iptables']), 'debootstrap'],
      'to run containers',
    )
  }
  if (silence === undefined) return true
  if (!isOurs || !find('dockerd')) {
    say(`No Docker Engine answers (${silence}).`)
    if (silence === noAccess) say('  Join its group: `sudo usermod -aG docker $USER`, then sign in again.')
    else say('  Start it, or install one: https://docs.docker.com/engine/install/')
    return false
  }
  let log
  await step('Starting the Docker Engine', async () => {
    log = await startEngine()
    const reason = await engineSilence()
    if (reason !== undefined) throw new Error(`The Docker Engine does not answer (${reason}).\n${endOf(log)}`)
  })
  if (log) say(`  It runs in the background; its log is ${log}.`)
  return true
}

/** By systemd where it runs; else in the background, where it stays when this script ends. Gives its log's path. */
async function startEngine() {
  if (existsSync('/run/systemd/system')) {
    await run(['systemctl', 'start', 'docker'])
    return undefined
  }
  forgetEnded('/var/run/docker.pid', 'dockerd')
  forgetEnded('/var/run/docker/containerd/containerd.pid', 'containerd')
  const log = '/var/log/omega-dockerd.log'
  mkdirSync('/var/log', { recursive: true })
  const output = openSync(log, 'a')
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` }
  const engine = spawn(find('dockerd'), [], { detached: true, stdio: ['ignore', output, output], env })
  let ended = false
  engine.on('error', () => {
    ended = true
  })
  engine.on('exit', () => {
    ended = true
  })
  for (let waited = 0; waited < 60_000 && !ended; waited += 200) {
    if ((await engineSilence()) === undefined) break
    await sleep(200)
  }
  engine.unref()
  return log
}

/**
 * Removes a PID file that was left by a program which could not end by itself. Docker takes whatever process has that
 * PID now for the engine, and does not start: https://github.com/moby/moby/issues/46988.
 */
export function forgetEnded(pidFile, program) {
  if (!existsSync(pidFile)) return
  const name = `/proc/${Number.parseInt(readFileSync(pidFile, 'utf8'), 10)}/comm`
  if (!existsSync(name) || readFileSync(name, 'utf8').trim() !== program) rmSync(pidFile, { force: true })
}

function endOf(log) {
  if (!log || !existsSync(log)) return ''
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  return lines
    .slice(-15)
    .map((line) => `    ${line}`)
    .join('\n')
}

const NEW_INTERFACES = '/proc/sys/net/ipv6/conf/default/disable_ipv6'

/**
 * Does `work` while network interfaces that are made get no IPv6 address: Chromium drops all it is loading
 * (ERR_NETWORK_CHANGED) whenever an address of the machine comes or goes, and each container that starts makes an interface.
 */
export async function withoutNewAddresses(work) {
  const before = isRoot && existsSync(NEW_INTERFACES) ? readFileSync(NEW_INTERFACES, 'utf8') : undefined
  if (before !== undefined) writeFileSync(NEW_INTERFACES, '1')
  try {
    return await work()
  } finally {
    if (before !== undefined) writeFileSync(NEW_INTERFACES, before)
  }
}
