// Entries that lead to nothing leave a leaf: when room is short, those that scans have found dead; in a vacuum, those of
// the rows that it removes. Mirrors _bt_delitems_delete and _bt_delitems_vacuum.

import type { Process } from '../machine/process.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState } from '../storage/page.ts'
import { previousXid } from '../transactions/transaction-id.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { btreeFlag, firstDataLine, flagsOf, setFlags } from './btree-page.ts'
import { btreeInfo } from './btree-records.ts'
import type { Changer } from './btree-split.ts'
import type { HeapServices } from './heap-services.ts'
import { indexTupleAt, tidOf } from './index-tuple.ts'
import type { Index } from './relation.ts'
import type { Tid } from './tid.ts'

export function removeDeadEntries(heap: HeapServices, changer: Changer, index: Index, leaf: Buffer): void {
  const { page } = leaf
  const lines: number[] = []
  for (let line = firstDataLine(page); line <= page.lineCount; line++) {
    if (page.itemState(line) === lineState.dead) lines.push(line)
  }
  setFlags(page, flagsOf(page) & ~btreeFlag.hasGarbage)
  if (lines.length === 0) return
  page.deleteItems(lines)
  heap.buffers.markDirty(leaf)
  const record = heap.wal.begin(resourceManagers.btree, btreeInfo.delete, changer.xid)
  // Everyone whose snapshot is older may miss the rows on a standby; PostgreSQL finds the exact one in the table.
  record.data.u32(previousXid(heap.transactions.oldestNonRemovable(index.database, index.isCatalog)))
  record.data.u16(lines.length)
  record.data.u16(0)
  if (heap.environment.version >= 16) record.data.u8(heap.wal.isLogical && index.isCatalog ? 1 : 0)
  const data = record.block(0, leaf, registerFlag.standard)
  for (const line of lines) data.u16(line)
  page.lsn = heap.wal.insert(changer.me, record)
  changer.wrote(page.lsn)
}

/** Removes the entries of rows that are going; gives how many. */
export function vacuumLeaf(heap: HeapServices, me: Process, leaf: Buffer, isGone: (tid: Tid) => boolean): number {
  const { page } = leaf
  const lines: number[] = []
  for (let line = firstDataLine(page); line <= page.lineCount; line++) {
    if (isGone(tidOf(indexTupleAt(page, line)))) lines.push(line)
  }
  if (lines.length === 0) return 0
  page.deleteItems(lines)
  setFlags(page, flagsOf(page) & ~btreeFlag.hasGarbage)
  heap.buffers.markDirty(leaf)
  const record = heap.wal.begin(resourceManagers.btree, btreeInfo.vacuum, 0)
  record.data.u16(lines.length)
  record.data.u16(0)
  const data = record.block(0, leaf, registerFlag.standard)
  for (const line of lines) data.u16(line)
  page.lsn = heap.wal.insert(me, record)
  return lines.length
}
