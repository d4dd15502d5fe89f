// One table's vacuum with all around it: its transaction, its lock, the catalog, the statistics, the report. Mirrors
// vacuum_rel, and the beginning and end of heap_vacuum_rel.

import { type ClassRow, readClassRow, updateStatistics } from '../catalog/class-row.ts'
import { Table } from '../catalog/relations.ts'
import type { Coroutine } from '../kernel/task.ts'
import { RowExclusiveLock, ShareUpdateExclusiveLock } from '../locks/lock-mode.ts'
import type { Process } from '../machine/process.ts'
import { PostgresError } from '../shared/error.ts'
import type { LogLevel } from '../shared/log.ts'
import type { Proc } from '../shared/proc.ts'
import type { UsageMeter } from '../shared/usage-meters.ts'
import type { SqlServices } from '../sql/context.ts'
import { isNormal, precedes } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { CostDelay, type CostParameters } from './cost-delay.ts'
import { before, type Cutoffs, cutoffsOf, type FreezeAges } from './cutoffs.ts'
import { type VacuumResult, vacuumTable } from './vacuum.ts'
import { vacuumReport } from './vacuum-report.ts'

/** Who does maintenance, and where. */
export interface Maintainer {
  readonly services: SqlServices
  readonly me: Process
  readonly proc: Proc
  readonly transaction: TransactionState
  /** What messages call the database. */
  readonly database: string
  /** A message to the client, or to the log where there is none. */
  readonly tell: (level: LogLevel, sqlstate: string, message: string, hint?: string, detail?: string) => void
}

export interface WorkParameters {
  /** Set for an autovacuum worker. */
  readonly automatic?: { readonly isWraparound: boolean }
  /** VERBOSE. */
  readonly isVerbose: boolean
  /** Of an automatic one: reported if it took so long, in nanoseconds; -1: never. */
  readonly logMinDuration: number
  /** SKIP_LOCKED: leaves a table alone that somebody has locked. */
  readonly skipsLocked: boolean
  readonly costs: () => CostParameters
}

export interface VacuumParameters extends WorkParameters {
  readonly freezeAges: FreezeAges
  /** Undefined: as the table's vacuum_truncate says. */
  readonly truncates: boolean | undefined
  /** Undefined: as the table's vacuum_index_cleanup says. */
  readonly indexCleanup: 'auto' | 'on' | 'off' | undefined
  /** DISABLE_PAGE_SKIPPING. */
  readonly skipsNoPage: boolean
}

/** In a transaction of its own, which ends with it; the caller has one that stands, and gets one. */
export function* vacuumRelation(maintainer: Maintainer, oid: number, parameters: VacuumParameters): Coroutine {
  const { transaction, proc } = maintainer
  yield* transaction.commitCommand()
  transaction.startCommand()
  proc.inVacuum = true
  proc.preventsWraparound = parameters.automatic?.isWraparound ?? false
  // Nobody keeps rows for this snapshot.
  transaction.pushActiveSnapshot(transaction.snapshot())
  const table = yield* openForWork(maintainer, oid, 'vacuum', parameters)
  if (table) yield* vacuumLocked(maintainer, table, parameters)
  transaction.popActiveSnapshot()
  yield* transaction.commitCommand()
  transaction.startCommand()
}

/** The table, locked; undefined if it is gone, or locked and not to be waited for. */
export function* openForWork(
  { services, transaction, proc, tell }: Maintainer,
  oid: number,
  work: 'vacuum' | 'analyze',
  { skipsLocked, automatic, logMinDuration }: WorkParameters,
): Coroutine<Table | undefined> {
  const { locks, catalog } = services
  const seen = (catalog.tryImage(transaction) ?? (yield* catalog.image(transaction))).byOid(oid)
  if (!(seen instanceof Table)) return undefined
  if (!locks.tryAcquire(proc, seen.lockTag, ShareUpdateExclusiveLock)) {
    if (skipsLocked) {
      const message = `skipping ${work} of "${seen.name}" --- lock not available`
      if (!automatic) tell('WARNING', '55P03', message)
      else if (logMinDuration >= 0) tell('LOG', '55P03', message)
      return undefined
    }
    yield* locks.acquire(proc, seen.lockTag, ShareUpdateExclusiveLock)
  }
  // Whoever had it locked may have changed it.
  const table = (catalog.tryImage(transaction) ?? (yield* catalog.image(transaction))).byOid(oid)
  return table instanceof Table ? table : undefined
}

function* vacuumLocked(maintainer: Maintainer, table: Table, parameters: VacuumParameters): Coroutine {
  const { services, me, proc } = maintainer
  const { meters } = services.wal
  const meter = meters.start(me)
  try {
    yield* vacuumMetered(maintainer, table, parameters, meter)
  } catch (error) {
    if (error instanceof PostgresError) addContext(error, proc.vacuumProgress?.describe())
    throw error
  } finally {
    meters.stop(meter)
    proc.vacuumProgress = undefined
  }
}

export function addContext(error: PostgresError, context: string | undefined): void {
  if (context !== undefined) error.context = error.context === undefined ? context : `${error.context}\n${context}`
}

