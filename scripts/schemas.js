// Writes what the vocabulary generates. Bundles first, because Node 20 does not run TypeScript.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'

const bundle = 'node_modules/.cache/schemas.js'
mkdirSync('node_modules/.cache', { recursive: true })
await build({
  entryPoints: ['scripts/schemas.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile: bundle,
})
const { generated } = await import(new URL(`../${bundle}`, import.meta.url))
for (const [path, text] of generated(path => readFileSync(path, 'utf8'))) writeFileSync(path, text)
rmSync(bundle)
