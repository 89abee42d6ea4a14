import { Gauge, Histogram, Registry } from 'prom-client'
import type { ContainerOrigin, ContainerState, Timings } from '../../core/container.ts'

/** The manager's own metrics, beside those every process has. */
export class ManagerMetrics {
  readonly registry = new Registry()
  readonly #seconds: Histogram<'phase' | 'origin'>

  /** `count` gives the containers by state and `enforced` whether the firewall holds, when they are collected. */
  constructor(count: () => Record<ContainerState | 'warm', number>, enforced: () => boolean) {
    const registers = [this.registry]
    this.#seconds = new Histogram({
      name: 'omega_container_start_seconds',
      help: 'Time of the phases until a sandbox has its container: queue, commit, create, start, healthy, mark, claim, total; by where it came from.',
      labelNames: ['phase', 'origin'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    new Gauge({
      name: 'omega_containers',
      help: 'Sandboxes of this host by the state of their container, and containers kept warm for the next ones.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const [state, number] of Object.entries(count())) this.set({ state }, number)
      },
    })
    new Gauge({
      name: 'omega_firewall_enforced',
      help: '1 while sandboxes are kept off their host, each other and private networks.',
      registers,
      collect() {
        this.set(enforced() ? 1 : 0)
      },
    })
  }

  /** A start was finished; milliseconds by phase. */
  started(timings: Timings, origin: ContainerOrigin): void {
    for (const [phase, ms] of Object.entries(timings)) this.#seconds.observe({ phase, origin }, ms / 1000)
  }
}
