// pgdrill run: plays scenarios and prints their timelines and verdicts.

import { writeFileSync } from 'node:fs'
import { Args, Flags } from '@oclif/core'
import {
  type Diagnostic,
  type EngineKind,
  type Format,
  formats,
  type Level,
  levels,
  loadScenario,
  playScenario,
  type ReportedRun,
  type SourceFile,
  serverLogKinds,
  summary,
} from '../index.ts'
import { applyChanges } from './support/changes.ts'
import { reportStyles } from './support/colours.ts'
import { PgdrillCommand, status, UserError } from './support/command.ts'
import { fileError, findScenarios, readScenario } from './support/files.ts'
import { type Progress, progress } from './support/progress.ts'
import { realServers } from './support/real-servers.ts'
import { writeServerLogs } from './support/server-logs.ts'
import { simulationBudget } from './support/simulation.ts'
import { stopwatch } from './support/stopwatch.ts'
import { viewerPageOf } from './support/viewer-page.ts'

export default class Run extends PgdrillCommand {
  static override summary = 'Play scenarios and print their timelines and verdicts.'
  static override examples = [
    '<%= config.bin %> run scenarios/02-crash/kill-backend.drill',
    '<%= config.bin %> run power-cut.drill --seed 7 --set primary.synchronous_commit=off',
    '<%= config.bin %> run failover.yaml --format junit --out report.xml',
    '<%= config.bin %> run kill-backend.drill --engine postgres',
    '<%= config.bin %> run kill-backend.drill --set log_destination=csvlog --logs logs',
  ]
  static override args = {
    file: Args.string({
      description: 'Scenario files, .drill, .yaml, or .spec as of isolationtester; or folders of them.',
      required: true,
    }),
  }
  static override strict = false
  static override flags = {
    engine: Flags.string({
      description: 'What plays the scenario.',
      options: ['simulated', 'postgres'],
      default: 'simulated',
    }),
    bindir: Flags.string({ description: "The folder of a real PostgreSQL's programs, where it is in no usual place." }),
    keep: Flags.boolean({ description: 'Keep the folders of the real servers, and say how to connect.' }),
    seed: Flags.integer({
      description: "Where chance starts from, instead of the scenario's own seed.",
      min: 0,
      max: 4294967295,
    }),
    set: Flags.string({
      description: "Another value for a node's setting: [node.]setting=value.",
      multiple: true,
      multipleNonGreedy: true,
    }),
    format: Flags.string({ description: 'The form of the report.', options: Object.keys(formats), default: 'text' }),
    out: Flags.string({ description: 'Write the report to this file.' }),
    logs: Flags.string({ description: "Write the servers' logs into this folder, in the formats of log_destination." }),
    detail: Flags.string({ description: 'How much the timeline tells.', options: [...levels], default: 'lifecycle' }),
    quiet: Flags.boolean({ description: 'Print nothing; the exit status tells.', char: 'q' }),
  }

  /** What the report says of scenarios that are wrong. */
  private readonly complaints: string[] = []

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Run)
    if (flags.engine === 'simulated' && (flags.bindir !== undefined || flags.keep)) {
      throw new UserError('--bindir and --keep are for real servers: add --engine postgres')
    }
    if (flags.engine === 'postgres' && flags.logs !== undefined) {
      throw new UserError('real servers write their logs themselves: --keep keeps them')
    }
    const files: { readonly file: string; readonly runs: ReportedRun[] }[] = []
    const real = flags.engine === 'postgres' ? await realServers.open(flags) : undefined
    const line = progress(process.stderr)
    try {
      for (const file of findScenarios(argv as string[])) {
        line.tell(real ? `${file}: real servers` : file)
        files.push({ file, runs: await this.play(file, flags, line, real?.engine) })
      }
    } finally {
      line.end()
    }
    if (flags.logs !== undefined)
      writeServerLogs(
        flags.logs,
        files.flatMap(({ runs }) => runs),
      )
    this.report(
      files.map(({ runs }) => runs).filter(runs => runs.length > 0),
      flags,
    )
    return { files: files.map(({ file, runs }) => ({ file, runs: runs.map(summaryOf) })) }
  }

  /** All variants and permutations of a file; none if the scenario is wrong. */
  private async play(
    file: string,
    flags: {
      readonly seed?: number
      readonly set?: readonly string[]
      readonly detail: string
      readonly format: string
      readonly logs?: string
    },
    line: Progress,
    engine: EngineKind | undefined,
  ): Promise<ReportedRun[]> {
    const source = readScenario(file)
    const { scenarios, diagnostics } = await loadScenario(source)
    this.complain(source, diagnostics, flags.format)
    if (!scenarios) this.endWith(status.wrong)
    const runs: ReportedRun[] = []
    for (const scenario of scenarios ?? []) {
      const played = await playScenario(applyChanges(scenario, flags.set ?? []), {
        detail: flags.detail as Level,
        wants: [...(formatOf(flags.format).needs ?? []), ...(flags.logs === undefined ? [] : serverLogKinds)],
        listener: event => line.take(event),
        ...(engine ? { engine } : { budget: simulationBudget() }),
        ...(flags.seed === undefined ? {} : { seed: flags.seed }),
        // How long it took is never the same twice: only a person at a terminal is told.
        ...(process.stdout.isTTY ? { stopwatch } : {}),
      })
      if ('diagnostics' in played) {
        this.complain(source, played.diagnostics, flags.format)
        this.endWith(status.wrong)
        return []
      }
      runs.push(...played.runs)
      if (played.runs.some(({ verdicts }) => verdicts.some(({ outcome }) => outcome !== 'held')))
        this.endWith(status.failed)
    }
    return runs
  }

  private complain(source: SourceFile, diagnostics: readonly Diagnostic[], format: string): void {
    this.writeDiagnostics(source, diagnostics)
    this.complaints.push(...(formatOf(format).complain?.(source, diagnostics) ?? []))
  }

  private report(
    files: readonly (readonly ReportedRun[])[],
    flags: { readonly format: string; readonly detail: string; readonly out?: string; readonly quiet: boolean },
  ): void {
    const format = formatOf(flags.format)
    const options = {
      version: this.config.version,
      detail: flags.detail as Level,
      styles: reportStyles(flags.out === undefined ? process.stdout : {}),
      width: process.stdout.columns ?? 120,
      viewerPage: viewerPageOf(this.config.root),
    }
    // People read a file after the other; what programs read is one document.
    const groups = format === formats.text ? files : [files.flat()]
    const reports = groups.map(runs => [...format.write(runs, options)].join(''))
    const text = this.complaints.join('') + reports.join('\n')
    if (flags.out !== undefined) {
      try {
        writeFileSync(flags.out, text)
      } catch (error) {
        throw fileError(flags.out, error)
      }
      if (process.stderr.isTTY && !flags.quiet) process.stderr.write(`${flags.out}: ${summary(files.flat())}\n`)
    } else if (!flags.quiet) this.write(text)
  }
}

function formatOf(name: string): Format {
  return formats[name as keyof typeof formats]
}

function summaryOf(run: ReportedRun) {
  const { scenario, permutation, engine, seed, verdicts, endedAt, eventCount } = run
  return { title: scenario.title, variant: scenario.variant, permutation, engine, seed, verdicts, endedAt, eventCount }
}
