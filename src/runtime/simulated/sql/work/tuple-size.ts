// How long a row is where PostgreSQL keeps it in memory or in a temporary file: as a minimal tuple. Mirrors
// heap_form_minimal_tuple.

import { align } from '../../access/tuple-codec.ts'
import type { Type, Value } from '../../catalog/types/type.ts'

/** Where a column of a kept row comes from: a slot of the row, or a key that was computed; else it is guessed. */
export interface KeptColumn {
  readonly type: Type
  readonly slot?: number
  readonly key?: number
}

const headerSize = 15
/** The part of the header that is not written to files, and the length word that stands there instead. */
const unwritten = 10
const lengthWord = 4
/** The longest varlena that a length word of one byte serves. */
const shortLimit = 126
/** What PostgreSQL's planner takes for the width of a text that it knows nothing of. */
const guessedWidth = 32

const noKeys: readonly Value[] = []

/** Of a minimal tuple, in bytes. */
export function tupleSize(
  columns: readonly KeptColumn[],
  row: readonly Value[],
  keys: readonly Value[] = noKeys,
): number {
  let size = 0
  let hasNulls = false
  for (const { type, slot, key } of columns) {
    const value = slot !== undefined ? row[slot] : key !== undefined ? keys[key] : undefined
    if (value === null) hasNulls = true
    else if (type.length >= 0) size = align(size, type.align) + type.length
    else {
      const length = value === undefined ? guessedWidth : lengthOf(type, value)
      size = length <= shortLimit ? size + 1 + length : align(size, type.align) + 4 + length
    }
  }
  return align(headerSize + (hasNulls ? Math.ceil(columns.length / 8) : 0), 8) + size
}

/** The same as it stands in a file of a sort or of a kept result. */
export function sizeOnTape(size: number): number {
  return size - unwritten + lengthWord
}

function lengthOf(type: Type, value: Value): number {
  if (typeof value !== 'string') return type.toBytes!(value).length
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are ASCII too.
  return /^[\x00-\x7f]*$/.test(value) ? value.length : type.toBytes!(value).length
}
