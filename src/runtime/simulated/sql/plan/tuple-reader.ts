// Turns a table's tuples into rows: its columns at their slots, and the system columns that something asks for.

import type { HeapTuple } from '../../access/heap-tuple.ts'
import { deformTuple } from '../../access/tuple.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import type { Row } from '../expressions/execution.ts'

/** Reads the columns up to the last one that the statement looks at. */
export function readTuple(tuple: HeapTuple, entry: RangeEntry): Row {
  const count = entry.readColumns
  const table = entry.table!
  const values: Row = []
  deformTuple(tuple, table.descriptor, values, count)
  if (entry.offset === 0) {
    values[entry.tidSlot] = tuple.tid
    if (entry.usedSystemColumns.size > 0) addSystemColumns(values, tuple, entry)
    return values
  }
  const row: Row = new Array(entry.offset + entry.width).fill(null)
  for (let index = 0; index < count; index++) row[entry.offset + index] = values[index]
  row[entry.tidSlot] = tuple.tid
  if (entry.usedSystemColumns.size > 0) addSystemColumns(row, tuple, entry)
  return row
}

function addSystemColumns(row: Row, tuple: HeapTuple, entry: RangeEntry): void {
  const at = entry.tidSlot
  row[at + 1] = tuple.xmin
  row[at + 2] = tuple.commandId
  row[at + 3] = tuple.xmax
  row[at + 4] = tuple.commandId
  row[at + 5] = entry.table!.id
}
