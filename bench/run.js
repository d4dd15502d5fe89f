// Measures, and prints ratios: machines differ, ratios less so. bench/README.md says what each means.

import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { build } from 'esbuild'

mkdirSync('dist/bench', { recursive: true })
await build({
  entryPoints: ['bench/kernel.ts', 'bench/tpcb.ts', 'bench/viewer.ts', 'bench/long.ts', 'bench/topology.ts'],
  outdir: 'dist/bench',
  bundle: true,
  format: 'esm',
  platform: 'node',
  external: ['libpg-query', 'playwright-core', 'esbuild'],
  banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  logLevel: 'warning',
})

const drill = 'scenarios/02-crash/kill-backend.drill'
const bare = wallClock(['-e', '0'])
const help = wallClock(['bin/run.js', '--help'])
const check = wallClock(['bin/run.js', 'check', drill])
const play = wallClock(['bin/run.js', 'run', drill, '--quiet'])

const rows = [
  ['node -e 0', `${bare.toFixed(0)} ms`, ''],
  ['pgdrill --help', `${help.toFixed(0)} ms`, `${(help / bare).toFixed(1)} × node -e 0`],
  ['pgdrill check kill-backend', `${check.toFixed(0)} ms`, `${(check / bare).toFixed(1)} × node -e 0`],
  ['pgdrill run kill-backend', `${play.toFixed(0)} ms`, `${(play / bare).toFixed(1)} × node -e 0 (aim: 4.5)`],
  ...measured('kernel'),
  ...measured('tpcb'),
  ...measured('long'),
  ...measured('topology'),
  ...measured('viewer'),
]
const widths = [0, 1].map(column => Math.max(...rows.map(row => row[column].length)))
for (const [name, value, note] of rows) {
  console.log(`${name.padEnd(widths[0])}  ${value.padStart(widths[1])}  ${note}`.trimEnd())
}

/** The median of nine runs, in milliseconds. */
function wallClock(command) {
  const times = Array.from({ length: 9 }, () => {
    const begun = process.hrtime.bigint()
    execFileSync(process.execPath, command, { stdio: 'ignore' })
    return Number(process.hrtime.bigint() - begun) / 1e6
  })
  return times.sort((a, b) => a - b)[4]
}

/** What a benchmark of its own process prints: rows as JSON. */
function measured(name) {
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', `dist/bench/${name}.js`], { encoding: 'utf8' }))
}
