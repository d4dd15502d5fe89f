// The OIDs of new catalog rows. They are logged ahead, so that none is given twice after a crash. Mirrors
// GetNewObjectId of varsup.c; whether an OID is still in use somewhere is for the catalog to look at.

import type { Process } from '../machine/process.ts'
import { xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'

const prefetch = 8192
/** Lower ones are PostgreSQL's own. */
const firstNormal = 16384

export class OidCounter {
  next = firstNormal
  private logged = 0
  private readonly wal: Wal

  constructor(wal: Wal) {
    this.wal = wal
  }

  assign(me: Process): number {
    if (this.next < firstNormal) {
      this.next = firstNormal
      this.logged = 0
    }
    if (this.logged === 0) {
      const record = this.wal.begin(resourceManagers.xlog, xlogInfo.nextOid, 0)
      record.data.u32(this.next + prefetch)
      this.wal.insert(me, record)
      this.logged = prefetch
    }
    this.logged--
    return this.next++
  }

  /** For a checkpoint: the first that might not have been given yet after a crash. */
  get nextLogged(): number {
    return this.next + this.logged
  }

  /** From a checkpoint or a replayed record. */
  start(next: number): void {
    this.next = next
    this.logged = 0
  }
}
