// A worker of logical replication: applies one subscription, or makes the first copy of one of its tables. An error ends it,
// and the launcher starts another. Mirrors ApplyWorkerMain and TablesyncWorkerMain; its parts are in logical-replication/.

import { formatLsn } from '../../../model/format.ts'
import { microsecond } from '../../../model/units.ts'
import { originName } from '../catalog/subscriptions.ts'
import { bootstrapRole } from '../catalog/tables.ts'
import type { Coroutine } from '../kernel/task.ts'
import { Publisher } from '../logical/publisher.ts'
import type { Process } from '../machine/process.ts'
import type { LogicalWorker } from '../replication/logical-workers.ts'
import type { Server } from '../server.ts'
import { SessionSettings } from '../settings/session-settings.ts'
import type { BackgroundWorker } from '../shared/background-workers.ts'
import { fail, fatal, PostgresError } from '../shared/error.ts'
import type { Proc } from '../shared/proc.ts'
import { settleIn } from '../shared/process-memory.ts'
import { versionFacts } from '../shared/versions.ts'
import { Session } from '../sql/session.ts'
import { createOrigin, findOrigin, updateSubscription } from '../sql/subscription-catalogs.ts'
import { endWith, report, setTitle } from './auxiliary.ts'
import { type Applier, contextOf } from './logical-replication/applier.ts'
import { applyLoop } from './logical-replication/apply-loop.ts'
import { copyTable } from './logical-replication/copy-table.ts'

/** From fork to the first look at the subscription: shared memory, the catalogs' caches. */
const startCost = 400 * microsecond
const initialisationCost = 1500 * microsecond

export function* logicalReplicationWorker(me: Process, server: Server, background: BackgroundWorker): Coroutine {
  const { logicalWorkers } = server.shared
  const { title, handle } = background.request
  setTitle(me, server, title)
  me.leavesWithParent = true
  me.on('QUIT', () => me.exitAtOnce(2))
  me.ignore('USR1', 'USR2', 'CHLD', 'INT')
  me.remember('HUP', 'TERM')
  const worker = logicalWorkers.numbered(handle)!
  logicalWorkers.begin(me, worker)
  me.atExit(() => logicalWorkers.end(worker))
  me.charge(startCost)
  yield* me.pause()
  const proc = joinServer(me, server, worker)
  const session = new Session(server, me, proc, () => {})
  me.atExit(() => {
    session.transaction.abortAll()
    session.transaction.statistics.report(me.now(), true)
  })
  me.checkForInterrupts = () => {
    proc.diePending = me.received('TERM')
    if (proc.diePending) fatal('57P01', 'terminating logical replication worker due to administrator command')
  }
  let applier: Applier | undefined
  try {
    me.charge(initialisationCost)
    yield* me.pause()
    applier = yield* begin(me, server, session, worker)
    yield* run(applier)
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error
    if (error.level === 'PANIC') yield* endWith(me, server, error)
    yield* fall(server, session, worker, applier, error)
  }
}

function joinServer(me: Process, { shared, environment }: Server, { database, table }: LogicalWorker): Proc {
  const settings = new SessionSettings(environment.settings, true)
  const { type } = versionFacts(environment.version).logicalWorkerNames[table === 0 ? 'apply' : 'copy']
  const proc = shared.procArray.add(me, type, settings)
  me.atExit(() => shared.procArray.remove(proc))
  settleIn(me, shared.segment, 'backend')
  const found = shared.databases.byOid(database) ?? fatal('3D000', `database ${database} does not exist`)
  proc.database = found.name
  proc.databaseId = database
  proc.databaseTablespace = found.tablespace
  proc.role = 'postgres'
  proc.roleId = bootstrapRole
  proc.isSuperuser = true
  return proc
}

