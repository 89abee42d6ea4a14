import type { Server } from 'node:http'

export function serveGit(options: { folder: string; port?: number; name: string; password: string }): Promise<Server>
