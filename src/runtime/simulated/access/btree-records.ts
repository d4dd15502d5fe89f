// The btree's WAL records. Mirrors nbtxlog.h.

import type { Bytes } from '../wal/record-builder.ts'
import type { Meta } from './btree-page.ts'

export const btreeInfo = {
  insertLeaf: 0x00,
  insertUpper: 0x10,
  insertMeta: 0x20,
  splitLeft: 0x30,
  splitRight: 0x40,
  delete: 0x70,
  unlinkPage: 0x80,
  unlinkPageMeta: 0x90,
  newRoot: 0xa0,
  markPageHalfDead: 0xb0,
  vacuum: 0xc0,
  reusePage: 0xd0,
  metaCleanup: 0xe0,
} as const

/** xl_btree_metadata, as a block's data. */
export function appendMeta(data: Bytes, meta: Meta, equalImage: boolean): void {
  data.u32(4)
  for (const value of [meta.root, meta.level, meta.fastRoot, meta.fastLevel, meta.deletedPages]) data.u32(value)
  data.u32(equalImage ? 1 : 0)
}
