// The pages that `--format html` writes, for tests: a scenario of the course is played and its page written to a folder
// of its own, which goes when the file's tests are done.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { viewerPage } from '../../scripts/viewer.js'
import { formats, loadScenario, plain, playScenario, type ReportedRun } from '../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'pgdrill-web-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let page: Promise<string> | undefined

/** The first variant's runs, with all that the page shows. `path`: below scenarios/. */
export async function runsOf(path: string): Promise<readonly ReportedRun[]> {
  const { scenarios, diagnostics } = await loadScenario({ name: path, text: readFileSync(`scenarios/${path}`, 'utf8') })
  if (!scenarios) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  const played = await playScenario(scenarios[0], { detail: 'lifecycle', wants: formats.html.needs ?? [] })
  if ('diagnostics' in played) throw new Error(played.diagnostics.map(({ message }) => message).join('\n'))
  return played.runs
}

export async function htmlOf(runs: readonly ReportedRun[]): Promise<string> {
  page ??= viewerPage()
  const viewer = await page
  const options = {
    version: '0.0.0',
    detail: 'lifecycle',
    styles: plain,
    width: 100,
    viewerPage: () => viewer,
  } as const
  return [...formats.html.write(runs, options)].join('')
}

/** Gives the address of the page in a file. */
export async function writtenPage(path: string): Promise<string> {
  const file = join(folder, `${path.replaceAll('/', '-')}.html`)
  writeFileSync(file, await htmlOf(await runsOf(path)))
  return `file://${file}`
}
