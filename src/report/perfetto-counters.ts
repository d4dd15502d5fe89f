// What is counted, for the Perfetto report: commits a second of each client's node, connections, and how far each
// node's WAL is inserted, flushed, received and replayed.

import type { EventKind } from '../model/trace.ts'
import { millisecond, second } from '../model/units.ts'
import type { ReportedRun } from './run.ts'

export interface Count {
  readonly node: string
  readonly name: string
  /** Nanoseconds since the start of the run. */
  readonly time: number
  readonly value: number
}

export const counterKinds: readonly EventKind[] = [
  'transaction.committed',
  'wal.flushed',
  'wal.sent',
  'wal.received',
  'wal.replayed',
  'replication.acknowledged',
  'client.acknowledged',
]

/** Of a position that moves on faster than this no more is told. */
const leastApart = millisecond

export function countersOf(run: ReportedRun): readonly Count[] {
  return [...throughput(run), ...positions(run)]
}

/** In a hundred intervals. */
function throughput(run: ReportedRun): readonly Count[] {
  const length = Math.max(millisecond, Math.ceil(run.endedAt / 100))
  const commits = new Map<string, number[]>()
  for (const event of run.events) {
    if (event.kind !== 'client.acknowledged' || event.node === undefined) continue
    const counts = commits.get(event.node) ?? Array(Math.ceil(run.endedAt / length) + 1).fill(0)
    commits.set(event.node, counts)
    counts[Math.floor(event.time / length)]++
  }
  return [...commits].flatMap(([node, counts]) =>
    counts.map((count, at) => ({
      node,
      name: 'commits/s',
      time: at * length,
      value: Math.round((count * second) / length),
    })),
  )
}

const positionNames: { readonly [K in EventKind]?: string } = {
  'transaction.committed': 'WAL committed',
  'wal.flushed': 'WAL flushed',
  'wal.received': 'WAL received',
  'wal.replayed': 'WAL replayed',
}

function positions(run: ReportedRun): readonly Count[] {
  const counts: Count[] = []
  const last = new Map<string, Count>()
  const waiting = new Map<string, Count>()
  const tell = (node: string, name: string, time: number, value: number) => {
    const key = `${node} ${name}`
    const count = { node, name, time, value }
    const before = last.get(key)
    if (before !== undefined && time - before.time < leastApart) waiting.set(key, count)
    else {
      counts.push(count)
      last.set(key, count)
      waiting.delete(key)
    }
  }
  for (const event of run.events) {
    if (!('lsn' in event) || event.lsn === undefined || event.node === undefined) continue
    if (event.kind === 'wal.sent') tell(event.node, `WAL sent to ${event.to}`, event.time, event.lsn)
    else if (positionNames[event.kind]) tell(event.node, positionNames[event.kind]!, event.time, event.lsn)
  }
  return [...counts, ...waiting.values()]
}
