#!/usr/bin/env node
/** Builds dist: the bundled executable (dist/bin/omega.js and its chunks) and the browser's pages (dist/web). */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import { rolldown } from 'rolldown'
import { build as viteBuild } from 'vite'
import { textModules } from './text-modules.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'dist')

/** Native or with files of its own beside it: stays in node_modules. The image needs these; dist/external.json says so. */
const packages = ['node-pty', '@fastify/swagger-ui', 'ssh2']
const external = [...packages, 'cpu-features', /\.node$/]

async function buildExecutable() {
  const bundle = await rolldown({
    input: { 'bin/omega': join(root, 'bin/omega.ts') },
    platform: 'node',
    external,
    plugins: [textModules()],
    logLevel: 'warn',
  })
  await bundle.write({
    dir: dist,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'lib/[name]-[hash].js',
    sourcemap: false,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  })
  chmodSync(join(dist, 'bin/omega.js'), 0o755)
}

/** A program of its own, since it is a process of its own: one file. */
async function buildMarkupServer() {
  const bundle = await rolldown({
    input: { 'bin/markup-server': join(root, 'src/drivers/markup-server/main.ts') },
    platform: 'node',
    // The services' other form cannot be bundled.
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'warn',
  })
  await bundle.write({ dir: dist, format: 'esm', entryFileNames: '[name].js', codeSplitting: false, minify: true })
}

async function buildPages() {
  for (const page of ['dashboard', 'ide']) {
    if (!existsSync(join(root, 'src/web', page, 'index.html'))) continue
    await viteBuild({
      configFile: join(root, 'src/web/vite.config.mjs'),
      root: join(root, 'src/web', page),
      logLevel: 'warn',
      build: { outDir: join(dist, 'web', page), emptyOutDir: true },
    })
    compress(join(dist, 'web', page))
  }
}

/**
 * The script that watches a preview's page: one small file. Its map only says that developer tools pass over it, so that
 * what a page prints is shown with the page's own place.
 */
async function buildObserver() {
  const bundle = await rolldown({
    input: join(root, 'src/web/observer/main.ts'),
    platform: 'browser',
    logLevel: 'warn',
  })
  const { output } = await bundle.generate({ format: 'iife', minify: true, sourcemap: false })
  const map = { version: 3, sources: ['omega-observer.js'], names: [], mappings: 'AAAA', ignoreList: [0] }
  const reference = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`
  mkdirSync(join(dist, 'web/preview'), { recursive: true })
  writeFileSync(join(dist, 'web/preview/observer.js'), `${output[0].code}//# sourceMappingURL=${reference}\n`)
}

/** Writes FILE.br beside every text asset; the servers send it as it is. */
function compress(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) compress(path)
    else if (/\.(js|css|html|svg|json)$/.test(name)) {
      const source = readFileSync(path)
      const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: source.length }
      writeFileSync(`${path}.br`, brotliCompressSync(source, { params }))
    }
  }
}

rmSync(join(dist, 'bin'), { recursive: true, force: true })
rmSync(join(dist, 'lib'), { recursive: true, force: true })
mkdirSync(dist, { recursive: true })
writeFileSync(join(dist, 'external.json'), `${JSON.stringify(packages)}\n`)
await Promise.all([
  buildExecutable(),
  buildMarkupServer(),
  process.argv.includes('--no-web') ? undefined : Promise.all([buildPages(), buildObserver()]),
])
