import { Gauge, Histogram, Registry } from 'prom-client'
import type { ContainerStatus } from '../../core/container.ts'

/** The manager's own metrics, beside those every process has. */
export class ManagerMetrics {
  readonly registry = new Registry()
  readonly #seconds: Histogram<'phase'>

  /** `count` gives the containers by state and `enforced` whether the firewall holds, when they are collected. */
  constructor(count: () => Record<ContainerStatus['state'], number>, enforced: () => boolean) {
    const registers = [this.registry]
    this.#seconds = new Histogram({
      name: 'omega_container_start_seconds',
      help: 'Time of the phases of a start: queue, create, start, healthy, claim, confirm and their total.',
      labelNames: ['phase'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    })
    new Gauge({
      name: 'omega_containers',
      help: 'Containers of this host.',
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
  started(timings: Record<string, number>): void {
    for (const [phase, ms] of Object.entries(timings)) this.#seconds.observe({ phase }, ms / 1000)
  }
}
