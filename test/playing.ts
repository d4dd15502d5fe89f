// Plays a scenario of the repository and gives its text timeline, as the command prints it.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { formats, loadScenario, type PlayOptions, plain, playScenario, type ReportedRun } from '../src/index.ts'

export async function play(
  file: string,
  text = readFileSync(file, 'utf8'),
  recorded: Partial<PlayOptions> = {},
): Promise<ReportedRun[]> {
  const { scenarios, diagnostics } = await loadScenario({ name: basename(file), text })
  if (!scenarios) throw new Error(JSON.stringify(diagnostics))
  const runs: ReportedRun[] = []
  for (const scenario of scenarios) {
    const played = await playScenario(scenario, { detail: 'lifecycle', ...recorded })
    if ('diagnostics' in played) throw new Error(JSON.stringify(played.diagnostics))
    runs.push(...played.runs)
  }
  return runs
}

export function timeline(runs: readonly ReportedRun[]): string {
  return [...formats.text.write(runs, { version: '0', detail: 'lifecycle', styles: plain, width: 120 })].join('')
}

export function failed(runs: readonly ReportedRun[]): string[] {
  return runs.flatMap(run => run.verdicts.filter(({ outcome }) => outcome !== 'held').map(({ title }) => title))
}
