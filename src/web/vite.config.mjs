import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Both pages are built alike; `root` and `outDir` come from scripts/build.mjs. */
export default defineConfig({
  base: './',
  plugins: [react()],
  build: { target: 'es2022', assetsInlineLimit: 1024, reportCompressedSize: false },
})
