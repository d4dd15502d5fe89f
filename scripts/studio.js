// Builds the playground into a folder: a site of a page, its styles, its script, the engine as a worker, and
// PostgreSQL's grammar. Any host can serve it.

import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const grammar = 'node_modules/libpg-query/wasm/libpg-query.wasm'

export async function buildStudio(folder) {
  mkdirSync(folder, { recursive: true })
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  await build({
    entryPoints: { studio: 'web/studio/index.ts', worker: 'web/studio/worker.ts' },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
    define: { pgdrillVersion: JSON.stringify(version), pgdrillLessons: JSON.stringify(lessons()) },
    plugins: [withoutNode],
  })
  copyFileSync('web/studio/page.html', join(folder, 'index.html'))
  copyFileSync(grammar, join(folder, basename(grammar)))
}

/** The grammar's loader can do without Node's modules where there is no Node. */
const withoutNode = {
  name: 'without-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?(fs|crypto|path)$/ }, ({ path }) => ({ path, namespace: 'nothing' }))
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export {}' }))
  },
}

/** In the order of the course. The title is what stands behind `drill`. */
function lessons() {
  return readdirSync('scenarios', { recursive: true })
    .filter(path => /\.(drill|yaml)$/.test(path))
    .sort()
    .map(path => {
      const text = readFileSync(join('scenarios', path), 'utf8')
      const title = /^drill:?\s+(.*)$/m.exec(text)[1].replace(/^(["'])(.*)\1$/, '$2')
      return { path, title, text }
    })
}
