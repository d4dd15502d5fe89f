// Which transaction a subtransaction belongs to. Mirrors subtrans.c; what it keeps need not outlive a crash, and there
// it doesn't.

import { precedes } from './transaction-id.ts'

export class Subtransactions {
  private readonly parents = new Map<number, number>()

  setParent(xid: number, parent: number): void {
    this.parents.set(xid, parent)
  }

  /** 0 for a top-level transaction. */
  parentOf(xid: number): number {
    return this.parents.get(xid) ?? 0
  }

  /** Forgets those that nobody can still ask for: a checkpoint does this. */
  truncate(oldest: number): void {
    for (const xid of this.parents.keys()) if (precedes(xid, oldest)) this.parents.delete(xid)
  }
}
