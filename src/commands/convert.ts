// pgdrill convert: writes a scenario in the other spelling.

import { writeFileSync } from 'node:fs'
import { Args, Flags } from '@oclif/core'
import { convertScenario, type Spelling } from '../index.ts'
import { PgdrillCommand, status } from './support/command.ts'
import { fileError, readScenario } from './support/files.ts'

export default class Convert extends PgdrillCommand {
  static override summary = 'Write a scenario in the other spelling.'
  static override examples = ['<%= config.bin %> convert kill-backend.drill --to yaml']
  static override args = { file: Args.string({ description: 'A scenario file.', required: true }) }
  static override flags = {
    to: Flags.string({ description: 'The spelling.', options: ['yaml', 'drill'], required: true }),
    out: Flags.string({ description: 'Write to this file.' }),
  }

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Convert)
    const source = readScenario(args.file)
    const { text, diagnostics } = convertScenario(source, flags.to as Spelling)
    this.writeDiagnostics(source, diagnostics)
    if (text === undefined) this.endWith(status.wrong)
    else if (flags.out === undefined) this.write(text)
    else {
      try {
        writeFileSync(flags.out, text)
      } catch (error) {
        throw fileError(flags.out, error)
      }
    }
    return { text, diagnostics }
  }
}
