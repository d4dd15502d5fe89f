// Which transactions had changed the catalogs at each moment of the WAL that is decoded, so that a change is read with
// the catalogs of its own time. Mirrors snapbuild.c. To begin with it must know of everybody who runs: it waits until
// those that ran when it began have ended.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import { snapshotPath } from '../replication/snapshot-files.ts'
import type { Snapshot } from '../transactions/snapshot.ts'
import { later, nextXid, precedes } from '../transactions/transaction-id.ts'
import { readSnapshot, writeSnapshot } from './saved-snapshot.ts'
import type { Decoding } from './services.ts'

/** Catalog rows as decoding sees them: what had been committed by then, as far as it concerns catalogs. */
export interface HistoricSnapshot {
  /** All before it had ended; the commit log knows how. */
  readonly xmin: number
  readonly xmax: number
  /** Of those in between: who had committed a change of the catalogs. */
  readonly committed: ReadonlySet<number>
}

/** Of a record that tells who runs. */
export interface RunningXacts {
  readonly xids: readonly number[]
  readonly nextXid: number
  readonly oldestRunning: number
}

type State = 'start' | 'building' | 'full' | 'consistent'

export class SnapshotBuilder {
  private readonly decoding: Decoding
  private state: State = 'start'
  private nextPhaseAt = 0
  /** Transactions that commit before this place are not handed out. */
  private startAt: number
  private xmin = 0
  private xmax = 0
  private committed: ReadonlySet<number> = new Set()
  private current: HistoricSnapshot | undefined
  /** The last snapshot of this run that is in a file; 0: none. */
  lastSaved = 0
  /** Commits that changed no catalog count too: the rows of tables are to be read with the snapshot as well. */
  private readonly isFull: boolean

  constructor(decoding: Decoding, startAt: number, isFull = false) {
    this.decoding = decoding
    this.startAt = startAt
    this.isFull = isFull
  }

  get isConsistent(): boolean {
    return this.state === 'consistent'
  }

  /** Whether changes of the transaction can be read from now on. */
  reads(xid: number): boolean {
    if (this.state === 'consistent') return true
    return this.state === 'full' && !precedes(xid, this.nextPhaseAt)
  }

  /** Whether a transaction that committed at `lsn` was handed out before, or began too early. */
  skips(lsn: number): boolean {
    return lsn < this.startAt
  }

  get snapshot(): HistoricSnapshot {
    this.current ??= { xmin: this.xmin, xmax: this.xmax, committed: this.committed }
    return this.current
  }

  /** SnapBuildInitialSnapshot: what had been committed where decoding begins, as queries see it. */
  initialSnapshot(): Snapshot {
    const { xmin, xmax, committed } = this
    const running: number[] = []
    for (let xid = xmin; precedes(xid, xmax); xid = nextXid(xid)) if (!committed.has(xid)) running.push(xid)
    return { xmin, xmax, running, commandId: 0, takenInRecovery: false }
  }

  /** A commit record. `changesCatalogs`: it or a subtransaction did. */
  commit(lsn: number, xid: number, subxids: readonly number[], changesCatalogs: boolean): void {
    if (this.state !== 'consistent' && this.startAt <= lsn) this.startAt = lsn + 1
    if (this.state === 'start' || !(changesCatalogs || this.isFull)) return
    this.committed = new Set([...this.committed, xid, ...subxids])
    const newest = subxids.reduce(later, xid)
    if (this.xmax === 0 || !precedes(newest, this.xmax)) this.xmax = nextXid(newest)
    this.current = undefined
  }

  /** SnapBuildProcessRunningXacts; true: the slot may move on to this record. */
  *running(lsn: number, running: RunningXacts): Coroutine<boolean> {
    const wasConsistent = this.state === 'consistent'
    if (wasConsistent) yield* this.save(lsn)
    else if (!(yield* this.find(lsn, running))) return false
    this.xmin = running.oldestRunning
    this.committed = new Set([...this.committed].filter(xid => !precedes(xid, this.xmin)))
    return true
  }

  /** SnapBuildFindSnapshot; false: there is nothing to clean up yet. */
  private *find(lsn: number, running: RunningXacts): Coroutine<boolean> {
    if (running.oldestRunning === running.nextXid) {
      if (this.startAt <= lsn) this.startAt = lsn + 1
      this.xmin = running.nextXid
      this.xmax = running.nextXid
      this.state = 'consistent'
      this.tell(`logical decoding found consistent point at ${formatLsn(lsn)}`, 'There are no running transactions.')
      return false
    }
    if (!this.isFull && this.restore(lsn)) return false
    const { xids, nextXid: next, oldestRunning } = running
    const waiting = `Waiting for transactions (approximately ${xids.length}) older than ${next} to end.`
    if (this.state === 'start') {
      this.xmin = next
      this.xmax = next
      this.enter('building', next)
      this.tell(`logical decoding found initial starting point at ${formatLsn(lsn)}`, waiting)
      yield* this.decoding.waitForEnd(xids)
    } else if (this.state === 'building' && !precedes(oldestRunning, this.nextPhaseAt)) {
      this.enter('full', next)
      this.tell(`logical decoding found initial consistent point at ${formatLsn(lsn)}`, waiting)
      yield* this.decoding.waitForEnd(xids)
    } else if (this.state === 'full' && !precedes(oldestRunning, this.nextPhaseAt)) {
      this.enter('consistent', 0)
      this.tell(
        `logical decoding found consistent point at ${formatLsn(lsn)}`,
        'There are no old transactions anymore.',
      )
    }
    return true
  }

  private enter(state: State, nextPhaseAt: number): void {
    this.state = state
    this.nextPhaseAt = nextPhaseAt
  }

  private restore(lsn: number): boolean {
    const { data } = this.decoding.environment
    if (!data.exists(snapshotPath(lsn))) return false
    const saved = readSnapshot(data.peek(snapshotPath(lsn)))
    this.xmin = saved.xmin
    this.xmax = saved.xmax
    this.committed = saved.committed
    this.current = undefined
    this.enter('consistent', 0)
    this.lastSaved = lsn
    this.tell(
      `logical decoding found consistent point at ${formatLsn(lsn)}`,
      'Logical decoding will begin using saved snapshot.',
    )
    return true
  }

  /** A place from which decoding can begin anew. */
  *save(lsn: number): Coroutine {
    if (this.state !== 'consistent') return
    yield* writeSnapshot(this.decoding, lsn, { xmin: this.xmin, xmax: this.xmax, committed: this.committed })
    this.lastSaved = lsn
  }

  private tell(message: string, detail: string): void {
    const { environment, me, proc } = this.decoding
    environment.log.log(me, message, { detail, statement: proc.statement })
  }
}
