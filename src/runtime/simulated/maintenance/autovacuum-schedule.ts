// When the autovacuum launcher sends a worker to which database: each has a turn in every naptime, if anybody has ever
// counted anything there. Mirrors rebuild_database_list and do_start_worker of autovacuum.c.

import { millisecond } from '../../../model/units.ts'
import { type Database, type Databases, isInvalid } from '../catalog/databases.ts'
import type { SettingsReader } from '../settings/settings.ts'
import type { CumulativeStatistics } from '../statistics/cumulative-statistics.ts'
import type { Transactions } from '../transactions/transactions.ts'
import { older } from './database-age.ts'

/** Turns do not follow each other more closely. */
const closest = 110 * millisecond

interface Turn {
  readonly database: number
  nextAt: number
}

interface ScheduleServices {
  readonly databases: Databases
  readonly statistics: CumulativeStatistics
  readonly transactions: Transactions
}

export class AutovacuumSchedule {
  private readonly services: ScheduleServices
  private readonly settings: SettingsReader
  /** The next one first. */
  private turns: Turn[] = []

  constructor(services: ScheduleServices, settings: SettingsReader) {
    this.services = services
    this.settings = settings
  }

  /** When the next turn is; undefined: nobody has one. */
  get nextAt(): number | undefined {
    return this.turns.at(0)?.nextAt
  }

  /** Spreads the turns evenly over a naptime that begins now; `first` comes first. */
  rebuild(now: number, first?: number): void {
    const known = this.databases()
      .filter(({ oid }) => this.services.statistics.find(oid))
      .map(({ oid }) => oid)
    const order = [...(first === undefined ? [] : [first]), ...this.turns.map(({ database }) => database), ...known]
    const databases = [...new Set(order)].filter(each => known.includes(each))
    const step = Math.max(Math.floor(this.naptime / Math.max(1, databases.length)), closest)
    this.turns = databases.map((database, index) => ({ database, nextAt: now + (index + 1) * step }))
  }

  /** The database to which a worker is to go now, if there is one; its next turn is a naptime later. */
  choose(now: number): number | undefined {
    const { transactions, statistics } = this.services
    const all = this.databases()
    if (transactions.limits.isForced(transactions.nextXid)) return this.take(all.reduce(older).oid, now)
    const waiting = all.filter(({ oid }) => statistics.find(oid) && !this.hasItsTurnSoon(oid, now))
    const longestAlone = (a: Database, b: Database) =>
      statistics.of(b.oid).lastAutovacuum < statistics.of(a.oid).lastAutovacuum ? b : a
    if (waiting.length > 0) return this.take(waiting.reduce(longestAlone).oid, now)
    this.rebuild(now)
    return undefined
  }

  private take(database: number, now: number): number {
    const turn = this.turns.find(each => each.database === database)
    if (!turn) this.rebuild(now, database)
    else {
      turn.nextAt = now + this.naptime
      this.turns = [...this.turns.filter(each => each !== turn), turn]
    }
    return database
  }

  private hasItsTurnSoon(database: number, now: number): boolean {
    const turn = this.turns.find(each => each.database === database)
    return turn !== undefined && turn.nextAt > now && turn.nextAt <= now + this.naptime
  }

  private databases(): Database[] {
    return this.services.databases.all().filter(each => !isInvalid(each))
  }

  private get naptime(): number {
    return this.settings.get('autovacuum_naptime')
  }
}
