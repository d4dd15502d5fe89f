// What one backend tells the others that it changed in the catalogs, when it commits. Stands for sinvaladt.c, whose queue
// says what has changed: here it is enough to know that something has, because the catalogs are then read anew.

/** 16 bytes in a commit record. What the numbers mean is between the catalog and itself. */
export interface InvalidationMessage {
  /** The catalog cache's id (0 and up), or -1 catalog, -2 relation, -3 file, -4 relation map, -5 snapshot. */
  readonly id: number
  /** 0: shared. */
  readonly database: number
  /** The relation's OID, or the hash of a catalog row. */
  readonly value: number
}

export class Invalidations {
  /** How many were sent: who has kept something of the catalogs compares it with what it was then. */
  sent = 0

  send(messages: readonly InvalidationMessage[]): void {
    this.sent += messages.length
  }
}
