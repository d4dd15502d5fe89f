// pg_resetwal of a cluster that was shut down: its WAL goes, and it begins anew behind it with a checkpoint that has
// another next transaction id. Mirrors src/bin/pg_resetwal; what it can be forced to do is left out.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { controlFilePath, encodeControlFile, readControlFile } from '../wal/control-file.ts'
import { segmentOf, segmentSize, walFilePath } from '../wal/lsn.ts'
import { firstSegment } from './initdb.ts'

/** The header of a segment's first page. */
const longHeaderSize = 40
const segmentFile = /^pg_wal\/[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})$/
const goesWithTheWal = /^pg_wal\/(archive_status\/|[0-9A-F]{24})/
/** As it leaves them in pg_control: the server writes at its start what they really are. */
const defaults = {
  maxConnections: 100,
  maxWorkerProcesses: 8,
  maxWalSenders: 10,
  maxPreparedTransactions: 0,
  maxLocksPerTransaction: 64,
  walLevel: 'minimal',
  walLogHints: false,
} as const

/** Throws PostgresError with pg_resetwal's complaint. */
export function* resetWal(me: Process, environment: ServerEnvironment, nextXid: number): Coroutine {
  const { version, pgWal, data } = environment
  const control = yield* readControlFile(me, environment)
  if (control.state !== 'shut down' && control.state !== 'shut down in recovery') {
    fail('XX000', 'The database server was not shut down cleanly.')
  }
  const { redo: oldRedo, timeline } = control.checkPointCopy
  const files = pgWal.list('pg_wal/')
  const segment = files.reduce((last, path) => Math.max(last, segmentOfFile(path)), segmentOf(oldRedo)) + 1
  for (const path of files) if (goesWithTheWal.test(path)) pgWal.remove(path)
  const redo = segment * segmentSize + longHeaderSize
  const checkPoint = { ...control.checkPointCopy, redo, previousTimeline: timeline, nextXid, time: me.now() }
  pgWal.install(walFilePath(timeline, segment), firstSegment(version, control.systemIdentifier, checkPoint))
  data.install(
    controlFilePath,
    encodeControlFile(version, {
      ...control,
      ...defaults,
      state: 'shut down',
      time: me.now(),
      checkPoint: redo,
      checkPointCopy: checkPoint,
      minRecoveryPoint: 0,
      minRecoveryPointTimeline: 0,
      backupStartPoint: 0,
      backupEndPoint: 0,
      backupEndRequired: false,
    }),
  )
}

function segmentOfFile(path: string): number {
  const [, high, low] = segmentFile.exec(path) ?? []
  return high === undefined ? 0 : Number.parseInt(high, 16) * 256 + Number.parseInt(low, 16)
}
