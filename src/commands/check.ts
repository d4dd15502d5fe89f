// pgdrill check: says what is wrong with scenarios, without playing them.

import { Args, Flags } from '@oclif/core'
import { loadScenario } from '../index.ts'
import { PgdrillCommand, status } from './support/command.ts'
import { findScenarios, readScenario } from './support/files.ts'

export default class Check extends PgdrillCommand {
  static override summary = 'Say what is wrong with scenarios, without playing them.'
  static override examples = ['<%= config.bin %> check scenarios/02-crash/*.drill']
  static override args = {
    file: Args.string({
      description: 'Scenario files, .drill, .yaml, or .spec as of isolationtester; or folders of them.',
      required: true,
    }),
  }
  static override strict = false
  static override flags = { quiet: Flags.boolean({ description: 'Print nothing but what is wrong.', char: 'q' }) }

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Check)
    const results: unknown[] = []
    for (const file of findScenarios(argv as string[])) {
      const source = readScenario(file)
      const { scenarios, diagnostics } = await loadScenario(source)
      this.writeDiagnostics(source, diagnostics)
      if (diagnostics.length > 0) this.endWith(status.wrong)
      else if (!flags.quiet)
        this.write(`${file}: ${scenarios!.length === 1 ? 'fine' : `fine, ${scenarios!.length} variants`}\n`)
      results.push({ file, diagnostics })
    }
    return { files: results }
  }
}
