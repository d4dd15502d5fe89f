// What a WAL sender sends from: how far the WAL is flushed here, and the bytes of it.

import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { Socket } from '../../machine/socket.ts'
import { standbyFlushed } from '../../recovery/standby-flushed.ts'
import type { WalSender } from '../../replication/wal-senders.ts'
import type { Server } from '../../server.ts'
import { fail } from '../../shared/error.ts'
import type { Proc } from '../../shared/proc.ts'
import type { Snapshot } from '../../transactions/snapshot.ts'
import type { TransactionState } from '../../transactions/transaction-state.ts'
import { segmentName, segmentOf, segmentOffset, segmentSize, walFilePath } from '../../wal/lsn.ts'
import { clientAddress } from '../backend/start-up.ts'

export interface Sending {
  readonly me: Process
  readonly server: Server
  readonly client: Socket
  readonly proc: Proc
  readonly sender: WalSender
  /** Of a subscriber that copies a table: it reads as of one place in the WAL. */
  transaction?: TransactionState
  snapshot?: Snapshot
}

/** Who it is to ps: from 16 on with the database of a subscriber. */
export function walSenderTitle({ me, server, client, proc }: Sending): string {
  const database = server.environment.version >= 16 && proc.database !== '' ? `${proc.database} ` : ''
  return `walsender ${proc.role} ${database}${clientAddress(me, client)}`
}

/** The timeline that this server is on, and how far its WAL is on the platter: a standby's what it received. */
export function flushedHere({ shared }: Server): { readonly timeline: number; readonly flushed: number } {
  const { recovery, wal, walReceiver } = shared
  if (!recovery.inRecovery) return { timeline: wal.timeline, flushed: wal.flushedLsn }
  return { timeline: recovery.replayedTimeline, flushed: standbyFlushed(recovery, walReceiver) }
}

/** The WAL from `start` to `end`, which lie in one segment; not to be changed. */
export function* readWal(
  { me, server }: Sending,
  timelines: readonly number[],
  start: number,
  end: number,
): Coroutine<Uint8Array> {
  const { pgWal } = server.environment
  const segment = segmentOf(start)
  const path = timelines.map(timeline => walFilePath(timeline, segment)).find(each => pgWal.exists(each))
  if (path === undefined) {
    fail('58P01', `requested WAL segment ${segmentName(timelines[0], segment)} has already been removed`)
  }
  const offset = segmentOffset(start)
  const shared = pgWal.tryReadShared(me, path, offset, end - start)
  if (shared) return shared
  const bytes = new Uint8Array(end - start)
  yield* pgWal.read(me, path, offset, bytes, 'WALRead')
  return bytes
}

/** The end of the segment that `lsn` is in. */
export function segmentEnd(lsn: number): number {
  return (segmentOf(lsn) + 1) * segmentSize
}
