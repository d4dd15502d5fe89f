// Where a tuple is: block and line pointer, as one number, so that thousands of them cost no objects.

/** block * 65536 + offset; the first offset is 1. */
export type Tid = number

export function makeTid(block: number, offset: number): Tid {
  return block * 0x1_0000 + offset
}

export function tidBlock(tid: Tid): number {
  return Math.floor(tid / 0x1_0000)
}

export function tidOffset(tid: Tid): number {
  return tid % 0x1_0000
}

/** As PostgreSQL prints a ctid: (0,1). */
export function formatTid(tid: Tid): string {
  return `(${tidBlock(tid)},${tidOffset(tid)})`
}
