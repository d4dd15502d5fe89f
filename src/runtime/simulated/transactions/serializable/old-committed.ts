// What is left of committed serializable transactions when there are too many to know each: by xid, the earliest commit
// that it had a conflict out to. Mirrors the SLRU of predicate.c (pg_serial), whose pages nobody sees.

import { precedes } from '../transaction-id.ts'

export class OldCommitted {
  private readonly earliest = new Map<number, number>()
  /** The oldest that a running serializable transaction may not have seen; 0: none runs. */
  private oldest = 0

  add(xid: number, earliestOutConflict: number): void {
    if (this.oldest !== 0 && !precedes(xid, this.oldest)) this.earliest.set(xid, earliestOutConflict)
  }

  /** Undefined: nothing is known of it. Infinity: it had no conflict out. */
  earliestOutConflictOf(xid: number): number | undefined {
    return this.earliest.get(xid)
  }

  forgetBefore(oldest: number): void {
    this.oldest = oldest
    for (const xid of this.earliest.keys()) if (oldest === 0 || precedes(xid, oldest)) this.earliest.delete(xid)
  }
}
