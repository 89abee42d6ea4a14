import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

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

/** Both pages are built alike; `root` and `outDir` come from scripts/build.mjs. */
export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 1024,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1024,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
})
