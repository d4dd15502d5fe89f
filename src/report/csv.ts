// The report for a spreadsheet or a plot: what was done in each interval of a run, a row an interval and node, as CSV.
// The head says the units; a cell without an observation is empty.

import type { TraceEvent } from '../model/trace.ts'
import { hour, millisecond, minute, second } from '../model/units.ts'
import type { Format, ReportedRun } from './run.ts'
import { headingOf } from './text.ts'

export const csv: Format = {
  needs: [
    'client.acknowledged',
    'connection.opened',
    'connection.closed',
    'lock.waited',
    'wal.flushed',
    'wal.received',
    'checkpoint.completed',
    'vacuum.finished',
  ],
  *write(runs) {
    yield `${columns.join(',')}\n`
    for (const run of runs) yield* rowsOf(run)
  },
}

const columns = [
  'file',
  'variant',
  'node',
  'from_s',
  'interval_s',
  'commits',
  'commits_per_s',
  'latency_mean_ms',
  'latency_max_ms',
  'errors',
  'connections',
  'lock_waits',
  'wal_flushed_bytes',
  'wal_received_bytes',
  'checkpoints',
  'vacuums',
]

/** The first that parts the run into no more than a hundred intervals. */
const intervals = [
  millisecond,
  10 * millisecond,
  100 * millisecond,
  second,
  10 * second,
  minute,
  10 * minute,
  hour,
  24 * hour,
]

class Interval {
  commits = 0
  latency = 0
  longest = 0
  errors = 0
  lockWaits = 0
  walFlushed = 0
  walReceived = 0
  checkpoints = 0
  vacuums = 0
  /** At the end of the interval. */
  connections = 0

  take(event: TraceEvent): void {
    switch (event.kind) {
      case 'client.acknowledged':
        this.commits++
        this.latency += event.latency
        this.longest = Math.max(this.longest, event.latency)
        return
      case 'client.error':
        if (event.level !== 'WARNING' && event.level !== 'NOTICE') this.errors++
        return
      case 'lock.waited':
        this.lockWaits++
        return
      case 'wal.flushed':
        this.walFlushed += event.bytes
        return
      case 'checkpoint.completed':
        this.checkpoints++
        return
      case 'vacuum.finished':
        this.vacuums++
    }
  }
}

function* rowsOf(run: ReportedRun): Generator<string> {
  const length = intervals.find(each => run.endedAt <= 100 * each) ?? intervals[intervals.length - 1]
  const count = Math.max(1, Math.ceil(run.endedAt / length))
  const about = [run.scenario.source.name, headingOf(run)].map(cell)
  for (const [node, measured] of measure(run, length, count)) {
    for (const [at, interval] of measured.entries()) {
      const { commits, latency, longest, errors, connections, lockWaits } = interval
      const span = length / second
      yield `${[
        ...about,
        cell(node),
        decimal((at * length) / second),
        decimal(span),
        commits,
        decimal(commits / span),
        commits === 0 ? '' : decimal(latency / commits / millisecond),
        commits === 0 ? '' : decimal(longest / millisecond),
        errors,
        connections,
        lockWaits,
        interval.walFlushed,
        interval.walReceived,
        interval.checkpoints,
        interval.vacuums,
      ].join(',')}\n`
    }
  }
}

function measure(run: ReportedRun, length: number, count: number): ReadonlyMap<string, readonly Interval[]> {
  const nodes = new Map<string, Interval[]>()
  const open = new Map<string, Set<number>>()
  const received = new Map<string, number>()
  for (const event of run.events) {
    const { node } = event
    if (node === undefined) continue
    const of = nodes.get(node) ?? Array.from({ length: count }, () => new Interval())
    nodes.set(node, of)
    const at = Math.min(count - 1, Math.floor(event.time / length))
    of[at].take(event)
    if (event.kind === 'wal.received') {
      of[at].walReceived += Math.max(0, event.lsn - (received.get(node) ?? event.lsn))
      received.set(node, event.lsn)
    }
    const connected = open.get(node) ?? new Set()
    open.set(node, connected)
    if (event.kind === 'connection.opened') connected.add(event.backend)
    else if (event.kind === 'connection.closed') connected.delete(event.backend)
    else if (event.kind === 'process.exited') connected.delete(event.pid ?? 0)
    else if (event.kind === 'node.down') connected.clear()
    else continue
    for (const later of of.slice(at)) later.connections = connected.size
  }
  return nodes
}

/** At most six digits behind the point, and none that says nothing. */
function decimal(value: number): string {
  return String(Number(value.toFixed(6)))
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
