// The btree's WAL records. Mirrors nbtxlog.h.

export const btreeInfo = {
  insertLeaf: 0x00,
  insertUpper: 0x10,
  splitLeft: 0x30,
  splitRight: 0x40,
  delete: 0x70,
  newRoot: 0xa0,
  vacuum: 0xc0,
} as const
