import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { FleetStore } from '../../core/fleet-store.ts'
import type { LaunchStore } from '../../core/launch.ts'

/** What became of a launch, and after how many seconds since it was asked for. */
export type ScalingObserver = (what: 'ordered' | 'refused' | 'joined' | 'failed' | 'ended', seconds?: number) => void

/** The master's own metrics, beside those every process has. What the fleet has is counted when they are collected. */
export function createMetrics(store: FleetStore, launches: LaunchStore | undefined) {
  const registry = new Registry()
  const registers = [registry]
  new Gauge({
    name: 'omega_sandboxes',
    help: 'Sandboxes by state',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      for (const { state } of await store.list()) this.inc({ state })
    },
  })
  new Gauge({
    name: 'omega_hosts',
    help: 'Hosts by state',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      for (const { state } of await store.listHosts()) this.inc({ state })
    },
  })
  new Gauge({
    name: 'omega_host_slots',
    help: 'Slots of the fleet: held and in all, by state of their host',
    labelNames: ['state', 'kind'],
    registers,
    async collect() {
      this.reset()
      for (const { state, containers, capacity } of await store.listHosts()) {
        this.inc({ state, kind: 'held' }, containers)
        this.inc({ state, kind: 'capacity' }, capacity)
      }
    },
  })
  const creates = new Counter({
    name: 'omega_creates_total',
    help: 'Creates by outcome: `created` or an error code',
    labelNames: ['outcome'],
    registers,
  })
  const seconds = new Histogram({
    name: 'omega_create_seconds',
    help: 'From request to a usable sandbox',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
    registers,
  })
  const webhooks = new Counter({
    name: 'omega_webhook_attempts_total',
    help: 'Attempts to send events to webhooks by outcome',
    labelNames: ['outcome'],
    registers,
  })
  return {
    registry,
    observeWebhook: (outcome: string) => webhooks.inc({ outcome }),
    observeCreate(outcome: string, duration: number) {
      creates.inc({ outcome })
      if (outcome === 'created') seconds.observe(duration)
    },
    observeScaling: launches ? scalingMetrics(registry, launches) : () => undefined,
  }
}

function scalingMetrics(registry: Registry, launches: LaunchStore): ScalingObserver {
  const registers = [registry]
  new Gauge({
    name: 'omega_launches',
    help: 'Machines on record by state: ordered, booting, joined, ending',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset()
      for (const { state } of await launches.list()) this.inc({ state })
    },
  })
  new Gauge({
    name: 'omega_creates_waiting',
    help: 'Creates that wait for a host',
    registers,
    async collect() {
      this.set(await launches.waiting())
    },
  })
  const events = new Counter({
    name: 'omega_launch_events_total',
    help: 'What became of launches: ordered, refused (by the provider, each time), joined, failed, ended',
    labelNames: ['what'],
    registers,
  })
  const joining = new Histogram({
    name: 'omega_launch_join_seconds',
    help: 'From asking for a machine until it is a host of the fleet',
    buckets: [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 480],
    registers,
  })
  return (what, seconds) => {
    events.inc({ what })
    if (what === 'joined' && seconds !== undefined) joining.observe(seconds)
  }
}
