#!/usr/bin/env node
/**
 * `npm run bench [-- NAME...]`: runs bench/NAME.ts, all of them without a name, and prints one table. Each exports
 * `title` and `run()`, which gives rows (bench/support/measure.ts). A budget that is not held makes the exit code 1.
 * What is measured and its baseline come from the same run, so the ratio says something on any machine.
 */
import { readdirSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { textModules } from '../scripts/text-modules.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const output = join(root, '.cache/bench')
const all = readdirSync(join(root, 'bench'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3))
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${all.join(', ')}.`)
  process.exit(2)
}

const bundle = await rolldown({
  input: Object.fromEntries(wanted.map((name) => [name, join(root, 'bench', `${name}.ts`)])),
  platform: 'node',
  // Packages stay in node_modules: some have native parts or files of their own.
  external: (id) => /^[^./]/.test(id) && !id.startsWith(root),
  plugins: [textModules()],
  logLevel: 'warn',
})
rmSync(output, { recursive: true, force: true })
// Without folders below: modules that look for the checkout from where they lie find it two folders up.
await bundle.write({ dir: output, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' })
await bundle.close()

const rows = []
for (const name of wanted) {
  const benchmark = await import(pathToFileURL(join(output, `${name}.js`)).href)
  // Ratios are of one run, yet a machine that does much else at the time blurs them all.
  console.error(
    `${name}: ${benchmark.title} ... (load ${loadavg()[0].toFixed(1)} on ${availableParallelism()} processors)`,
  )
  try {
    rows.push(...(await benchmark.run()).map(cells))
  } catch (error) {
    console.error(error)
    rows.push([benchmark.title, 'failed', '', '', '', 'miss'])
  }
}
print([['what', 'measured', 'baseline', 'ratio', 'budget', ''], ...rows])
process.exit(rows.some((row) => row.at(-1) === 'miss') ? 1 : 0)

function cells({ what, measured, baseline, unit, budget }) {
  const amount = (value) => (value === undefined ? '' : `${Number(value.toPrecision(4)).toLocaleString('en')} ${unit}`)
  const ratio = baseline === undefined ? '' : (measured / baseline).toFixed(2)
  const line = [what, amount(measured), amount(baseline), ratio]
  if (!budget) return [...line, '', '']
  const { of = 'ratio' } = budget
  const value = { ratio: measured / baseline, difference: measured - baseline, amount: measured }[of]
  const [sign, limit] = 'atLeast' in budget ? ['>=', budget.atLeast] : ['<=', budget.atMost]
  const isHeld = sign === '>=' ? value >= limit : value <= limit
  const words = { ratio: limit, difference: `${limit} ${unit} more`, amount: `${limit.toLocaleString('en')} ${unit}` }
  return [...line, `${sign} ${words[of]}`, isHeld ? 'ok' : 'miss']
}

function print(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  const isNumber = (column) => column > 0 && column < 4
  for (const row of table) {
    const line = row.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
    )
    console.log(line.join('  ').trimEnd())
  }
}
