// A server's log, wherever it goes: its stderr, and where it has a logging collector the file that this one writes,
// jsonlog before stderr's format.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GrowingFile } from './growing-file.ts'
import { JsonLog } from './json-log.ts'
import type { LogParser, LogRecord } from './log-record.ts'
import { StderrLog } from './stderr-log.ts'

interface Source {
  readonly file: GrowingFile
  readonly parser: LogParser
}

/** So many lines are kept of what went wrong. */
const complaintsKept = 20

export class ServerLog {
  private readonly dataFolder: string
  private readonly sources: Source[]
  private readonly lastComplaints: string[] = []

  /** What the files have by now belongs to the past. */
  constructor(logFile: string, dataFolder: string) {
    this.dataFolder = dataFolder
    this.sources = [{ file: new GrowingFile(logFile, 'end'), parser: new StderrLog() }]
    this.follow('end')
  }

  /** What was written since the last call, in the order of time. */
  read(): LogRecord[] {
    this.follow('beginning')
    const records: LogRecord[] = []
    for (const source of this.sources) records.push(...this.readFrom(source))
    if (this.sources.length > 1) records.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
    return records
  }

  /** The last lines of FATAL and PANIC, and those that did not come through the log: why a server did not start. */
  get complaints(): readonly string[] {
    return this.lastComplaints
  }

  private readFrom({ file, parser }: Source): LogRecord[] {
    const bytes = file.read()
    const pieces = bytes.length === 0 ? [] : [parser.feed(bytes)]
    if (file.isSettled) pieces.push(parser.settle())
    const records: LogRecord[] = []
    for (const piece of pieces) {
      this.complain(piece.foreign)
      for (const record of piece.records) {
        if (record.level === 'FATAL' || record.level === 'PANIC') {
          const { level, message, detail, hint } = record
          const more = [detail && `DETAIL:  ${detail}`, hint && `HINT:  ${hint}`].filter(line => line !== undefined)
          this.complain([`${level}:  ${message}`, ...more])
        }
        records.push(record)
      }
    }
    return records
  }

  private complain(lines: readonly string[]): void {
    this.lastComplaints.push(...lines)
    if (this.lastComplaints.length > complaintsKept)
      this.lastComplaints.splice(0, this.lastComplaints.length - complaintsKept)
  }

  /** Adds the file that the logging collector writes now, if there is one and it is not known yet. */
  private follow(from: 'beginning' | 'end'): void {
    const current = currentLogFile(this.dataFolder)
    if (!current || this.sources.some(({ file }) => file.path === current.path)) return
    const parser = current.format === 'jsonlog' ? new JsonLog() : new StderrLog()
    this.sources.push({ file: new GrowingFile(current.path, from), parser })
  }
}

/** What current_logfiles names; a server without a collector has no such file. */
function currentLogFile(
  dataFolder: string,
): { readonly format: 'jsonlog' | 'stderr'; readonly path: string } | undefined {
  let text: string
  try {
    text = readFileSync(join(dataFolder, 'current_logfiles'), 'utf8')
  } catch {
    return undefined
  }
  for (const format of ['jsonlog', 'stderr'] as const) {
    const line = text.split('\n').find(each => each.startsWith(`${format} `))
    if (!line) continue
    const path = line.slice(format.length + 1)
    return { format, path: path.startsWith('/') ? path : join(dataFolder, path) }
  }
  return undefined
}
