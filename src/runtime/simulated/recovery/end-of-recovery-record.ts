// The record that a promoted server begins its timeline with, in place of a checkpoint. Mirrors xl_end_of_recovery and
// CreateEndOfRecoveryRecord.

import type { Process } from '../machine/process.ts'
import { timestampOf } from '../shared/timestamp.ts'
import { xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import { codeOf } from '../wal/wal-level.ts'

/** Gives its end. */
export function insertEndOfRecovery(me: Process, wal: Wal, previousTimeline: number, version: number): number {
  const record = wal.begin(resourceManagers.xlog, xlogInfo.endOfRecovery, 0)
  record.data.u64(timestampOf(me.now()))
  record.data.u32(wal.timeline)
  record.data.u32(previousTimeline)
  if (version >= 18) record.data.u32(codeOf(wal.level))
  return wal.insert(me, record)
}

export function endOfRecoveryTimeline(view: DataView): { readonly timeline: number; readonly previous: number } {
  return { timeline: view.getUint32(8, true), previous: view.getUint32(12, true) }
}
