import { sizeText } from '../../../core/container-disk.ts'
import type { DiskReport } from '../../../core/wire/disk.ts'

/** What is said of a disk that fills up. */
export function diskWords({ usedBytes, limitBytes, leftMs }: DiskReport): { text: string; detail: string } {
  const text = `This sandbox has written ${sizeText(usedBytes)} of the ${sizeText(limitBytes)} it may.`
  if (leftMs === undefined) {
    return { text, detail: 'Remove what it does not need: at the limit it is stopped, or can write no more.' }
  }
  const minutes = Math.max(1, Math.round(leftMs / 60_000))
  return { text, detail: `Remove what it does not need within ${minutes} min, or it is stopped. Its files stay.` }
}
