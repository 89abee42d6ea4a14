import { expect, it } from 'vitest'
import { hasQuota } from '../../src/drivers/docker-disk.ts'

const on = (Driver: string, backing: string) => ({
  Driver,
  DriverStatus: [['Backing Filesystem', backing]],
  DockerRootDir: '/var/lib/docker',
})
const root = '/dev/vda / ext4 rw,relatime 0 0\n'

it('knows where the engine has quotas by its driver, its file system and how that is mounted', () => {
  const own = `${root}/dev/vdb /var/lib/docker xfs rw,relatime,attr2,inode64,prjquota 0 0\n`
  expect(hasQuota(on('overlay2', 'xfs'), own)).toBe(true)
  expect(hasQuota(on('overlay2', 'xfs'), own.replace('prjquota', 'noquota'))).toBe(false)
  expect(hasQuota(on('overlay2', 'xfs'), '/dev/vda / xfs rw,pquota 0 0\n')).toBe(true)
  // A folder beside it, and one mounted below it, say nothing about it.
  expect(hasQuota(on('overlay2', 'xfs'), `${root}/dev/vdb /var/lib/dock xfs rw,prjquota 0 0\n`)).toBe(false)
  expect(hasQuota(on('overlay2', 'xfs'), `${root}/dev/vdb /var/lib/docker/volumes xfs rw,prjquota 0 0\n`)).toBe(false)
  expect(hasQuota(on('overlay2', 'extfs'), root)).toBe(false)
  expect(hasQuota(on('overlay2', 'xfs'), '')).toBe(false)
  expect(hasQuota(on('btrfs', 'btrfs'), '')).toBe(true)
  expect(hasQuota({ Driver: 'vfs', DriverStatus: null, DockerRootDir: '/var/lib/docker' }, root)).toBe(false)
})
