// What a server's log lines mean: the events of its life that a simulated server tells itself. What must be known
// from line to line is remembered here.

import { parseLsn } from '../../../model/format.ts'
import type { EventKind, FieldsOf } from '../../../model/trace.ts'
import { second } from '../../../model/units.ts'
import type { More, Teller } from '../teller.ts'
import { lastCheckpoint, timelineStart } from './data-folder.ts'
import type { LogRecord } from './log-record.ts'
import type { Processes } from './processes.ts'

export interface LifecycleOptions {
  readonly node: string
  readonly dataFolder: string
  readonly teller: Teller
  readonly processes: Processes
}

/** A rule: what a message looks like, and what it tells; `cause` is the line itself, 0 where the line comes after. */
type Rule = readonly [RegExp, (self: Lifecycle, match: RegExpExecArray, record: LogRecord, cause: number) => void]

/** A reason to be down: the one that is not a failure. */
const shutDown = 'it was shut down'

export class Lifecycle {
  readonly options: LifecycleOptions
  isUp = false
  accepts: 'nothing' | 'reads' | 'writes' = 'nothing'
  /** Why it will be down, if it has said so. */
  downReason: string | undefined
  /** The reason of the checkpoint under way. */
  checkpointReason = ''
  /** The timeline that is replayed. */
  timeline: number | undefined
  /** Where the WAL that is replayed was found to end. */
  endOfWal: number | undefined
  /** Of the segment that was last fetched from the archive. */
  restoredTimeline: number | undefined

  constructor(options: LifecycleOptions) {
    this.options = options
  }

  /** What is told before the line. */
  before(record: LogRecord): void {
    this.apply(beforeLine, record, 0)
  }

  /** What is told after it. */
  after(record: LogRecord, cause: number): void {
    this.apply(afterLine, record, cause)
  }

  private apply(rules: readonly Rule[], record: LogRecord, cause: number): void {
    if (record.level !== 'LOG') return
    for (const [pattern, act] of rules) {
      const match = pattern.exec(record.message)
      if (match) return act(this, match, record, cause)
    }
  }

  refuse(reason: string, record: LogRecord, cause: number): void {
    if (this.accepts === 'nothing') return
    this.accepts = 'nothing'
    this.tell('node.refusing', record, { reason }, cause)
  }

  accept(writable: boolean, record: LogRecord, cause: number): void {
    this.accepts = writable ? 'writes' : 'reads'
    this.options.processes.areQuitting = false
    this.tell('node.accepting', record, { writable }, cause)
  }

  /** Tells it once. */
  down(reason: string, more: More): void {
    if (!this.isUp) return
    this.isUp = false
    this.accepts = 'nothing'
    const { teller, node } = this.options
    teller.tell('node.down', { node }, { reason }, more)
  }

  tell<K extends EventKind>(kind: K, record: LogRecord, fields: FieldsOf<K>, cause: number): void {
    const { teller, processes } = this.options
    teller.tell(kind, processes.place(record.pid), fields, moreOf(record, cause))
  }
}

export function moreOf({ at }: LogRecord, cause: number): More {
  return { ...(at === undefined ? {} : { at }), ...(cause ? { cause } : {}) }
}

const beforeLine: readonly Rule[] = [
  [
    /^starting PostgreSQL (\S+)/,
    (self, [, version], record, cause) => {
      self.isUp = true
      self.accepts = 'nothing'
      self.downReason = undefined
      self.tell('node.starting', record, { version }, cause)
    },
  ],
  [
    /\(PID (\d+)\) was terminated by (signal \d+: .*)$/,
    ({ options }, [, pid, signal], { at }) => options.processes.ended(Number(pid), { signal }, at),
  ],
  [
    /\(PID (\d+)\) exited with exit code (\d+)$/,
    ({ options }, [, pid, code], { at }) => options.processes.ended(Number(pid), { code: Number(code) }, at),
  ],
  [
    /^(all server processes terminated; reinitializing|database system is shut down)$/,
    ({ options }, _match, { at }) => options.processes.allEnded(at),
  ],
]

