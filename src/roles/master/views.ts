import type { Host } from '../../core/host.ts'
import type { Sandbox } from '../../core/sandbox.ts'
import type { HostView, SandboxView } from '../../core/wire/http.ts'

/** The clean URL of a sandbox's IDE. */
export function urlOf(sandbox: Pick<Sandbox, 'subdomain' | 'port'>, domain: string): string {
  return `http://${sandbox.subdomain}.${domain}:${sandbox.port}/`
}

/** A sandbox as the API shows it. */
export function sandboxView(sandbox: Sandbox, domain: string): SandboxView {
  const { id, name, subdomain, host, port, template, state, createdAt, expiresAt } = sandbox
  return {
    id,
    name,
    subdomain,
    domain,
    host,
    port,
    url: urlOf(sandbox, domain),
    template,
    state,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: expiresAt === 0 ? null : new Date(expiresAt).toISOString(),
  }
}

/** A host as the API shows it. */
export function hostView(host: Host): HostView {
  return {
    ...host,
    registeredAt: new Date(host.registeredAt).toISOString(),
    lastBeatAt: new Date(host.lastBeatAt).toISOString(),
  }
}
