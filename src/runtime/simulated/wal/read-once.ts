// What a record tells is read once, however many servers replay it: a record that was decoded a moment ago is the same
// object for all standbys of a primary. What is kept is as little, and as short-lived, as the decoded records themselves.

import { rememberedRecords, slotOf } from './decoded-records.ts'
import type { WalRecord } from './record.ts'

interface Known<Told> {
  readonly record: WalRecord
  /** The same bytes may tell something else in another version; 0: they don't. */
  readonly version: number
  readonly told: Told
}

/** `read`, which may look at nothing but the record, and the version if it is given; what it gives must not change. */
export function readOnce<Told>(
  read: (record: WalRecord, version: number) => Told,
): (record: WalRecord, version?: number) => Told {
  const remembered: (Known<Told> | undefined)[] = new Array(rememberedRecords).fill(undefined)
  return (record, version = 0) => {
    const slot = slotOf(record.start)
    const known = remembered[slot]
    if (known?.record === record && known.version === version) return known.told
    const told = read(record, version)
    remembered[slot] = { record, version, told }
    return told
  }
}
