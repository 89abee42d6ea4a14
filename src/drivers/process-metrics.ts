/** This process in Prometheus text format. prom-client is loaded with the first request. */
export async function processMetrics(): Promise<string> {
  collected ??= import('prom-client').then(({ collectDefaultMetrics, Registry }) => {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    return registry
  })
  return (await collected).metrics()
}

let collected: Promise<import('prom-client').Registry> | undefined
