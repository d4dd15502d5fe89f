// What becomes of a block whose disk does not keep it.

import type { Damage } from './engine.ts'

/** Of a page of a relation, and of one of the WAL. */
export const damagedBlockSize = 8192

export const walSegmentName = /^[0-9A-F]{24}$/

/** `bytes`: the block. */
export function damageBlock(bytes: Uint8Array, damage: Damage): void {
  if (damage === 'zeroed') bytes.fill(0)
  else if (damage === 'torn') bytes.fill(0, bytes.length / 2)
  else bytes[bytes.length / 2] ^= 1
}
