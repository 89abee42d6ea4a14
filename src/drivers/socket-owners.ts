import { readdir, readFile, readlink } from 'node:fs/promises'

/** A process that holds a socket. */
export interface SocketOwner {
  pid: number
  /** Id of its session: the leader's process id, the same for all that was started in one terminal. */
  session: number
  /** Its command line. */
  words: string[]
  cwd: string
  /** Its parents, from its own up. */
  parents: number[]
}

/**
 * Which processes hold the sockets with these inodes, from /proc/PID/fd; those that this user may not look into are left
 * out. All processes are gone through, so it is asked only about sockets just met. The process that was first of several
 * is given: a server's workers inherit its socket.
 */
export async function socketOwners(inodes: ReadonlySet<string>): Promise<Map<string, SocketOwner>> {
  const owners = new Map<string, SocketOwner>()
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)
  for (const pid of pids.sort((one, other) => one - other)) {
    if (owners.size === inodes.size) break
    const held = (await socketsOf(pid)).filter((inode) => inodes.has(inode) && !owners.has(inode))
    const owner = held.length > 0 ? await describe(pid) : undefined
    if (owner) for (const inode of held) owners.set(inode, owner)
  }
  return owners
}

async function socketsOf(pid: number): Promise<string[]> {
  try {
    const names = await readdir(`/proc/${pid}/fd`)
    const targets = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
    return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [])
  } catch {
    return []
  }
}

async function describe(pid: number): Promise<SocketOwner | undefined> {
  try {
    const [stat, commandLine, cwd] = await Promise.all([
      statOf(pid),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readlink(`/proc/${pid}/cwd`),
    ])
    const words = commandLine.split('\0').filter((word, index, all) => word !== '' || index < all.length - 1)
    const parents: number[] = []
    for (let parent = stat.parent; parent > 1 && !parents.includes(parent); ) {
      parents.push(parent)
      parent = (await statOf(parent)).parent
    }
    return { pid, session: stat.session, words, cwd, parents }
  } catch {
    // It ended meanwhile.
    return undefined
  }
}

/** Fields of /proc/PID/stat behind the name in parentheses, which may contain anything. */
async function statOf(pid: number): Promise<{ parent: number; session: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { parent: Number(parent), session: Number(session) }
}
