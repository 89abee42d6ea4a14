import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { defineConfig } from 'vite'
import { preact } from './preact.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

/**
 * What the page needs to be typed into is one file, whatever shares modules with it: each file more is a request more.
 * Parts that come later come in one file each, not in one for each module that two of them share.
 */
const groups = [
  { name: 'page', tags: ['$initial'], priority: 3 },
  { name: 'parser', test: /@lezer\/lr/, priority: 2 },
  { name: 'language', test: /\/web\/ide\/language\// },
  { name: 'javascript', test: /@(?:codemirror\/lang|lezer\/)-?javascript/ },
  { name: 'css', test: /@(?:codemirror\/lang|lezer\/)-?css/ },
  { name: 'html', test: /@(?:codemirror\/lang|lezer\/)-?html/ },
]

/** Puts early.ts of a page into its index.html in place of a comment that names it: it runs before anything else has come. */
const early = {
  name: 'early',
  transformIndexHtml: {
    order: 'post',
    async handler(html, { filename }) {
      const place = '<!-- early.ts -->'
      if (!html.includes(place)) return html
      const input = join(dirname(filename), 'early.ts')
      const bundle = await rolldown({ input, platform: 'browser', logLevel: 'warn' })
      const { output } = await bundle.generate({ format: 'iife', minify: true })
      return html.replace(place, () => `<script>${output[0].code}</script>`)
    },
  },
}

/** Puts `again` around each import of a part that comes later. */
const persistent = {
  name: 'persistent',
  transform(code, id) {
    if (!id.startsWith(here) || !/\bimport\(['"]/.test(code)) return
    const wrapped = code.replace(/\bimport\((['"][^'"]+['"])\)/g, '__again(() => import($1))')
    return { code: `import { again as __again } from ${JSON.stringify(join(here, 'again.ts'))}\n${wrapped}`, map: null }
  },
}

/** Both pages are built alike; `root` and `outDir` come from scripts/build.mjs. */
export default defineConfig({
  base: './',
  plugins: [early, persistent],
  ...preact,
  build: {
    target: 'es2022',
    assetsInlineLimit: 1024,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1024,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
})
