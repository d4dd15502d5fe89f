// Putting index tuples on pages.

import type { Page } from '../storage/page.ts'
import { type IndexTuple, sizeOf } from './index-tuple.ts'

/** Adds it at a line, where those behind make room; without one at the end. */
export function addIndexTuple(page: Page, tuple: IndexTuple, line = page.lineCount + 1): void {
  const size = sizeOf(tuple)
  if (page.addItem(size, line, true) === 0) throw new Error(`no room for an index tuple of ${size} bytes`)
  const at = page.itemOffset(line)
  const { bytes } = page
  for (let from = tuple.at, to = at, end = at + size; to < end; ) bytes[to++] = tuple.bytes[from++]
}

export function contentOf(tuple: IndexTuple): Uint8Array {
  return tuple.bytes.subarray(tuple.at, tuple.at + sizeOf(tuple))
}
