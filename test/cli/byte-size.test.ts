import { expect, it } from 'vitest'
import { bytesOf } from '../../src/cli/byte-size.ts'

it('reads sizes, and refuses what is none or holds no project', () => {
  expect(['64m', '500M', '5g', '9999g', '0'].map(bytesOf)).toEqual([
    64 * 2 ** 20,
    500 * 2 ** 20,
    5 * 2 ** 30,
    9999 * 2 ** 30,
    0,
  ])
  for (const text of ['', '5', '5gb', '-1g', '1.5g', '63m', '0g', '05g', '10000g', ' 5g', '5 g']) {
    expect(bytesOf(text), text).toBeUndefined()
  }
})
