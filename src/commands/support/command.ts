// What all commands have in common: how they print, and what their exit status says.
//
// | status | meaning |
// |---|---|
// | 0 | all held |
// | 1 | a check failed, or a golden differs |
// | 2 | the scenario, a file or a flag is wrong |
// | 3 | pgdrill is |

import { Command, Errors } from '@oclif/core'
import type { Diagnostic, SourceFile } from '../../index.ts'
import { renderDiagnostics } from '../../index.ts'
import { diagnosticStyle } from './colours.ts'

export const status = { held: 0, failed: 1, wrong: 2, broken: 3 } as const

export abstract class PgdrillCommand extends Command {
  static override enableJsonFlag = true

  /** Writes to standard output; whoever reads it may leave early. */
  protected write(text: string): void {
    if (this.jsonEnabled()) return
    process.stdout.write(text)
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  }

  protected writeDiagnostics(source: SourceFile, diagnostics: readonly Diagnostic[]): void {
    if (this.jsonEnabled()) return
    process.stderr.write(renderDiagnostics(source, diagnostics, diagnosticStyle(process.stderr)))
  }

  protected endWith(code: number): void {
    process.exitCode = Math.max(Number(process.exitCode ?? 0), code)
  }

  protected override async init(): Promise<void> {
    await super.init()
    // `pgdrill run … | head`: the reader has seen enough.
    process.stdout.on('error', error => {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit()
      throw error
    })
  }

  protected override async catch(error: Error & { exitCode?: number }): Promise<unknown> {
    if (error instanceof UserError) return this.error(error.message, { exit: status.wrong })
    if (error instanceof Errors.CLIError) throw error
    process.stderr.write(faultMessage(error))
    process.exit(status.broken)
  }
}

/** A file or a flag is wrong: said in one line. */
export class UserError extends Error {}

function faultMessage(error: Error): string {
  const where = error.stack?.split('\n').find(line => line.trimStart().startsWith('at '))
  return `pgdrill has a fault of its own: ${error.message}
${where ?? ''}
Please report this, with the scenario that was played: it is never the scenario's fault.
`
}
