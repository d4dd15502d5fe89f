// pgdrill compare: plays scenarios on the simulation and on real servers, and says where the two differ.

import { writeFileSync } from 'node:fs'
import { Args, Flags } from '@oclif/core'
import {
  type Comparison,
  compareRuns,
  comparisonsText,
  type Diagnostic,
  type EngineKind,
  fidelity,
  loadScenario,
  type Played,
  playScenario,
  type ReportedRun,
  type Scenario,
  type SourceFile,
  withVersion,
} from '../index.ts'
import { reportStyles } from './support/colours.ts'
import { PgdrillCommand, status, UserError } from './support/command.ts'
import { fileError, findScenarios, readScenario } from './support/files.ts'
import { type Progress, progress } from './support/progress.ts'
import { type RealServers, realServers } from './support/real-servers.ts'
import { simulationBudget } from './support/simulation.ts'

const majors = [15, 16, 17, 18] as const
type Major = (typeof majors)[number]

interface PlayFlags {
  readonly seed?: number
  readonly repeat: number
  readonly retry: number
  readonly jobs: number
}

/** A scenario of one major, and its runs on the simulation: one a permutation. */
interface Simulated {
  readonly source: SourceFile
  readonly scenario: Scenario
  readonly runs: readonly ReportedRun[]
}