/** Reads the subscription; one that is gone or disabled meanwhile needs nobody. */
function* begin(me: Process, server: Server, session: Session, worker: LogicalWorker): Coroutine<Applier> {
  const { log } = server.environment
  const { transaction } = session
  transaction.startCommand()
  const generation = session.server.transactions.invalidations.sentTo(session.proc.databaseId)
  const catalog = yield* session.refreshCatalog()
  const subscription = catalog.subscriptions.find(({ oid }) => oid === worker.subscription)
  if (!subscription?.isEnabled) {
    const who = subscription ? `"${subscription.name}"` : String(worker.subscription)
    const why = subscription ? 'disabled' : 'removed'
    const kind = server.environment.version === 15 ? 'logical replication apply worker' : 'logical replication worker'
    log.log(me, `${kind} for subscription ${who} will not start because the subscription was ${why} during startup`)
    return me.exit(0)
  }
  session.settings.set('synchronous_commit', subscription.synchronousCommit, 0)
  const what =
    worker.table === 0
      ? `apply worker for subscription "${subscription.name}"`
      : `table synchronization worker for subscription "${subscription.name}", table "${catalog.byOid(worker.table)?.name}"`
  log.log(me, `logical replication ${what} has started`)
  yield* transaction.commitCommand()
  return {
    me,
    server,
    session,
    worker,
    subscription,
    generation,
    originName: originName(subscription.oid, worker.table === 0 ? undefined : worker.table),
    publisher: undefined,
    received: 0,
    flushPositions: [],
    transaction: undefined,
    skips: false,
    relations: new Map(),
    command: undefined,
    target: undefined,
    copyStarted: new Map(),
  }
}

function* run(applier: Applier): Coroutine {
  const { worker } = applier
  const { slot, start } = worker.table === 0 ? yield* connect(applier) : yield* copyTable(applier)
  const { publications } = applier.subscription
  const names = publications.map(name => `"${name}"`).join(',')
  const options = versionFacts(applier.server.environment.version).streamOptions
  const command = `START_REPLICATION SLOT "${slot}" LOGICAL ${formatLsn(start)} (${options}publication_names '${names}')`
  yield* applier.publisher!.startStreaming({ slot, start, publications, command })
  applier.received = start
  yield* applyLoop(applier)
}

/** Of a worker that applies: how far it was, and its publisher. */
function* connect(applier: Applier): Coroutine<{ readonly slot: string; readonly start: number }> {
  const { me, server, session, subscription } = applier
  const { slotName, name, conninfo } = subscription
  if (slotName === undefined) return fail('55000', 'subscription has no replication slot set')
  session.transaction.startCommand()
  const known = yield* findOrigin(session, applier.originName)
  const origin = known ?? (yield* createOrigin(session, applier.originName))
  const { remoteLsn } = server.shared.origins.acquire(me, origin)
  session.proc.origin = origin
  yield* session.transaction.commitCommand()
  const publisher = yield* Publisher.connect(me, server.environment, conninfo, name)
  if (!(publisher instanceof Publisher)) {
    const who = server.environment.version >= 18 ? `apply worker for subscription "${name}" ` : ''
    return fail('08006', `${who}could not connect to the publisher: ${publisher.failure}`)
  }
  applier.publisher = publisher
  yield* publisher.identify()
  return { slot: slotName, start: remoteLsn }
}

/** It ends with what went wrong, and takes its subscription with it if that asks for it. */
function* fall(
  server: Server,
  session: Session,
  worker: LogicalWorker,
  applier: Applier | undefined,
  error: PostgresError,
): Coroutine {
  const { me } = session
  const context = applier && contextOf(applier)
  if (context !== undefined) error.context = error.context === undefined ? context : `${error.context}\n${context}`
  report(me, server, error)
  me.checkForInterrupts = undefined
  session.transaction.abortAll()
  if (error.level !== 'ERROR' || !applier) return me.exit(1)
  const statistics = server.shared.logicalWorkers.statisticsOf(worker.subscription)
  if (worker.table === 0) {
    // Only what happens while it applies counts.
    if (applier.received > 0) statistics.applyErrors++
  } else statistics.syncErrors++
  const isApplying = applier.received > 0 || worker.table !== 0
  if (!applier.subscription.disablesOnError || !isApplying) return me.exit(1)
  const { oid, name } = applier.subscription
  session.proc.origin = 0
  session.transaction.startCommand()
  yield* updateSubscription(session, oid, { subenabled: false })
  yield* session.transaction.commitCommand()
  server.environment.log.log(me, `subscription "${name}" has been disabled because of an error`)
  return me.exit(0)
}
