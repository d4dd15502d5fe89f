// Loads a script written in TypeScript. Bundles it first, because Node 20 does not run TypeScript.

import { mkdirSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

export async function bundled(name) {
  const bundle = `node_modules/.cache/${name}.js`
  mkdirSync('node_modules/.cache', { recursive: true })
  await build({
    entryPoints: [`scripts/${name}.ts`],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: bundle,
  })
  const loaded = await import(new URL(`../${bundle}`, import.meta.url))
  rmSync(bundle)
  return loaded
}