export default class Compare extends PgdrillCommand {
  static override summary = 'Play scenarios on the simulation and on real servers, and say where the two differ.'
  static override description =
    "Real servers are never the same twice: what a client's speed or a timer decides may differ, everything else is a " +
    'difference. With --repeat and --retry, what real servers do differently among themselves is none either; a check ' +
    'must agree every time.'
  static override examples = [
    '<%= config.bin %> compare scenarios/02-crash/kill-backend.drill',
    '<%= config.bin %> compare failover.yaml --postgres 15,18 --repeat 3',
    '<%= config.bin %> compare scenarios --postgres 15,18 --format markdown --out docs/fidelity.md',
  ]
  static override args = {
    file: Args.string({ description: 'Scenario files, or folders of them.', required: true }),
  }
  static override strict = false
  static override flags = {
    postgres: Flags.string({ description: "Majors to play on, instead of the scenario's own: 15,18." }),
    bindir: Flags.string({ description: "The folder of PostgreSQL's programs." }),
    repeat: Flags.integer({ description: 'How often to play on real servers.', min: 1, max: 100, default: 1 }),
    retry: Flags.integer({
      description: 'How often to play once more what differs so far.',
      min: 0,
      max: 100,
      default: 0,
    }),
    jobs: Flags.integer({
      description:
        'How many to play on real servers at a time: they mostly wait, but on a busy machine they come late.',
      min: 1,
      max: 16,
      default: 1,
    }),
    seed: Flags.integer({
      description: "Where chance starts from, instead of the scenario's own seed.",
      min: 0,
      max: 4294967295,
    }),
    format: Flags.string({ description: 'The form of the report.', options: ['text', 'markdown'], default: 'text' }),
    out: Flags.string({ description: 'Write the report to this file.' }),
  }

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Compare)
    const versions = versionsOf(flags.postgres)
    const files = findScenarios(argv as string[])
    const real = await realServers.open(flags.bindir === undefined ? {} : { bindir: flags.bindir })
    let comparisons: readonly Comparison[]
    const line = progress(process.stderr)
    try {
      const simulated = await this.simulate(files, versions, flags, line)
      comparisons = await this.compareAll(simulated, real, flags, line)
    } finally {
      line.end()
    }
    if (comparisons.some(({ agrees }) => !agrees)) this.endWith(status.failed)
    if (comparisons.length > 0) this.report(comparisons, flags)
    return { comparisons }
  }

  /** What each file's scenarios tell on the simulation. It keeps the processor busy, so no real server runs meanwhile. */
  private async simulate(
    files: readonly string[],
    versions: readonly Major[],
    flags: PlayFlags,
    line: Progress,
  ): Promise<readonly Simulated[]> {
    const played: Simulated[] = []
    for (const file of files) {
      const source = readScenario(file)
      const { scenarios, diagnostics } = await loadScenario(source)
      this.writeDiagnostics(source, diagnostics)
      if (!scenarios) this.endWith(status.wrong)
      for (const own of scenarios ?? []) {
        const majors = versions.length === 0 ? [own.postgres] : versions
        const before = played.length
        let wrong: readonly Diagnostic[] = []
        for (const version of majors) {
          const scenario = withVersion(own, version)
          line.tell(`${source.name} on PostgreSQL ${version}: simulated`)
          const outcome = await this.play(scenario, flags)
          // A lesson may be about what one of the majors does not have: there it is left out.
          if ('diagnostics' in outcome) wrong = outcome.diagnostics
          else played.push({ source, scenario, runs: outcome.runs })
        }
        if (played.length > before) continue
        this.writeDiagnostics(source, wrong)
        this.endWith(status.wrong)
      }
    }
    return played
  }

  /** The comparisons in the order of what was simulated, whichever real run ends first. */
  private async compareAll(
    simulated: readonly Simulated[],
    real: RealServers,
    flags: PlayFlags,
    line: Progress,
  ): Promise<readonly Comparison[]> {
    const comparisons: (readonly Comparison[])[] = []
    let next = 0
    let done = 0
    const work = async () => {
      while (next < simulated.length) {
        const place = next++
        const { source, scenario } = simulated[place]
        line.tell(`${done} of ${simulated.length} done · ${source.name} on PostgreSQL ${scenario.postgres}`)
        comparisons[place] = await this.compare(simulated[place], real, flags)
        done++
      }
    }
    await Promise.all(Array.from({ length: flags.jobs }, work))
    return comparisons.flat()
  }

  /** One comparison a permutation. */
  private async compare(
    { scenario, source, runs: simulated }: Simulated,
    { engine, observable }: RealServers,
    flags: PlayFlags,
  ): Promise<readonly Comparison[]> {
    const repeats: (readonly ReportedRun[])[] = []
    for (;;) {
      const played = await this.play(scenario, flags, engine)
      if ('diagnostics' in played) {
        this.writeDiagnostics(source, played.diagnostics)
        this.endWith(status.wrong)
        return []
      }
      repeats.push(played.runs)
      if (repeats.length < flags.repeat) continue
      const comparisons = simulated.map((run, at) =>
        compareRuns(
          run,
          repeats.map(runs => runs[at]),
          { observable },
        ),
      )
      const retried = repeats.length - flags.repeat
      if (retried >= flags.retry || comparisons.every(({ agrees }) => agrees)) return comparisons
    }
  }

  private play(scenario: Scenario, { seed }: PlayFlags, engine?: EngineKind): Promise<Played> {
    return playScenario(scenario, {
      detail: 'lifecycle',
      // Real servers take as long as the scenario lasts.
      ...(engine ? { engine } : { budget: simulationBudget() }),
      ...(seed === undefined ? {} : { seed }),
    })
  }

  private report(
    comparisons: readonly Comparison[],
    { format, out }: { readonly format: string; readonly out?: string },
  ): void {
    const options = {
      styles: reportStyles(out === undefined ? process.stdout : {}),
      width: process.stdout.columns ?? 120,
    }
    const text =
      format === 'markdown' ? fidelity(comparisons, this.config.version) : comparisonsText(comparisons, options)
    if (out === undefined) return this.write(text)
    try {
      writeFileSync(out, text)
    } catch (error) {
      throw fileError(out, error)
    }
  }
}

/** None where the scenarios' own are meant. */
function versionsOf(flag: string | undefined): readonly Major[] {
  if (flag === undefined) return []
  return flag.split(',').map(text => {
    const version = majors.find(major => String(major) === text.trim())
    if (version === undefined) throw new UserError(`--postgres ${flag}: pgdrill plays ${majors.join(', ')}`)
    return version
  })
}
