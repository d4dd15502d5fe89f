// How near the transaction ids of the cluster are to running out: the oldest that may stand unfrozen in each database,
// and from which id on autovacuum is forced, commands warn, and none gets an id any more. Mirrors SetTransactionIdLimit
// and what GetNewTransactionId asks it. What pg_database keeps of the databases is here.

import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { versionFacts } from '../shared/versions.ts'
import { FirstNormalXid, precedes } from './transaction-id.ts'

export interface DatabaseAge {
  readonly oid: number
  readonly name: string
  frozenXid: number
}

/** Half of all ids: more would make the past the future. */
const halfOfAll = 0x7fff_ffff
const stopsBefore = 3_000_000
const warnsBefore = 40_000_000
/** Whoever takes the first of so many ids reminds the postmaster. */
const remindEvery = 65_536
const orElse = 'You might also need to commit or roll back old prepared transactions, or drop stale replication slots.'

export class XidLimits {
  /** In the order of pg_database. */
  readonly databases: readonly DatabaseAge[] = [
    { oid: 5, name: 'postgres', frozenXid: FirstNormalXid },
    { oid: 1, name: 'template1', frozenXid: FirstNormalXid },
    { oid: 4, name: 'template0', frozenXid: FirstNormalXid },
  ]
  /** Asks the postmaster for a launcher that starts workers even with autovacuum = off. */
  askForAutovacuum: (cause: number | undefined) => void = () => {}
  /** From here on autovacuum is forced. */
  private vacuumLimit = 0
  private oldest: DatabaseAge = this.databases[1]
  private readonly environment: ServerEnvironment

  constructor(environment: ServerEnvironment) {
    this.environment = environment
    this.take(FirstNormalXid)
  }

  get oldestXid(): number {
    return this.oldest.frozenXid
  }

  /** The database that holds the oldest one. */
  get oldestDatabase(): DatabaseAge {
    return this.oldest
  }

  /** A checkpoint tells the oldest of all, and not whose it is. */
  take(oldestXid: number): void {
    for (const database of this.databases) database.frozenXid = oldestXid
    this.oldest = this.databases[1]
    this.reckon()
  }

  /** A vacuum has moved one of them on. */
  moved(): void {
    this.oldest = this.databases.reduce(older)
    this.reckon()
  }

  /** Whether autovacuum works against wraparound whatever the settings say. */
  isForced(nextXid: number): boolean {
    return !precedes(nextXid, this.vacuumLimit)
  }

  /** The database that autovacuum must go to first; undefined if none is in danger. */
  inDanger(nextXid: number): DatabaseAge | undefined {
    return this.isForced(nextXid) ? this.databases.reduce(older) : undefined
  }

  /** SetTransactionIdLimit's second half: asks for autovacuum, and says if it is late. `proc`: who has vacuumed; none at the start. */
  review(me: Process, nextXid: number, proc?: Proc): void {
    if (!this.isForced(nextXid)) return
    this.askForAutovacuum(me.cause)
    if (precedes(nextXid, this.limit(warnsBefore))) return
    const whose = proc ? `"${this.oldest.name}"` : `with OID ${this.oldest.oid}`
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
        `database is not accepting commands ${withoutXids.refusedCommands}to avoid wraparound data loss in database "${this.oldest.name}"`,
        { hint: `${withoutXids.cure}\n${orElse}` },
      )
    }
    if (precedes(xid, this.limit(warnsBefore))) return
    const warning = this.warning(xid, `"${this.oldest.name}"`, withoutXids.whenGivenOut)
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
    return ahead(this.oldest.frozenXid, halfOfAll - before)
  }

  private reckon(): void {
    this.vacuumLimit = ahead(this.oldest.frozenXid, this.environment.settings.get('autovacuum_freeze_max_age'))
  }
}

/** So many transactions after `xid`. */
function ahead(xid: number, count: number): number {
  return Math.max((xid + count) >>> 0, FirstNormalXid)
}

/** The first of equals. */
function older(a: DatabaseAge, b: DatabaseAge): DatabaseAge {
  return precedes(b.frozenXid, a.frozenXid) ? b : a
}
