// Whether the WAL that a slot needs is still there, and for how long. Mirrors KeepLogSeg and GetWALAvailability (xlog.c).

import type { Settings } from '../settings/settings.ts'
import { segmentOf, segmentSize } from '../wal/lsn.ts'

/** As pg_replication_slots.wal_status has it. */
export type WalStatus = 'reserved' | 'extended' | 'unreserved' | 'lost'

/** Where the WAL of a server stands. */
export interface WalExtent {
  /** How far it is written; 0 while it is only replayed. */
  readonly written: number
  /** The highest segment that was removed; 0: none. */
  readonly lastRemoved: number
  /** The oldest WAL that a slot needs; infinity if none does. */
  readonly required: number
}

/** The oldest segment that slots and wal_keep_size hold back, the WAL ending at `end`. */
export function oldestKept(settings: Settings, end: number, required: number): number {
  const current = segmentOf(end)
  let oldest = current
  if (required < end) {
    oldest = segmentOf(required)
    const limit = settings.get('max_slot_wal_keep_size')
    if (limit >= 0) oldest = Math.max(oldest, current - Math.floor(limit / segmentSize))
  }
  const keep = Math.floor(settings.get('wal_keep_size') / segmentSize)
  return keep > 0 ? Math.min(oldest, Math.max(1, current - keep)) : oldest
}

/** Of WAL from `restartLsn` on, which is not 0. */
export function walStatus(
  settings: Settings,
  { written, lastRemoved, required }: WalExtent,
  restartLsn: number,
): WalStatus {
  const segment = segmentOf(restartLsn)
  if (segment >= oldestKept(settings, written, required)) {
    const usual = Math.floor(settings.get('max_wal_size') / segmentSize) + 1
    return segment >= segmentOf(written) - usual ? 'reserved' : 'extended'
  }
  return segment > lastRemoved ? 'unreserved' : 'lost'
}

/** How many bytes may still be written until the slot is in danger; negative: it is. No limit: undefined. */
export function safeWalSize(settings: Settings, written: number, restartLsn: number): number | undefined {
  const limit = settings.get('max_slot_wal_keep_size')
  if (limit < 0) return undefined
  const kept = Math.max(Math.floor(limit / segmentSize), Math.floor(settings.get('wal_keep_size') / segmentSize))
  return (segmentOf(restartLsn) + kept + 1) * segmentSize - written
}
