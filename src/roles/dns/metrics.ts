import { Counter, Gauge, Registry } from 'prom-client'
import type { Zone } from '../../core/dns/zone.ts'
import type { RecordWriter } from './record-writer.ts'
import { type Responder, rcodeNames } from './responder.ts'

/** The role's own figures. They are counted as plain numbers and turned into metrics when somebody asks. */
export function createMetrics(zone: Zone, responder: Responder, writer: RecordWriter): Registry {
  const registry = new Registry()
  new Counter({
    name: 'omega_dns_queries_total',
    help: 'Replies to DNS queries.',
    labelNames: ['rcode', 'transport'],
    registers: [registry],
    collect() {
      this.reset()
      for (const transport of ['udp', 'tcp'] as const) {
        for (const rcode of rcodeNames) this.inc({ rcode, transport }, responder.counts[transport].get(rcode) ?? 0)
      }
    },
  })
  new Counter({
    name: 'omega_dns_updates_total',
    help: 'Updates by HTTP: applied, refused (the request was wrong) or failed (the store did not answer).',
    labelNames: ['result'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(writer.counts)) this.inc({ result }, count)
    },
  })
  new Gauge({
    name: 'omega_dns_zone_serial',
    help: 'Serial of the zone this server answers from.',
    registers: [registry],
    collect() {
      this.set(zone.serial)
    },
  })
  return registry
}
