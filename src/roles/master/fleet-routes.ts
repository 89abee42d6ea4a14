import type { FleetStore } from '../../core/fleet-store.ts'
import type { LaunchStore } from '../../core/launch.ts'
import { FleetView } from '../../core/wire/fleet.ts'
import type { WebApp } from '../../drivers/web-app.ts'
import { offeringText } from './offerings.ts'
import { statusOf } from './scaling-status.ts'

/** For operators: the machines that the fleet has asked for, and what it is about. */
export function registerFleetRoutes(app: WebApp, store: FleetStore, launches: LaunchStore | undefined): void {
  app.get(
    '/v1/fleet',
    {
      schema: { summary: 'Machines that were asked for, and who waits', tags: ['hosts'], response: { 200: FleetView } },
    },
    async () => {
      const [all, waiting, { blocked, last }] = await Promise.all([
        launches?.list() ?? [],
        launches?.waiting() ?? 0,
        statusOf(store),
      ])
      return {
        autoscales: launches !== undefined,
        launches: all.map(({ id, state, offering, machineId, address, reason, step, orderedAt }) => ({
          ...{
            id,
            state,
            offering: offeringText(offering),
            reason,
            step,
            orderedAt: new Date(orderedAt).toISOString(),
          },
          machine: machineId || null,
          host: address || null,
        })),
        waiting,
        blocked: blocked ?? null,
        last: last ? { at: new Date(last.at).toISOString(), what: last.what } : null,
      }
    },
  )
}
