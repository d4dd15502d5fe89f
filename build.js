// Builds dist/: a split bundle with one entry a command, so that a command loads only what it needs; oclif's manifest,
// so that no command is loaded to list them; the types of the library; the viewer's page and the playground's
// site.

import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { Plugin } from '@oclif/core'
import { build } from 'esbuild'
import { buildStudio } from './scripts/studio.js'
import { viewerPage } from './scripts/viewer.js'

// Bundled CommonJS modules call these, which ES modules do not have.
const banner = `import { createRequire as __createRequire } from 'node:module'
import { fileURLToPath as __fileURLToPath } from 'node:url'
import { dirname as __pathDirname } from 'node:path'
const require = __createRequire(import.meta.url)
const __filename = __fileURLToPath(import.meta.url)
const __dirname = __pathDirname(__filename)`

rmSync('dist', { recursive: true, force: true })

const commands = readdirSync('src/commands').filter(name => name.endsWith('.ts'))

await build({
  entryPoints: [
    { in: 'src/index.ts', out: 'index' },
    { in: 'bin/oclif.js', out: 'oclif' },
    ...commands.map(name => ({ in: `src/commands/${name}`, out: `commands/${name.replace(/\.ts$/, '')}` })),
  ],
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  banner: { js: banner },
  // oclif asks for TypeScript only in development; the grammar's .wasm stands beside its own code.
  external: ['typescript', 'libpg-query'],
  logLevel: 'warning',
})

const bin = name => `node_modules/.bin/${name}`
execFileSync(bin('tsc'), ['--project', 'tsconfig.build.json'], { stdio: 'inherit' })
const plugin = new Plugin({ root: process.cwd(), type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
await plugin.load()
writeFileSync('oclif.manifest.json', JSON.stringify(plugin.manifest))
writeFileSync('dist/viewer.html', await viewerPage())
await buildStudio('dist/studio')
writeFileSync('dist/package.json', '{ "type": "module" }\n')