const afterLine: readonly Rule[] = [
  [
    /^database system is ready to accept (read-only )?connections$/,
    (self, [, readOnly], record, cause) => self.accept(readOnly === undefined, record, cause),
  ],
  [
    /^received (smart|fast|immediate) shutdown request$/,
    (self, [, mode], record, cause) => {
      self.downReason = shutDown
      if (mode === 'immediate') self.options.processes.areQuitting = true
      self.refuse(`${mode} shutdown`, record, cause)
    },
  ],
  [
    /^shutdown at recovery target$/,
    (self, _match, record, cause) => {
      self.downReason = shutDown
      self.refuse('the recovery target was reached', record, cause)
    },
  ],
  [
    /^terminating any other active server processes$/,
    (self, _match, record, cause) => {
      self.options.processes.areQuitting = true
      self.refuse('a child process crashed', record, cause)
    },
  ],
  [
    /^abnormal database system shutdown$/,
    self => {
      self.downReason = 'it was shut down while it recovered from a crash'
    },
  ],
  [
    /^(aborting startup|shutting down) due to startup process failure$/,
    self => {
      self.downReason = 'the startup process failed'
    },
  ],
  [
    /^shutting down because "?restart_after_crash"? is off$/,
    self => {
      self.downReason = 'restart_after_crash is off'
    },
  ],
  [
    /^database system is shut down$/,
    (self, _match, record, cause) => {
      const reason = self.downReason ?? 'its postmaster has ended'
      self.options.processes.willEnd(record.pid, { code: reason === shutDown ? 0 : 1 })
      self.down(reason, moreOf(record, cause))
    },
  ],
  [
    /^(?:recovery has paused|pausing at the end of recovery)$/,
    (self, _match, record, cause) => self.tell('recovery.paused', record, {}, cause),
  ],
  [
    /^redo starts at (\S+)$/,
    (self, [, lsn], record, cause) => {
      self.timeline = lastCheckpoint(self.options.dataFolder)?.timeline
      self.endOfWal = undefined
      const { timeline } = self
      if (timeline !== undefined) self.tell('recovery.started', record, { redo: parseLsn(lsn), timeline }, cause)
    },
  ],
  [
    /^consistent recovery state reached at (\S+)$/,
    (self, [, lsn], record, cause) => self.tell('recovery.consistent', record, { lsn: parseLsn(lsn) }, cause),
  ],
  [
    /^(?:invalid (?:record length|magic number|resource manager ID|info bits)|unexpected pageaddr|record with incorrect prev-link|there is no contrecord flag|incorrect resource manager data checksum)\b.*? at ([0-9A-F]+\/[0-9A-F]+)/,
    (self, [, lsn]) => {
      self.endOfWal = parseLsn(lsn)
    },
  ],
  [
    // A segment may begin with what its timeline has from another one: how far redo came is told at its end.
    /^restored log file "([0-9A-F]{8})[0-9A-F]{16}" from archive$/,
    (self, [, timeline]) => {
      self.restoredTimeline = Number.parseInt(timeline, 16)
    },
  ],
  [
    /^redo done at (\S+)/,
    (self, [, lsn], record, cause) => {
      takeRestoredTimeline(self, parseLsn(lsn), record, cause)
      const { timeline } = self
      // The line names where the last record begins. Where the WAL ends stands in the complaint before it, if any.
      const last = parseLsn(lsn)
      const end = self.endOfWal !== undefined && self.endOfWal > last ? self.endOfWal : last
      if (timeline !== undefined) self.tell('recovery.redo_done', record, { lsn: end, timeline }, cause)
    },
  ],
  [
    /^new target timeline is (\d+)$/,
    (self, [, timeline], record, cause) => switchTimeline(self, Number(timeline), record, cause),
  ],
  [
    // Recovery that knew of the newer timeline when it began comes to it without a word.
    /^(?:started streaming WAL from primary|restarted WAL streaming) at \S+ on timeline (\d+)$/,
    (self, [, timeline], record, cause) => {
      const isNew = self.timeline !== undefined && self.timeline < Number(timeline)
      if (isNew) switchTimeline(self, Number(timeline), record, cause)
    },
  ],
  [
    /^selected new timeline ID: (\d+)$/,
    (self, [, timeline]) => {
      self.timeline = Number(timeline)
    },
  ],
  [
    /^archive recovery complete$/,
    (self, _match, record, cause) => {
      if (self.timeline !== undefined) switchTimeline(self, self.timeline, record, cause)
    },
  ],
  [
    /^(?:checkpoint|restartpoint) starting: (.*)$/,
    (self, [, reason], record, cause) => {
      self.checkpointReason = reason
      self.tell('checkpoint.started', record, { reason }, cause)
    },
  ],
  [
    /^(?:checkpoint|restartpoint) complete: wrote (\d+) buffers .*\btotal=([\d.]+) s/,
    (self, [, buffers, total], record, cause) => {
      const redo = lastCheckpoint(self.options.dataFolder)?.redo
      const counts = { buffers: Number(buffers), total: Math.round(Number(total) * second) }
      const fields = { reason: self.checkpointReason, ...(redo === undefined ? {} : { redo }), ...counts }
      self.tell('checkpoint.completed', record, fields, cause)
    },
  ],
  [
    /^automatic (?:aggressive )?vacuum (?:to prevent wraparound )?of table "([^"]*)".*?pages: \d+ removed, (\d+) remain.*?tuples: (\d+) removed, (\d+) remain/s,
    (self, [, table, pages, removed, remaining], record, cause) => {
      const relation = table.split('.').at(-1)!
      const counts = { removed: Number(removed), remaining: Number(remaining), pages: Number(pages) }
      self.tell('vacuum.finished', record, { relation, ...counts }, cause)
    },
  ],
]

/** Redo has come from the archive to a newer timeline, without a word. */
function takeRestoredTimeline(self: Lifecycle, lsn: number, record: LogRecord, cause: number): void {
  const { timeline, restoredTimeline } = self
  self.restoredTimeline = undefined
  if (timeline === undefined || restoredTimeline === undefined || restoredTimeline <= timeline) return
  const start = timelineStart(self.options.dataFolder, restoredTimeline)
  if (start && start.lsn <= lsn) switchTimeline(self, restoredTimeline, record, cause)
}

/** Where the new timeline begins stands in its history file. */
function switchTimeline(self: Lifecycle, timeline: number, record: LogRecord, cause: number): void {
  self.timeline = timeline
  const start = timelineStart(self.options.dataFolder, timeline)
  if (start) self.tell('timeline.switched', record, { timeline, ...start }, cause)
}
