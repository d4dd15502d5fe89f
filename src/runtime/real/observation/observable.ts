// What a real server can be seen to tell. The other kinds happen inside its processes, or pgdrill tells them itself.

import type { EventKind } from '../../../model/trace.ts'

export const observable: ReadonlySet<EventKind> = new Set<EventKind>([
  'process.started',
  'process.exited',
  'process.titled',
  'node.starting',
  'node.accepting',
  'node.refusing',
  'node.down',
  'log.line',
  'connection.opened',
  'connection.closed',
  'wal.flushed',
  'wal.segment_created',
  'wal.segment_removed',
  'wal.received',
  'wal.replayed',
  'replication.acknowledged',
  'replication.state',
  'checkpoint.started',
  'checkpoint.completed',
  'vacuum.finished',
  'recovery.started',
  'recovery.consistent',
  'recovery.redo_done',
  'timeline.switched',
  'volume.changed',
  'slot.changed',
  'archive.queued',
  'archive.done',
])
