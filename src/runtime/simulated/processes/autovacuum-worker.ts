// An autovacuum worker: looks through the tables of its database once, vacuums and analyses those that need it, and
// ends. Mirrors AutoVacWorkerMain and do_autovacuum of autovacuum.c. Catalogs are left alone: here they have so few rows
// that they would be vacuumed far more often than on a real server, unless their transaction ids would run out.

import { microsecond, millisecond } from '../../../model/units.ts'
import { type ClassRow, readClassRow, readClassRows } from '../catalog/class-row.ts'
import { catalogNamespace } from '../catalog/tables.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { analyzeRelation } from '../maintenance/analyze.ts'
import type { AutovacuumWorker } from '../maintenance/autovacuum-workers.ts'
import type { CostParameters } from '../maintenance/cost-delay.ts'
import { updateDatabaseAge } from '../maintenance/database-age.ts'
import { type Need, needOf, numericOption } from '../maintenance/thresholds.ts'
import { addContext, type Maintainer, vacuumRelation, type WorkParameters } from '../maintenance/vacuum-relation.ts'
import type { Server, SharedMemory } from '../server.ts'
import { SessionSettings } from '../settings/session-settings.ts'
import { fail, fatal, PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { settleIn } from '../shared/process-memory.ts'
import { TransactionState } from '../transactions/transaction-state.ts'
import { defaultTablespace } from '../wal/record.ts'
import { report, setTitle, whole } from './auxiliary.ts'

/** From fork to the first look at a table: shared memory, the catalogs' caches. */
const startCost = 400 * microsecond
const initialisationCost = 2 * millisecond

/** Settings that must not keep it from its work, whatever the configuration says. */
const forced: readonly (readonly [string, string])[] = [
  ['statement_timeout', '0'],
  ['lock_timeout', '0'],
  ['idle_in_transaction_session_timeout', '0'],
  ['default_transaction_read_only', 'off'],
  ['default_transaction_isolation', 'read committed'],
]

interface Worker extends Maintainer {
  readonly services: SharedMemory
  readonly server: Server
  readonly place: AutovacuumWorker
}

export function* autovacuumWorker(me: Process, server: Server): Coroutine {
  const { shared, environment } = server
  setTitle(me, server, 'autovacuum worker')
  me.leavesWithParent = true
  me.on('QUIT', () => me.exitAtOnce(2))
  me.ignore('USR1', 'USR2', 'CHLD')
  me.remember('HUP', 'TERM', 'INT')
  const place = shared.autovacuum.begin(me)
  if (!place) return
  me.atExit(() => shared.autovacuum.end(place))
  me.charge(startCost)
  yield* me.pause()
  shared.statistics.of(place.database).lastAutovacuum = me.now()
  const proc = joinServer(me, server, place.database)
  const transaction = new TransactionState(shared.transactions, me, proc)
  me.atExit(() => {
    transaction.abortAll()
    transaction.statistics.report(me.now(), true)
  })
  attachInterrupts(me, proc)
  yield* whole(me, server, function* () {
    me.charge(initialisationCost)
    yield* me.pause()
    setTitle(me, server, 'autovacuum worker', proc.database)
    const tell: Maintainer['tell'] = (level, sqlstate, message, hint, detail) =>
      environment.log.report(me, { level, sqlstate, message, detail, hint })
    const worker = { server, place, services: shared, me, proc, transaction, database: proc.database, tell }
    yield* vacuumDatabase(worker)
  })
}

function joinServer(me: Process, { shared, environment }: Server, database: number): Proc {
  const settings = new SessionSettings(environment.settings, true)
  for (const [name, text] of forced) settings.set(name, text, 0)
  // Nobody waits for it, so it need not wait for standbys.
  if (/^(on|remote_)/.test(settings.get('synchronous_commit'))) settings.set('synchronous_commit', 'local', 0)
  const proc = shared.procArray.add(me, 'autovacuum worker', settings)
  me.atExit(() => shared.procArray.remove(proc))
  settleIn(me, shared.segment, 'autovacuum')
  const found = shared.databases.byOid(database) ?? fatal('3D000', `database ${database} does not exist`)
  proc.database = found.name
  proc.databaseId = database
  proc.databaseTablespace = found.tablespace
  proc.isAutovacuum = true
  proc.state = 'active'
  return proc
}

function attachInterrupts(me: Process, proc: Proc): void {
  me.checkForInterrupts = () => {
    proc.diePending = me.received('TERM')
    if (proc.diePending) fatal('57P01', 'terminating autovacuum process due to administrator command')
    if (!me.received('INT')) return
    me.forget('INT')
    fail('57014', 'canceling autovacuum task')
  }
}

function* vacuumDatabase(worker: Worker): Coroutine {
  const { services, transaction, me } = worker
  transaction.startCommand()
  const todo: number[] = []
  for (const row of yield* readClassRows(services, transaction)) {
    if (row.get<string>('relkind') !== 'r') continue
    const { vacuum, analyze, isWraparound } = yield* need(worker, row)
    if (isCatalog(row) && !isWraparound) continue
    if (vacuum || analyze) todo.push(row.get('oid'))
  }
  for (const table of todo) {
    yield* me.pause()
    yield* workOn(worker, table)
  }
  yield* updateDatabaseAge(worker)
  yield* transaction.commitCommand()
}

function isCatalog(row: ClassRow): boolean {
  return row.get('relnamespace') === catalogNamespace
}

function schemaOf(row: ClassRow): string {
  return isCatalog(row) ? 'pg_catalog' : 'public'
}

function* need({ services, proc, server, me }: Worker, row: ClassRow): Coroutine<Need> {
  let unfrozen = 1
  if (server.environment.version >= 18 && row.get('relpages') > 0) {
    const { databaseId: database } = proc
    const locator = { tablespace: defaultTablespace, database, relation: row.get('relfilenode') }
    const { allFrozen } = yield* services.heap.services.visibilityMap.count(me, locator)
    unfrozen = 1 - Math.min(allFrozen, row.get('relpages')) / row.get('relpages')
  }
  return needOf(row, services.statistics.find(proc.databaseId), proc.settings, services.transactions.nextXid, unfrozen)
}

/** Another worker may have come first, or be at it now. */
function* workOn(worker: Worker, table: number): Coroutine {
  const { services, transaction, place, server, me } = worker
  if (services.autovacuum.isBeingVacuumed(table, place)) return
  place.table = table
  takeOverReload(worker)
  const row = yield* readClassRow(services, transaction, table)
  const now = row && (yield* need(worker, row))
  if (row && (now?.vacuum || now?.analyze)) {
    showActivity(worker, row, now)
    place.isBalanced =
      numericOption(row, 'autovacuum_vacuum_cost_delay') === undefined &&
      !numericOption(row, 'autovacuum_vacuum_cost_limit')
    try {
      yield* vacuumAndAnalyze(worker, row, now)
    } catch (error) {
      if (!(error instanceof PostgresError) || error.level !== 'ERROR') throw error
      const name = `${worker.database}.${schemaOf(row)}.${row.get<string>('relname')}`
      addContext(error, `automatic ${now.vacuum ? 'vacuum' : 'analyze'} of table "${name}"`)
      report(me, server, error)
      transaction.abortAll()
      transaction.startCommand()
    }
    // What was meant for this table is too late.
    me.forget('INT')
  }
  place.table = 0
}

function* vacuumAndAnalyze(worker: Worker, row: ClassRow, { vacuum, analyze, isWraparound }: Need): Coroutine {
  const { transaction, proc } = worker
  const table = row.get('oid')
  const ownDuration = numericOption(row, 'log_autovacuum_min_duration')
  const parameters: WorkParameters = {
    automatic: { isWraparound },
    isVerbose: false,
    logMinDuration:
      ownDuration === undefined ? proc.settings.get('log_autovacuum_min_duration') : ownDuration * millisecond,
    skipsLocked: !isWraparound,
    costs: () => costsOf(worker, row),
  }
  if (vacuum) {
    yield* vacuumRelation(worker, table, {
      ...parameters,
      freezeAges: {
        freezeMinAge: numericOption(row, 'autovacuum_freeze_min_age') ?? -1,
        freezeTableAge: numericOption(row, 'autovacuum_freeze_table_age') ?? -1,
      },
      truncates: undefined,
      indexCleanup: undefined,
      skipsNoPage: false,
    })
  }
  if (!analyze) return
  yield* analyzeRelation(worker, table, parameters)
  yield* transaction.commitCommand()
  transaction.startCommand()
}

/** The table's own, else autovacuum's, else those of any vacuum. */
function costsOf(worker: Worker, row: ClassRow): CostParameters {
  const {
    proc: { settings },
    services,
    place,
    server,
  } = worker
  // 15 works on with what it had when it came to the table.
  if (server.environment.version >= 16) takeOverReload(worker)
  const ownDelay = numericOption(row, 'autovacuum_vacuum_cost_delay')
  const ownLimit = numericOption(row, 'autovacuum_vacuum_cost_limit')
  const autoDelay = settings.get('autovacuum_vacuum_cost_delay')
  const autoLimit = settings.get('autovacuum_vacuum_cost_limit')
  const commonDelay = autoDelay >= 0 ? autoDelay : settings.get('vacuum_cost_delay')
  const limit = ownLimit || (autoLimit > 0 ? autoLimit : settings.get('vacuum_cost_limit'))
  return {
    delay: ownDelay === undefined ? commonDelay : ownDelay * millisecond,
    limit: services.autovacuum.shareOf(limit, place),
  }
}

/** What a reload has changed since. */
function takeOverReload({ me, proc }: Worker): void {
  me.forget('HUP')
  proc.sessionSettings!.refresh()
}

/** What pg_stat_activity shows as its query. */
function showActivity({ proc, me }: Worker, row: ClassRow, { vacuum, analyze, isWraparound }: Need): void {
  const work = vacuum ? (analyze ? 'VACUUM ANALYZE' : 'VACUUM') : 'ANALYZE'
  const why = isWraparound ? ' (to prevent wraparound)' : ''
  proc.lastStatement = `autovacuum: ${work} ${schemaOf(row)}.${row.get<string>('relname')}${why}`
  proc.queryStartedAt = me.now()
  proc.stateChangedAt = me.now()
}
