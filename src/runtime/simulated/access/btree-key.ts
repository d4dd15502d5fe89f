// What a search compares with the tuples of a btree. Mirrors _bt_compare: where all columns are equal the place in the
// heap decides, so that no two tuples are equal; a column that a pivot has lost is less than any value.

import type { Page } from '../storage/page.ts'
import { firstDataLine, isLeaf } from './btree-page.ts'
import { columnCount, heapTidOf, type IndexTuple, keyColumn } from './index-tuple.ts'
import type { Index, IndexColumn } from './relation.ts'
import type { Tid } from './tid.ts'
import type { Datum } from './tuple-descriptor.ts'

export interface SearchKey {
  /** Of the first columns. */
  readonly values: readonly Datum[]
  /** The place in the heap that breaks ties; missing: any. */
  readonly tid?: Tid
  /** Looks for the first tuple that is greater, not the first that is greater or equal. */
  readonly next: boolean
  /** It is the key of a pivot: what the pivot has lost is minus infinity here too. */
  readonly isPivot?: boolean
}

/** Orders two values of a column as the index has them: descending and nulls considered. */
export function compareColumn(column: IndexColumn, a: Datum, b: Datum): number {
  if (a === null || b === null) {
    if (a === b) return 0
    return (a === null) === column.nullsFirst ? -1 : 1
  }
  return column.descending ? column.compare(b, a) : column.compare(a, b)
}

/** Negative if the key stands before the tuple. */
export function compareKey(index: Index, key: SearchKey, tuple: IndexTuple): number {
  const { values } = key
  const count = columnCount(tuple, index.descriptor)
  const compared = Math.min(count, values.length)
  for (let column = 0; column < compared; column++) {
    const value = keyColumn(tuple, index.descriptor, column)
    const result = compareColumn(index.columns[column], values[column], value)
    if (result !== 0) return result
  }
  if (values.length > count) return 1
  const tid = heapTidOf(tuple)
  if (key.tid === undefined) {
    // A full key without a place is greater than a pivot without one: nothing equal stands before that pivot.
    return values.length === count && tid === undefined && !key.isPivot ? 1 : 0
  }
  if (tid === undefined) return 1
  return key.tid - tid
}

/** The same with the tuple at a line; the first of a page above the leaves is less than everything. */
export function compareLine(index: Index, key: SearchKey, page: Page, line: number): number {
  if (!isLeaf(page) && line === firstDataLine(page)) return 1
  cursor.bytes = page.bytes
  cursor.view = page.view
  cursor.at = page.itemOffset(line)
  return compareKey(index, key, cursor)
}

/** The tuple that is being compared: one object for all, as searches look at many. */
const cursor: { bytes: Uint8Array; view: DataView; at: number } = {
  bytes: new Uint8Array(0),
  view: new DataView(new ArrayBuffer(0)),
  at: 0,
}

/**
 * On a leaf the first line that is not before the key (with `next`: that is after it), one past the end if there is
 * none. Above the line that leads to where the key belongs. Mirrors _bt_binsrch.
 */
export function searchPage(index: Index, key: SearchKey, page: Page): number {
  const first = firstDataLine(page)
  let low = first
  let high = page.lineCount + 1
  const limit = key.next ? 0 : 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareLine(index, key, page, middle) >= limit) low = middle + 1
    else high = middle
  }
  return isLeaf(page) ? low : Math.max(first, low - 1)
}
