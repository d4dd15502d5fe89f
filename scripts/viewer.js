// Bundles the viewer into the page that `--format html` fills with runs: one file that needs nothing else.

import { readFileSync } from 'node:fs'
import { build } from 'esbuild'

/** Gives the page, with its place for the runs still open. */
export async function viewerPage() {
  const { outputFiles } = await build({
    entryPoints: ['web/viewer/page.ts'],
    outdir: 'dist',
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  })
  const textOf = extension => outputFiles.find(({ path }) => path.endsWith(extension)).text.trim()
  // A replacement that is a function is put in as it is, `$` and all.
  return readFileSync('web/viewer/page.html', 'utf8')
    .replace('/* the style */', () => textOf('.css'))
    .replace('/* the script */', () => textOf('.js').replaceAll('</script', '<\\/script'))
}