function* vacuumMetered(
  maintainer: Maintainer,
  table: Table,
  parameters: VacuumParameters,
  meter: UsageMeter,
): Coroutine {
  const { services, me, proc, transaction, tell } = maintainer
  const { settings } = proc
  let { costs } = parameters
  const row = yield* readClassRow(services, transaction, table.id)
  if (!row) return
  const frozenXid = row.get('relfrozenxid')
  const cutoffs = cutoffsOf(
    services.transactions,
    settings,
    { database: table.database, frozenXid, isCatalog: table.isCatalog },
    parameters.freezeAges,
  )
  warnOfOldCutoff(maintainer, cutoffs)
  if (parameters.isVerbose) {
    const how = cutoffs.isAggressive ? 'aggressively vacuuming' : 'vacuuming'
    tell('INFO', '00000', `${how} "${nameOf(maintainer, table)}"`)
  }
  for (const index of table.indexes) yield* services.locks.acquire(proc, index.lockTag, RowExclusiveLock)
  const isFailsafe = needsFailsafe(services.transactions.nextXid, frozenXid, settings)
  if (isFailsafe) {
    warnOfFailsafe(maintainer, table)
    costs = () => ({ delay: 0, limit: 1 })
  }
  const costDelay = new CostDelay(me, meter, settings, costs)
  const result = yield* vacuumTable(
    services.heap.services,
    services.btree,
    transaction,
    table,
    {
      cutoffs: parameters.skipsNoPage ? { ...cutoffs, isAggressive: true } : cutoffs,
      truncates: !isFailsafe && (parameters.truncates ?? truncatesByDefault(row, maintainer)),
      indexCleanup: isFailsafe ? 'off' : (parameters.indexCleanup ?? indexCleanupOf(row)),
      skipsNoPage: parameters.skipsNoPage,
      known: { pages: row.get('relpages'), tuples: row.get('reltuples') },
      memory: memoryFor(maintainer, parameters),
      delayPoint: () => costDelay.point(),
    },
    parameters.isVerbose ? message => tell('INFO', '00000', message) : undefined,
  )
  const movedOn = yield* noteResult(maintainer, table, result)
  const { live, dead } = {
    live: Math.max(result.liveTuples, 0),
    dead: result.state.recentlyDead + result.state.missedDead,
  }
  services.statistics
    .of(proc.databaseId)
    .vacuumed(table.id, { live, dead }, me.now(), parameters.automatic !== undefined)
  report(maintainer, table, parameters, {
    result,
    meter,
    frozenXid: movedOn ? { before: frozenXid, after: result.frozenXid } : undefined,
  })
}

/** vacuum_xid_failsafe_check: so old that nothing counts but freezing. */
function needsFailsafe(nextXid: number, frozenXid: number, settings: Proc['settings']): boolean {
  const leastAge = Math.floor(settings.get('autovacuum_freeze_max_age') * 1.05)
  const age = Math.max(settings.get('vacuum_failsafe_age'), leastAge)
  return isNormal(frozenXid) && precedes(frozenXid, before(nextXid, age))
}

function warnOfFailsafe(maintainer: Maintainer, table: Table): void {
  maintainer.tell(
    'WARNING',
    '01000',
    `bypassing nonessential maintenance of table "${nameOf(maintainer, table)}" as a failsafe after 0 index scans`,
    'Consider increasing configuration parameter "maintenance_work_mem" or "autovacuum_work_mem".\nYou might also need to consider other ways for VACUUM to keep up with the allocation of transaction IDs.',
    "The table's relfrozenxid or relminmxid is too far in the past.",
  )
}

function warnOfOldCutoff({ tell }: Maintainer, { isFarInThePast }: Cutoffs): void {
  if (!isFarInThePast) return
  tell(
    'WARNING',
    '01000',
    'oldest xmin is far in the past',
    'Close open transactions soon to avoid wraparound problems.\nYou might also need to commit or roll back old prepared transactions, or drop stale replication slots.',
  )
}

/** The catalog hears of the table, and of the indexes that were gone through. */
function* noteResult({ services, transaction }: Maintainer, table: Table, result: VacuumResult): Coroutine<boolean> {
  for (const [place, index] of table.indexes.entries()) {
    const found = result.state.indexResults[place]
    if (!found || found.isEstimated) continue
    yield* updateStatistics(services, transaction, index.id, { pages: found.pages, tuples: found.tuples })
  }
  return yield* updateStatistics(services, transaction, table.id, {
    pages: result.pages,
    tuples: result.liveTuples,
    allVisible: result.allVisible,
    frozenXid: result.frozenXid,
  })
}

function report(
  maintainer: Maintainer,
  table: Table,
  { automatic, isVerbose, logMinDuration }: VacuumParameters,
  found: Pick<Parameters<typeof vacuumReport>[1], 'result' | 'meter' | 'frozenXid'>,
): void {
  const { services, me, tell } = maintainer
  const elapsed = me.now() - found.meter.startedAt
  const isWanted = isVerbose || (automatic !== undefined && logMinDuration >= 0 && elapsed >= logMinDuration)
  if (!isWanted) return
  const { environment, nextXid } = services.transactions
  const name = nameOf(maintainer, table)
  tell(
    isVerbose ? 'INFO' : 'LOG',
    '00000',
    vacuumReport(environment.version, { ...found, automatic, name, nextXid, elapsed }),
  )
}

/** postgres.public.account */
export function nameOf({ database }: Maintainer, table: Table): string {
  return `${database}.${table.isCatalog ? 'pg_catalog' : 'public'}.${table.name}`
}

function truncatesByDefault(row: ClassRow, { proc }: Maintainer): boolean {
  const own = row.options.get('vacuum_truncate')
  if (own !== undefined) return own === 'true' || own === 'on'
  // Before 18 there is no such setting.
  return proc.settings.get('vacuum_truncate') ?? true
}

function indexCleanupOf(row: ClassRow): 'auto' | 'on' | 'off' {
  const own = row.options.get('vacuum_index_cleanup') ?? 'auto'
  if (own === 'auto') return own
  return own === 'true' || own === 'on' ? 'on' : 'off'
}

function memoryFor({ proc }: Maintainer, { automatic }: VacuumParameters): number {
  const own = automatic ? proc.settings.get('autovacuum_work_mem') : -1
  return own > 0 ? own : proc.settings.get('maintenance_work_mem')
}
