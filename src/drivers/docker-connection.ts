import type { Readable } from 'node:stream'
import Docker from 'dockerode'

/**
 * A client of the Docker Engine at `socket`: a path, `unix://PATH`, or HOST:PORT after `tcp://`, `http://` or `https://`;
 * where DOCKER_HOST says, or at the usual socket, without it.
 */
export function connectDocker(socket: string | undefined): Docker {
  if (!socket) return new Docker()
  if (socket.startsWith('/')) return new Docker({ socketPath: socket })
  const url = new URL(socket)
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname })
  return new Docker({
    host: url.hostname,
    port: Number(url.port || 2375),
    protocol: url.protocol === 'https:' ? 'https' : 'http',
  })
}

/** What dockerode has and its types do not. */
interface Exporter {
  getImages(options: { names: readonly string[] }): Promise<Readable>
}

/** These images as one tar, as `docker load` takes it; layers that they share are in it once. */
export function saveImages(docker: Docker, names: readonly string[]): Promise<Readable> {
  return (docker as unknown as Exporter).getImages({ names })
}
