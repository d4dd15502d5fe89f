// What pg_subscription_rel and pg_replication_origin say, and changing it: for statements and for the workers of logical
// replication. Mirrors pg_subscription.c and the catalog half of origin.c.

import { tableState } from '../catalog/subscriptions.ts'
import { pgReplicationOrigin, pgSubscription, pgSubscriptionRel } from '../catalog/tables.ts'
import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import { CatalogWriter } from './catalog-writer.ts'
import type { SessionContext } from './context.ts'

export interface SubscribedTable {
  readonly table: number
  readonly state: string
  /** Where it came to this state, on the publisher; 0: not known. */
  readonly lsn: number
}

/** The tables of a subscription, in the order of their oids. */
export function* subscribedTables(session: SessionContext, subscription: number): Coroutine<SubscribedTable[]> {
  const rows = yield* new CatalogWriter(session).find(pgSubscriptionRel, row => row.get('srsubid') === subscription)
  return rows
    .map(row => ({
      table: row.get('srrelid'),
      state: row.get<string>('srsubstate'),
      lsn: row.get<number | null>('srsublsn') ?? 0,
    }))
    .sort((a, b) => a.table - b.table)
}

export function* tableStateOf(
  session: SessionContext,
  subscription: number,
  table: number,
): Coroutine<SubscribedTable> {
  const tables = yield* subscribedTables(session, subscription)
  return tables.find(each => each.table === table) ?? { table, state: tableState.unknown, lsn: 0 }
}

export function* addTable(session: SessionContext, subscription: number, table: number, state: string): Coroutine {
  yield* new CatalogWriter(session).insert(pgSubscriptionRel, {
    srsubid: subscription,
    srrelid: table,
    srsubstate: state,
    srsublsn: null,
  })
  changed(session, subscription)
}

export function* updateTable(
  session: SessionContext,
  subscription: number,
  { table, state, lsn }: SubscribedTable,
): Coroutine {
  yield* new CatalogWriter(session).update(
    pgSubscriptionRel,
    row => row.get('srsubid') === subscription && row.get('srrelid') === table,
    { srsubstate: state, srsublsn: lsn === 0 ? null : lsn },
  )
  changed(session, subscription)
}

/** All of its tables, or one. */
export function* removeTables(session: SessionContext, subscription: number, table?: number): Coroutine {
  yield* new CatalogWriter(session).delete(
    pgSubscriptionRel,
    row => row.get('srsubid') === subscription && (table === undefined || row.get('srrelid') === table),
  )
  changed(session, subscription)
}

/** Whoever knows the subscription must look anew. */
export function changed({ transaction }: SessionContext, subscription: number): void {
  // SUBSCRIPTIONOID among the caches.
  transaction.invalidate({ id: 64, database: 0, value: subscription })
  transaction.commandCounterIncrement()
}

export function* updateSubscription(
  session: SessionContext,
  subscription: number,
  fields: Parameters<CatalogWriter['update']>[2],
): Coroutine {
  yield* new CatalogWriter(session).update(pgSubscription, row => row.get('oid') === subscription, fields)
  changed(session, subscription)
}

/** Of an origin's name; undefined: there is none. */
export function* findOrigin(session: SessionContext, name: string): Coroutine<number | undefined> {
  const [row] = yield* new CatalogWriter(session).find(pgReplicationOrigin, each => each.get<string>('roname') === name)
  return row?.get('roident')
}

/** Gives the origin the lowest number that is free. */
export function* createOrigin(session: SessionContext, name: string): Coroutine<number> {
  const writer = new CatalogWriter(session)
  const rows = yield* writer.find(pgReplicationOrigin, () => true)
  const taken = new Set(rows.map(row => row.get('roident')))
  let id = 1
  while (taken.has(id)) id++
  yield* writer.insert(pgReplicationOrigin, { roident: id, roname: name })
  session.transaction.commandCounterIncrement()
  return id
}

/** One that does not exist is passed over. */
export function* dropOrigin(session: SessionContext, name: string): Coroutine {
  const id = yield* findOrigin(session, name)
  if (id === undefined) return
  const { origins } = session.server
  // The worker that has it is on its way out.
  for (let state = origins.progress(id); state && state.activePid !== 0; state = origins.progress(id)) {
    const own = state.activePid === session.me.pid
    if (own) fail('55006', `could not drop replication origin with ID ${id}, in use by PID ${state.activePid}`)
    yield* session.me.sleep(1_000_000, 'ReplicationOriginDrop')
    session.me.checkForInterrupts?.()
  }
  origins.drop(session.me, id)
  yield* new CatalogWriter(session).delete(pgReplicationOrigin, row => row.get('roident') === id)
  session.transaction.commandCounterIncrement()
}
