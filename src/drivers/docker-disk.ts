import { execFile } from 'node:child_process'
import { readFile, statfs } from 'node:fs/promises'
import type Docker from 'dockerode'
import type { ContainerDisk, DiskRoom } from '../core/container-disk.ts'

/** What `docker info` tells of the place where layers are kept. */
export interface StorageInfo {
  Driver: string
  DriverStatus?: readonly (readonly string[])[] | null
  DockerRootDir: string
}

/**
 * Whether the engine can hold a container's layer to a size: overlay2 on xfs with project quotas, btrfs and zfs.
 * `mounts` is the text of /proc/mounts, empty for an engine on another machine.
 */
export function hasQuota({ Driver, DriverStatus, DockerRootDir }: StorageInfo, mounts: string): boolean {
  if (Driver === 'btrfs' || Driver === 'zfs') return true
  const backing = (DriverStatus ?? []).find(([name]) => name === 'Backing Filesystem')?.[1]
  if (Driver !== 'overlay2' || backing !== 'xfs') return false
  const [holder] = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, at = '']) => at === '/' || at === DockerRootDir || DockerRootDir.startsWith(`${at}/`))
    .sort(([, a = ''], [, b = '']) => b.length - a.length)
  return (holder?.[3] ?? '').split(',').some((option) => option === 'prjquota' || option === 'pquota')
}

export async function readMounts(): Promise<string> {
  return readFile('/proc/mounts', 'utf8').catch(() => '')
}

/** Long enough for some million files; what takes longer is asked of the engine. */
const LOOK_WITHIN_MS = 120_000
/** At the lowest priority for processor and disk: nobody waits for it. */
const QUIETLY = 'ionice -c 3 -p $$ 2>/dev/null; exec nice -n 19 du -s -B 1 -x -- "$1"'

/** The layers that Docker's containers write. */
export class DockerDisk implements ContainerDisk {
  readonly limit: 'quota' | 'watched'
  readonly #docker: Docker
  readonly #root: string
  readonly #idOf: (key: string) => Promise<string>
  /** The list of a container's processes, by our keys: a cache. */
  readonly #lists = new Map<string, string>()

  /** `idOf` gives the engine's own id of a container, or rejects. */
  constructor(docker: Docker, root: string, limit: 'quota' | 'watched', idOf: (key: string) => Promise<string>) {
    this.#docker = docker
    this.#root = root
    this.limit = limit
    this.#idOf = idOf
  }

  async written(key: string): Promise<number | undefined> {
    const list = this.#lists.get(key) ?? (await this.#findList(key))
    const processes = list && (await readFile(list, 'utf8').catch(() => undefined))
    if (!list || !processes) {
      this.#lists.delete(key)
      return undefined
    }
    this.#lists.set(key, list)
    const each = processes.split('\n').filter(Boolean)
    const bytes = await Promise.all(each.map(writtenBy))
    // One that ended meanwhile is counted in its parent; that none can be read means that we may not.
    if (bytes.every((count) => count === undefined)) return undefined
    return bytes.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  }

  /** The file with the container's processes in the cgroup file system, of version 1 or 2. */
  async #findList(key: string): Promise<string | undefined> {
    const { State } = await this.#docker.getContainer(await this.#idOf(key)).inspect()
    if (!State.Pid) return undefined
    const groups = await readFile(`/proc/${State.Pid}/cgroup`, 'utf8').catch(() => '')
    const [, v1] = /^\d+:pids:(.+)$/m.exec(groups) ?? []
    if (v1) return `/sys/fs/cgroup/pids${v1}/cgroup.procs`
    const [, v2] = /^0::(.+)$/m.exec(groups) ?? []
    return v2 && `/sys/fs/cgroup${v2}/cgroup.procs`
  }

  async used(key: string): Promise<number> {
    const container = this.#docker.getContainer(await this.#idOf(key))
    const { GraphDriver } = await container.inspect()
    const layer = (GraphDriver?.Data as Record<string, string> | null | undefined)?.UpperDir
    const counted = layer && (await diskUsage(layer))
    if (typeof counted === 'number') return counted
    // Not ours to read, or on another machine.
    const sized: unknown = await container.inspect({ size: true } as never)
    return (sized as { SizeRw?: number }).SizeRw ?? 0
  }

  room(): Promise<DiskRoom | undefined> {
    return diskRoom(this.#root)
  }
}

/** The room on the disk of a folder; undefined if there is no such folder on this machine. */
export async function diskRoom(folder: string): Promise<DiskRoom | undefined> {
  try {
    const { bavail, blocks, bsize, ffree, files } = await statfs(folder)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files > 0 ? ffree / files : 1 }
  } catch {
    return undefined
  }
}

/** Bytes a process and the children it has waited for have written; undefined if it is gone or not ours to ask. */
async function writtenBy(process: string): Promise<number | undefined> {
  const text = await readFile(`/proc/${process}/io`, 'utf8').catch(() => '')
  const [, bytes] = /^write_bytes: (\d+)$/m.exec(text) ?? []
  return bytes === undefined ? undefined : Number(bytes)
}

function diskUsage(folder: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', QUIETLY, 'sh', folder], { timeout: LOOK_WITHIN_MS }, (_error, stdout) => {
      // Files that go while it looks make it complain; its sum is good all the same.
      const [, bytes] = /^(\d+)\t/m.exec(stdout) ?? []
      resolve(bytes === undefined ? undefined : Number(bytes))
    })
  })
}
