import {
  type HostProvider,
  type LaunchOrder,
  LaunchRefused,
  type Machine,
  type RefusalKind,
} from '../../src/core/host-provider.ts'

/** A provider that keeps its machines in memory, and whose refusals and lost answers can be commanded. */
export class MemoryProvider implements HostProvider {
  readonly name = 'memory'
  readonly machines = new Map<string, Machine & { token: string }>()
  /** What the next launches are answered with: a refusal, or `lost`, an answer that does not come although it was done. */
  readonly answers: (RefusalKind | 'lost')[] = []
  readonly asked: LaunchOrder[] = []
  highWater = 0
  /** Lists fail. */
  isAway = false
  now = 0

  async launch(order: LaunchOrder): Promise<Machine> {
    this.asked.push(order)
    const answer = this.answers.shift()
    if (answer !== undefined && answer !== 'lost') throw new LaunchRefused(answer, `Code-${answer}`, 'as commanded')
    const known = [...this.machines.values()].find(({ token }) => token === order.token)
    const id = known?.id ?? `i-${this.machines.size + 1}`
    const machine: Machine & { token: string } = known ?? {
      ...{
        id,
        launchId: order.launchId,
        state: 'running',
        address: `10.0.0.${this.machines.size + 1}`,
        token: order.token,
      },
      ...{ launchedAt: this.now, isKept: false },
    }
    this.machines.set(id, machine)
    this.highWater = Math.max(this.highWater, this.running.length)
    if (answer === 'lost') throw new LaunchRefused('later', 'TimeoutError', 'no answer')
    return machine
  }

  get running(): Machine[] {
    return [...this.machines.values()].filter(({ state }) => state === 'pending' || state === 'running')
  }

  async list(): Promise<Machine[]> {
    if (this.isAway) throw new Error('no answer')
    return [...this.machines.values()].map((machine) => ({ ...machine }))
  }

  async terminate(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const machine = this.machines.get(id)
      if (machine) machine.state = 'gone'
    }
  }

  async close(): Promise<void> {}
}
