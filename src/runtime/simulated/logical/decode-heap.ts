// Takes the tuples out of the heap's records, as far as wal_level logical put them in. Mirrors DecodeInsert, DecodeUpdate,
// DecodeDelete, DecodeMultiInsert and DecodeTruncate of decode.c.

import { deleteFlag, heapInfo, insertFlag, truncateFlag, updateFlag } from '../access/heap-records.ts'
import { HeapTuple, heapTupleHeaderSize } from '../access/heap-tuple.ts'
import { blockOf, viewOf, type WalRecord } from '../wal/record.ts'
import type { TruncateChange, TupleChange } from './changes.ts'
import type { HistoricSnapshot } from './snapshot-builder.ts'

/** xl_heap_header: both masks and the offset of the columns. */
const packedHeaderSize = 5
/** Before the old tuple in the main data. */
const deleteSize = 8
const updateSize = 14

/** A tuple of its own from what a record has of it, in `data` from `at` to `end`. */
function unpackTuple(data: Uint8Array, at: number, end: number): HeapTuple {
  const body = end - at - packedHeaderSize
  const bytes = new Uint8Array(heapTupleHeaderSize + body)
  const packed = viewOf(data)
  const tuple = new HeapTuple({ bytes, view: new DataView(bytes.buffer) }, 0, bytes.length, 0)
  tuple.mask2 = packed.getUint16(at, true)
  tuple.mask = packed.getUint16(at + 2, true)
  bytes[22] = data[at + 4]
  bytes.set(data.subarray(at + packedHeaderSize, end), heapTupleHeaderSize)
  return tuple
}

function wholeOf(data: Uint8Array, from = 0): HeapTuple {
  return unpackTuple(data, from, data.length)
}

export function decodeInsert(record: WalRecord, snapshot: HistoricSnapshot): TupleChange | undefined {
  const block = blockOf(record, 0)
  if ((record.data[2] & insertFlag.containsNewTuple) === 0) return undefined
  return change(record, snapshot, 'insert', { next: wholeOf(block.data!) })
}

export function decodeUpdate(record: WalRecord, snapshot: HistoricSnapshot): TupleChange | undefined {
  const flags = record.data[7]
  if ((flags & updateFlag.containsNewTuple) === 0) return undefined
  const isOldWhole = (flags & updateFlag.containsOldTuple) !== 0
  const hasOld = isOldWhole || (flags & updateFlag.containsOldKey) !== 0
  const old = hasOld ? wholeOf(record.data, updateSize) : undefined
  return change(record, snapshot, 'update', { next: wholeOf(blockOf(record, 0).data!), old, isOldWhole })
}

/** Undefined for tables whose rows are not logged; a row without a name is a change without an old tuple. */
export function decodeDelete(record: WalRecord, snapshot: HistoricSnapshot): TupleChange {
  const flags = record.data[7]
  const isOldWhole = (flags & deleteFlag.containsOldTuple) !== 0
  const hasOld = isOldWhole || (flags & deleteFlag.containsOldKey) !== 0
  return change(record, snapshot, 'delete', { old: hasOld ? wholeOf(record.data, deleteSize) : undefined, isOldWhole })
}

export function decodeMultiInsert(record: WalRecord, snapshot: HistoricSnapshot): TupleChange[] {
  if ((record.data[0] & insertFlag.containsNewTuple) === 0) return []
  const data = blockOf(record, 0).data!
  const view = viewOf(data)
  const changes: TupleChange[] = []
  let at = 0
  for (let left = viewOf(record.data).getUint16(2, true); left > 0; left--) {
    at += at % 2
    const end = at + 2 + packedHeaderSize + view.getUint16(at, true)
    changes.push(change(record, snapshot, 'insert', { next: unpackTuple(data, at + 2, end) }))
    at = end
  }
  return changes
}

export function decodeTruncate(record: WalRecord, snapshot: HistoricSnapshot): TruncateChange {
  const view = viewOf(record.data)
  return {
    kind: 'truncate',
    lsn: record.start,
    snapshot,
    relations: Array.from({ length: view.getUint32(4, true) }, (_, index) => view.getUint32(12 + 4 * index, true)),
    restartsSequences: (view.getUint32(8, true) & truncateFlag.restartSequences) !== 0,
  }
}

function change(
  record: WalRecord,
  snapshot: HistoricSnapshot,
  kind: TupleChange['kind'],
  tuples: { readonly next?: HeapTuple; readonly old?: HeapTuple; readonly isOldWhole?: boolean },
): TupleChange {
  const { next, old, isOldWhole = false } = tuples
  return { kind, lsn: record.start, locator: blockOf(record, 0).locator, snapshot, next, old, isOldWhole }
}

/** What kind of heap record it is, whether or not it makes its page anew. */
export function heapOperation(record: WalRecord): number {
  return record.info & heapInfo.operationMask
}
