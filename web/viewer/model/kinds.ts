// Which kinds of events are marks on their lane, which mere ticks, and which only bars and curves tell of.

import type { EventKind } from '../../../src/model/trace.ts'

const marks: ReadonlySet<EventKind> = new Set([
  'process.started',
  'process.exited',
  'log.line',
  'client.error',
  'client.connected',
  'step.started',
  'step.waited',
  'step.finished',
  'step.notice',
  'commit.lost',
  'commit.ghost',
  'archive.failed',
  'archive.done',
  'timeline.switched',
  'recovery.started',
  'recovery.consistent',
  'recovery.redo_done',
  'replication.state',
  'slot.changed',
  'lock.waited',
  'lock.acquired',
  'signal.sent',
  'checkpoint.started',
  'checkpoint.completed',
  'vacuum.started',
  'vacuum.finished',
  'wal.segment_created',
  'wal.segment_removed',
  'node.starting',
  'node.accepting',
  'node.refusing',
  'node.down',
])

const ticks: ReadonlySet<EventKind> = new Set(['client.acknowledged', 'buffer.written'])

export function isMark(kind: EventKind): boolean {
  return marks.has(kind)
}

/** There are many of them, and each alone says little. */
export function isTick(kind: EventKind): boolean {
  return ticks.has(kind)
}

/** What stepping from event to event stops at. */
export function isStop(kind: EventKind): boolean {
  return marks.has(kind) || ticks.has(kind) || stops.has(kind)
}

const stops: ReadonlySet<EventKind> = new Set([
  'fault.injected',
  'fault.undone',
  'order.given',
  'note.shown',
  'connection.opened',
  'connection.closed',
  'transaction.committed',
  'transaction.aborted',
  'wal.sent',
  'wal.received',
  'volume.changed',
  'archive.queued',
])
