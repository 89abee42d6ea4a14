import type { ContainerStatus } from '../../core/container.ts'
import { type Host, isAway } from '../../core/host.ts'
import type { Managers } from '../../drivers/manager-client.ts'
import { atOnce } from './at-once.ts'

/** So many hosts are asked at once. */
const AT_ONCE = 20

/** What the hosts said they have, all asked at about the same time. */
export interface Inventory {
  hosts: Host[]
  /** By address, of the hosts that answered; by sandbox id within. */
  found: Map<string, Map<string, ContainerStatus>>
  /** There are hosts, and all that are heard of answered. */
  isComplete: boolean
}

/** Asks every host that is heard of for its containers. One that does not answer is told by `onFailure`. */
export async function takeInventory(
  hosts: Host[],
  managers: Pick<Managers, 'list'>,
  onFailure: (host: Host, error: unknown) => void,
): Promise<Inventory> {
  const heard = hosts.filter(({ state }) => !isAway(state))
  const found: Inventory['found'] = new Map()
  await atOnce(AT_ONCE, heard, async (host) => {
    try {
      const containers = await managers.list(host)
      found.set(host.address, new Map(containers.map((container) => [container.sandboxId, container])))
    } catch (error) {
      onFailure(host, error)
    }
  })
  return { hosts, found, isComplete: heard.length > 0 && found.size === heard.length }
}
