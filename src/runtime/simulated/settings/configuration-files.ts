// The two files that a server reads its settings from: postgresql.conf, which people write, and postgresql.auto.conf,
// which ALTER SYSTEM writes and which is read after it. Mirrors guc-file.l and replace_auto_config_value. There is no
// `include`.

import { initialFiles } from './facts.ts'

export interface FileSetting {
  readonly name: string
  readonly text: string
  readonly file: 'postgresql.conf' | 'postgresql.auto.conf'
  readonly line: number
}

/** Two lines at the top of postgresql.auto.conf warn of editing it. */
const warningLines = 2

export class ConfigurationFiles {
  private readonly written: { readonly name: string; text: string; readonly line: number }[]
  private lines: number
  /** Name to text: each rewritten line goes to the end. */
  private readonly automatic = new Map<string, string>()

  /** As initdb leaves postgresql.conf, but open to other hosts, with what a scenario sets behind it. */
  constructor(version: number, settings: ReadonlyMap<string, string>) {
    const initial = initialFiles[version]
    this.lines = initial.lines
    // Clients are on other hosts.
    const listening = { name: 'listen_addresses', text: '0.0.0.0', line: initial.listenAddresses }
    this.written = [listening, ...initial.settings.map(each => ({ ...each }))]
    this.edit(settings)
  }

  /** What counts of both, in the order in which it is read: of several lines for a setting the last. */
  settings(): FileSetting[] {
    const all: FileSetting[] = [
      ...this.written.map(each => ({ ...each, file: 'postgresql.conf' as const })),
      ...[...this.automatic].map(([name, text], index) => ({
        name,
        text,
        file: 'postgresql.auto.conf' as const,
        line: warningLines + 1 + index,
      })),
    ]
    const last = new Map(all.map((each, index) => [each.name.toLowerCase(), index]))
    return all.filter((each, index) => last.get(each.name.toLowerCase()) === index)
  }

  /** Writes into postgresql.conf: over the line that stands there, or at its end. */
  edit(changes: ReadonlyMap<string, string>): void {
    for (const [name, text] of changes) {
      const line = this.written.find(each => each.name.toLowerCase() === name.toLowerCase())
      if (line) line.text = text
      else this.append(name, text)
    }
  }

  /** ALTER SYSTEM: SET, or RESET with `text` undefined. */
  alter(name: string, text: string | undefined): void {
    this.automatic.delete(name)
    if (text !== undefined) this.automatic.set(name, text)
  }

  /** ALTER SYSTEM RESET ALL. */
  alterNothing(): void {
    this.automatic.clear()
  }

  private append(name: string, text: string): void {
    this.lines++
    this.written.push({ name, text, line: this.lines })
  }
}
