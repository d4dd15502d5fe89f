// How near the transaction ids of the cluster are to running out: the oldest that may stand unfrozen in each database,
// and from which id on autovacuum is forced, commands warn, and none gets an id any more. Mirrors SetTransactionIdLimit
// and what GetNewTransactionId asks it.

import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { versionFacts } from '../shared/versions.ts'
import { FirstNormalXid, precedes } from './transaction-id.ts'

/** Half of all ids: more would make the past the future. */
const halfOfAll = 0x7fff_ffff
const stopsBefore = 3_000_000
const warnsBefore = 40_000_000
/** Whoever takes the first of so many ids reminds the postmaster. */
const remindEvery = 65_536
const orElse = 'You might also need to commit or roll back old prepared transactions, or drop stale replication slots.'

export class XidLimits {
  /** The name of a database; the catalog, which stands above, tells it. */
  nameOf: (database: number) => string = () => ''
  /** Asks the postmaster for a launcher that starts workers even with autovacuum = off. */
  askForAutovacuum: (cause: number | undefined) => void = () => {}
  /** From here on autovacuum is forced. */
  private vacuumLimit = 0
  /** The oldest transaction id that a row may bear unfrozen. */
  oldestXid = FirstNormalXid
  /** OID of the database that holds it. */
  oldestDatabase = 1
  private readonly environment: ServerEnvironment

  constructor(environment: ServerEnvironment) {
    this.environment = environment
    this.take(FirstNormalXid, this.oldestDatabase)
  }

  /** As a checkpoint tells it, or a vacuum that has moved it on. */
  take(oldestXid: number, oldestDatabase: number): void {
    this.oldestXid = oldestXid
    this.oldestDatabase = oldestDatabase
    this.vacuumLimit = ahead(oldestXid, this.environment.settings.get('autovacuum_freeze_max_age'))
  }

  /** Whether autovacuum works against wraparound whatever the settings say. */
  isForced(nextXid: number): boolean {
    return !precedes(nextXid, this.vacuumLimit)
  }

  /** SetTransactionIdLimit's second half: asks for autovacuum, and says if it is late. `proc`: who has vacuumed; none at the start. */
  review(me: Process, nextXid: number, proc?: Proc): void {
    if (!this.isForced(nextXid)) return
    this.askForAutovacuum(me.cause)
    if (precedes(nextXid, this.limit(warnsBefore))) return
    const whose = proc ? `"${this.nameOf(this.oldestDatabase)}"` : `with OID ${this.oldestDatabase}`
    const avoided = versionFacts(this.environment.version).withoutXids.whenReviewed
    const warning = this.warning(nextXid, whose, avoided)
    this.environment.log.report(me, warning)
    proc?.notify?.(warning)
  }

  /** Before `xid` is given out. Throws 54000 if too few are left. */
  check(me: Process, proc: Proc, xid: number): void {
    if (!this.isForced(xid)) return
    if (xid % remindEvery === 0) this.askForAutovacuum(me.cause)
    const { withoutXids } = versionFacts(this.environment.version)
    if (!precedes(xid, this.limit(stopsBefore))) {
      fail(
        '54000',
        `database is not accepting commands ${withoutXids.refusedCommands}to avoid wraparound data loss in database "${this.nameOf(this.oldestDatabase)}"`,
        { hint: `${withoutXids.cure}\n${orElse}` },
      )
    }
    if (precedes(xid, this.limit(warnsBefore))) return
    const warning = this.warning(xid, `"${this.nameOf(this.oldestDatabase)}"`, withoutXids.whenGivenOut)
    this.environment.log.report(me, warning)
    proc.notify?.(warning)
  }

  private warning(xid: number, whose: string, avoided: string) {
    const left = (this.limit(0) - xid) >>> 0
    return {
      level: 'WARNING' as const,
      sqlstate: '01000',
      message: `database ${whose} must be vacuumed within ${left} transactions`,
      hint: `To avoid ${avoided}, execute a database-wide VACUUM in that database.\n${orElse}`,
    }
  }

  private limit(before: number): number {
    return ahead(this.oldestXid, halfOfAll - before)
  }
}

/** So many transactions after `xid`. */
function ahead(xid: number, count: number): number {
  return Math.max((xid + count) >>> 0, FirstNormalXid)
}
