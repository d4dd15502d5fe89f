// Records that were decoded a moment ago: the standbys of one primary replay the same bytes one after the other. A record
// is known again by its bytes alone, each of them compared, so that it does not matter whose WAL it was found in.

import type { WalRecord } from './record.ts'

/** 64 kB of the log: standbys that are further apart than that decode for themselves. */
export const rememberedRecords = 2048
/** Few records are shorter; those that share a slot are forgotten for each other. */
const bytesPerSlot = 32

interface Decoded {
  readonly record: WalRecord
  readonly bytes: Uint8Array
}

const remembered: (Decoded | undefined)[] = new Array(rememberedRecords).fill(undefined)

/** `bytes`: the whole record. They and the record must not change any more. */
export function rememberRecord(record: WalRecord, bytes: Uint8Array): void {
  remembered[slotOf(record.start)] = { record, bytes }
}

/** The record at LSN `start` whose `length` bytes begin at `offset` of `page`, if it is remembered. */
export function recallRecord(start: number, page: Uint8Array, offset: number, length: number): WalRecord | undefined {
  const known = remembered[slotOf(start)]
  if (known?.record.start !== start || known.bytes.length !== length) return undefined
  const { bytes } = known
  for (let at = 0; at < length; at++) if (bytes[at] !== page[offset + at]) return undefined
  return known.record
}

/** Where the record that begins at this LSN is kept. */
export function slotOf(start: number): number {
  return Math.floor(start / bytesPerSlot) % rememberedRecords
}
