// Reads the log as servers write it to stderr: a prefix, the level, the message, and on lines of their own what belongs
// to it. Lines within a text are indented by a tab. A server writes all lines of one message at once.

import { Lines } from './lines.ts'
import type { LogParser, LogPiece, LogRecord } from './log-record.ts'
import { logTime } from './log-time.ts'

/**
 * The `log_line_prefix` of servers that are observed: a mark that no text begins a line with by chance, the time in
 * seconds since 1970, pid, SQLSTATE, the client's address, the type of the process.
 */
export const logLinePrefix = 'pgdrill|%n|%p|%e|%r|%b| '

const ours = /^pgdrill\|(\d+\.\d{3})\|(\d+)\|(\w{5})\|([^|]*)\|([^|]*)\| ([A-Z]+\d?): {2}(.*)$/s
/** A full disk takes the beginning of a line, and the next one that it has room for follows at once: the torn one is lost. */
const torn = /^.+(?=pgdrill\|\d+\.\d{3}\|\d+\|\w{5}\|)/s
/** The default prefix, which a postmaster has until it has read its configuration. */
const byDefault = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S+) \[(\d+)\] ([A-Z]+\d?): {2}(.*)$/s

const levels = new Set(['DEBUG', 'LOG', 'INFO', 'NOTICE', 'WARNING', 'ERROR', 'FATAL', 'PANIC'])

type Part = 'message' | 'detail' | 'hint' | 'context' | 'statement' | 'untold'

/** The lines that follow a message, by what they are called; the last ones are for those who debug the server itself. */
const parts: Readonly<Record<string, Part>> = {
  DETAIL: 'detail',
  HINT: 'hint',
  CONTEXT: 'context',
  STATEMENT: 'statement',
  QUERY: 'untold',
  LOCATION: 'untold',
  BACKTRACE: 'untold',
}

interface Head extends Pick<LogRecord, 'at' | 'pid' | 'sqlstate' | 'remote' | 'backendType'> {
  readonly word: string
  readonly text: string
}

/** A message that may have more lines. */
interface Draft {
  readonly head: Head
  readonly texts: Partial<Record<Part, string>>
  part: Part
}

export class StderrLog implements LogParser {
  private readonly lines = new Lines()
  private draft: Draft | undefined
  private records: LogRecord[] = []
  private foreign: string[] = []

  feed(bytes: Buffer): LogPiece {
    for (const line of this.lines.feed(bytes)) this.take(line)
    return this.give()
  }

  settle(): LogPiece {
    if (!this.lines.isInside) this.finish()
    return this.give()
  }

  private give(): LogPiece {
    const { records, foreign } = this
    this.records = []
    this.foreign = []
    return { records, foreign }
  }

  private take(whole: string): void {
    const { draft } = this
    const line = whole.replace(torn, '')
    if (line.startsWith('\t') && draft) {
      draft.texts[draft.part] += `\n${line.slice(1)}`
      return
    }
    const head = headOf(line)
    const part = head && parts[head.word]
    if (part !== undefined) {
      // One without its message is of a time before the log was read.
      if (!draft || draft.head.pid !== head!.pid) return
      draft.part = part
      draft.texts[part] = head!.text
      return
    }
    this.finish()
    if (head) this.draft = { head, texts: { message: head.text }, part: 'message' }
    else this.foreign.push(line)
  }

  private finish(): void {
    if (!this.draft) return
    const { head, texts } = this.draft
    this.draft = undefined
    const { word, text: _text, ...place } = head
    const { untold: _untold, message = '', ...more } = texts
    this.records.push({ ...place, level: word, message, ...more })
  }
}

function headOf(line: string): Head | undefined {
  const match = ours.exec(line)
  if (match) {
    const [, time, pid, sqlstate, remote, backendType, word, text] = match
    if (!levels.has(word) && !(word in parts)) return undefined
    return {
      at: Math.round(Number(time) * 1000),
      pid: Number(pid),
      ...(sqlstate === '00000' ? {} : { sqlstate }),
      remote,
      backendType,
      word,
      text,
    }
  }
  const early = byDefault.exec(line)
  if (!early) return undefined
  const [, time, pid, word, text] = early
  if (!levels.has(word) && !(word in parts)) return undefined
  const at = logTime(time)
  return { ...(at === undefined ? {} : { at }), pid: Number(pid), remote: '', backendType: 'postmaster', word, text }
}
