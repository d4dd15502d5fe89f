// pgdrill test: plays scenarios and compares their timelines with the goldens beside them.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { formats, loadScenario, plain, playScenario, type ReportedRun } from '../index.ts'
import { isColoured, reportStyles } from './support/colours.ts'
import { PgdrillCommand, status } from './support/command.ts'
import { differences } from './support/differences.ts'
import { findScenarios, readScenario } from './support/files.ts'
import { simulationBudget } from './support/simulation.ts'

interface Outcome {
  readonly file: string
  readonly outcome: 'held' | 'updated' | 'failed' | 'differs' | 'no golden' | 'wrong'
  readonly text: string
}

export default class Test extends PgdrillCommand {
  static override summary = 'Play scenarios and compare their timelines with the goldens beside them.'
  static override description =
    `The golden of kill-backend.drill is kill-backend.timeline.txt. Where a scenario stands in both
spellings, that of the .yaml is kill-backend.yaml.timeline.txt.`
  static override examples = ['<%= config.bin %> test', '<%= config.bin %> test scenarios/02-crash --update']
  static override args = {
    path: Args.string({ description: 'Scenario files, or folders of them.', default: 'scenarios' }),
  }
  static override strict = false
  static override flags = {
    update: Flags.boolean({ description: 'Write the timelines to the goldens.' }),
    quiet: Flags.boolean({ description: 'Print only what fails.', char: 'q' }),
  }

  async run(): Promise<unknown> {
    const { argv, flags, args } = await this.parse(Test)
    const files = findScenarios(argv.length > 0 ? (argv as string[]) : [args.path])
    const outcomes: Outcome[] = []
    for (const file of files) {
      const outcome = await this.test(file, flags.update)
      outcomes.push(outcome)
      this.tell(outcome, flags.quiet)
    }
    const good = outcomes.filter(({ outcome }) => outcome === 'held' || outcome === 'updated').length
    if (!flags.quiet) this.write(`\n${good} passed, ${outcomes.length - good} failed\n`)
    return { files: outcomes }
  }

  private async test(file: string, update: boolean): Promise<Outcome> {
    const source = readScenario(file, basename(file))
    const { scenarios, diagnostics } = await loadScenario(source)
    this.writeDiagnostics(source, diagnostics)
    if (!scenarios) return this.bad(file, 'wrong', '', status.wrong)
    const runs: ReportedRun[] = []
    for (const scenario of scenarios) {
      const played = await playScenario(scenario, {
        detail: 'lifecycle',
        budget: simulationBudget(),
      })
      if ('diagnostics' in played) {
        this.writeDiagnostics(source, played.diagnostics)
        return this.bad(file, 'wrong', '', status.wrong)
      }
      runs.push(...played.runs)
    }
    const options = { version: this.config.version, detail: 'lifecycle', styles: plain, width: 120 } as const
    const actual = [...formats.text.write(runs, options)].join('')
    const path = goldenOf(file)
    if (update) writeFileSync(path, actual)
    const failures = runs.flatMap(({ verdicts }) => verdicts.filter(({ outcome }) => outcome !== 'held'))
    if (failures.length > 0) {
      const text = failures.map(
        ({ title, expected, actual }) => `  ${title}\n    expected: ${expected}\n    actual: ${actual}\n`,
      )
      return this.bad(file, 'failed', text.join(''))
    }
    if (update) return { file, outcome: 'updated', text: '' }
    if (!existsSync(path))
      return this.bad(file, 'no golden', `  ${path} is not there: look at the timeline, then --update\n`)
    const golden = readFileSync(path, 'utf8')
    if (golden === actual) return { file, outcome: 'held', text: '' }
    const styles = reportStyles(process.stdout)
    return this.bad(file, 'differs', differences(golden, actual, { removed: styles.failed, added: styles.held }))
  }

  private bad(file: string, outcome: Outcome['outcome'], text: string, code: number = status.failed): Outcome {
    this.endWith(code)
    return { file, outcome, text }
  }

  private tell({ file, outcome, text }: Outcome, quiet: boolean): void {
    const good = outcome === 'held' || outcome === 'updated'
    if (good && quiet) return
    const { held, failed } = isColoured(process.stdout) ? reportStyles(process.stdout) : plain
    const mark = good ? held('✓') : failed('✗')
    this.write(`${mark} ${file}${outcome === 'held' ? '' : ` ${outcome}`}\n${text}`)
  }
}

/** Where the golden of a scenario lies. */
function goldenOf(file: string): string {
  const [, stem, ending] = /^(.*)\.(drill|ya?ml)$/s.exec(file) ?? [undefined, file, '']
  const isSecond = ending.startsWith('y') && existsSync(`${stem}.drill`)
  return isSecond ? `${file}.timeline.txt` : `${stem}.timeline.txt`
}
