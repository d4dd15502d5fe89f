// Gathers diagnostics while a scenario is read. The same complaint at the same place is kept once, so that the variants
// of a scenario do not repeat each other.

import type { Diagnostic, DiagnosticCode } from '../model/diagnostic.ts'
import type { Span } from '../model/source.ts'
import { mostDiagnostics } from './limits.ts'

export class Complaints {
  private readonly found = new Map<string, Diagnostic>()
  private more = false

  add(code: DiagnosticCode, span: Span, message: string, help?: string): void {
    this.addAll([{ code, span, message, ...(help !== undefined && { help }) }])
  }

  addAll(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      if (this.full) {
        this.more = true
        continue
      }
      const key = `${diagnostic.span.start} ${diagnostic.span.end} ${diagnostic.code} ${diagnostic.message}`
      if (!this.found.has(key)) this.found.set(key, diagnostic)
    }
  }

  get any(): boolean {
    return this.found.size > 0
  }

  /** Nothing more is kept: a reader may spare itself the search for what would be right. */
  get full(): boolean {
    return this.found.size >= mostDiagnostics
  }

  /** In the order of the source. */
  get all(): readonly Diagnostic[] {
    const all = [...this.found.values()].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
    const last = all.at(-1)
    if (this.more && last) {
      const message = `there are more than ${mostDiagnostics} complaints`
      all.push({ code: 'too-large', span: last.span, message, help: 'mend these first' })
    }
    return all
  }
}
