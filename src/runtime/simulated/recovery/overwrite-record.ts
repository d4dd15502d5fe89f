// A record that breaks off at the end of the WAL is never completed: after a crash the WAL goes on at the page where its
// rest should stand, with a record that names the torn one. Mirrors CreateOverwriteContrecordRecord.

import type { Process } from '../machine/process.ts'
import { nanosecondsOf, timestampOf } from '../shared/timestamp.ts'
import { resourceManagerInfoMask, viewOf, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'

/** Gives where the record ends. */
export function insertOverwrite(me: Process, wal: Wal, torn: number): number {
  const record = wal.begin(resourceManagers.xlog, xlogInfo.overwriteContrecord, 0)
  record.data.u64(torn)
  record.data.u64(timestampOf(me.now()))
  return wal.insert(me, record)
}

/** A record that says which one it stands in place of; undefined for all others. */
export function readOverwrite(record: WalRecord): { readonly torn: number; readonly time: number } | undefined {
  if (record.resourceManager !== resourceManagers.xlog) return undefined
  if ((record.info & resourceManagerInfoMask) !== xlogInfo.overwriteContrecord) return undefined
  const view = viewOf(record.data)
  return { torn: Number(view.getBigInt64(0, true)), time: nanosecondsOf(Number(view.getBigInt64(8, true))) }
}
