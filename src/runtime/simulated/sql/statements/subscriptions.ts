// CREATE and DROP SUBSCRIPTION. Mirrors subscriptioncmds.c.

import type { CreateSubscriptionStmt, DropSubscriptionStmt, Node } from '@pgsql/types'
import { millisecond } from '../../../../model/units.ts'
import { systemTablesOf } from '../../catalog/image.ts'
import { Table } from '../../catalog/relations.ts'
import { originName, type Subscription, syncSlotName, tableState } from '../../catalog/subscriptions.ts'
import { bootstrapRole, pgSubscription } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { Publisher } from '../../logical/publisher.ts'
import { parseConninfo } from '../../replication/conninfo.ts'
import { fail, PostgresError } from '../../shared/error.ts'
import type { PublishedTable } from '../../shared/protocol.ts'
import { stringOf } from '../analysis/tree.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import {
  addTable,
  changed,
  createOrigin,
  dropOrigin,
  removeTables,
  subscribedTables,
} from '../subscription-catalogs.ts'
import { readSubscriptionOptions, type SubscriptionOptions } from './subscription-options.ts'
import { wakeLauncherAtCommit } from './subscription-wakeups.ts'

export function* createSubscription(session: Session, tree: CreateSubscriptionStmt): Coroutine<string> {
  const { subname: name = '', conninfo = '' } = tree
  const { server, transaction } = session
  const { version } = server.environment
  const options = withDefaults(
    readSubscriptionOptions(
      tree.options ?? [],
      ['connect', 'enabled', 'create_slot', 'copy_data', 'slot_name', 'synchronous_commit', 'disable_on_error'],
      version,
    ),
  )
  if (options.createSlot) transaction.preventInBlock('CREATE SUBSCRIPTION ... WITH (create_slot = true)')
  if (findSubscription(session, name)) fail('42710', `subscription "${name}" already exists`)
  const publications = readPublications(tree.publication ?? [])
  checkConninfo(conninfo)
  const writer = new CatalogWriter(session)
  const oid = writer.newOid()
  const slotName = options.slotName === undefined ? name : options.slotName
  yield* writer.insert(pgSubscription, {
    oid,
    subdbid: session.proc.databaseId,
    subname: name,
    subowner: bootstrapRole,
    subenabled: options.enabled,
    subtwophasestate: 'd',
    subdisableonerr: options.disableOnError ?? false,
    subconninfo: conninfo,
    subslotname: slotName,
    subsynccommit: options.synchronousCommit ?? 'off',
    subpublications: publications,
  })
  changed(session, oid)
  yield* createOrigin(session, originName(oid))
  if (options.connect) {
    const publisher = yield* reach(session, conninfo, name)
    try {
      const state = options.copyData ? tableState.init : tableState.ready
      for (const table of yield* publishedHere(session, publisher, publications)) {
        yield* addTable(session, oid, table.id, state)
      }
      if (options.createSlot) {
        yield* publisher.createSlot(slotName!, 'nothing')
        notice(session, '00000', `created replication slot "${slotName}" on publisher`)
      }
    } finally {
      publisher.close()
    }
  } else warnUnconnected(session)
  if (options.enabled) wakeLauncherAtCommit(session)
  return 'CREATE SUBSCRIPTION'
}

function withDefaults(options: SubscriptionOptions) {
  const { connect = true, slotName } = options
  const exclude = (one: string, value: unknown, other: string) => {
    if (value === true) fail('42601', `${one} and ${other} are mutually exclusive options`)
  }
  if (!connect) {
    exclude('connect = false', options.enabled, 'enabled = true')
    exclude('connect = false', options.createSlot, 'create_slot = true')
    exclude('connect = false', options.copyData, 'copy_data = true')
  }
  const { enabled = connect, createSlot = connect, copyData = connect } = options
  if (slotName === null) {
    exclude('slot_name = NONE', options.enabled, 'enabled = true')
    exclude('slot_name = NONE', options.createSlot, 'create_slot = true')
    const missing = enabled ? 'enabled = false' : createSlot ? 'create_slot = false' : undefined
    if (missing) fail('42601', `subscription with slot_name = NONE must also set ${missing}`)
  }
  return { ...options, connect, enabled, createSlot, copyData }
}

function warnUnconnected(session: Session): void {
  if (session.server.environment.version === 15) {
    const cure = 'you will have to run ALTER SUBSCRIPTION ... REFRESH PUBLICATION to subscribe the tables'
    return notice(session, '01000', `tables were not subscribed, ${cure}`, 'WARNING')
  }
  const hint =
    'To initiate replication, you must manually create the replication slot, enable the subscription, and refresh the subscription.'
  notice(session, '01000', 'subscription was created, but is not connected', 'WARNING', hint)
}

export function findSubscription({ catalog }: Session, name: string): Subscription | undefined {
  return catalog.subscriptions.find(each => each.name === name)
}

export function readPublications(nodes: readonly Node[]): string[] {
  const names = nodes.map(stringOf)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) fail('42710', `publication name "${twice}" used more than once`)
  return names
}

/** walrcv_check_conninfo, as far as it can be seen that it is none. */
export function checkConninfo(conninfo: string): void {
  if (conninfo.trim() === '' || parseConninfo(conninfo).size > 0) return
  const [word] = conninfo.trim().split(/\s+/)
  fail('42601', `invalid connection string syntax: missing "=" after "${word}" in connection info string\n`)
}

/** Connects to the publisher; `name`: of the subscription. */
export function* reach({ me, server }: Session, conninfo: string, name: string): Coroutine<Publisher> {
  const publisher = yield* Publisher.connect(me, server.environment, conninfo, name)
  if (publisher instanceof Publisher) return publisher
  const who = server.environment.version >= 18 ? `subscription "${name}" ` : ''
  return fail('08006', `${who}could not connect to the publisher: ${publisher.failure}`)
}

/** The tables here that the publications have there; those that are missing there are warned of. */
export function* publishedHere(
  session: Session,
  publisher: Publisher,
  publications: readonly string[],
): Coroutine<Table[]> {
  const found = yield* publisher.publishedTables(publications)
  const missing = publications.filter(name => !found.publications.includes(name))
  if (missing.length > 0) {
    const [noun, verb] = missing.length === 1 ? ['publication', 'does'] : ['publications', 'do']
    const names = missing.map(name => `"${name}"`).join(', ')
    notice(session, '42704', `${noun} ${names} ${verb} not exist on the publisher`, 'WARNING')
  }
  return found.tables.map(table => tableHere(session, table))
}

function tableHere({ catalog }: Session, { schema, table: name }: PublishedTable): Table {
  const relation = catalog.byName(name, schema)
  if (relation instanceof Table) return relation
  return relation
    ? fail('42809', `cannot use relation "${schema}.${name}" as logical replication target`)
    : fail('42P01', `relation "${schema}.${name}" does not exist`)
}

export function* dropSubscription(session: Session, tree: DropSubscriptionStmt): Coroutine<string> {
  const { subname: name = '', missing_ok } = tree
  const { transaction, server } = session
  const subscription = findSubscription(session, name)
  if (!subscription) {
    if (!missing_ok) fail('42704', `subscription "${name}" does not exist`)
    notice(session, '00000', `subscription "${name}" does not exist, skipping`)
    return 'DROP SUBSCRIPTION'
  }
  const { oid, slotName, conninfo } = subscription
  if (slotName !== undefined) transaction.preventInBlock('DROP SUBSCRIPTION')
  // As long as it is held the launcher does not start anew what is stopped here.
  yield* lockRelation(session, systemTablesOf(session.proc.databaseId).get(pgSubscription)!, AccessExclusiveLock)
  const writer = new CatalogWriter(session)
  yield* writer.delete(pgSubscription, row => row.get('oid') === oid)
  yield* stopWorkers(session, oid)
  const unfinished = (yield* subscribedTables(session, oid)).filter(
    ({ state }) => state !== tableState.ready && state !== tableState.syncDone,
  )
  for (const { table } of yield* subscribedTables(session, oid)) yield* dropOrigin(session, originName(oid, table))
  yield* removeTables(session, oid)
  yield* dropOrigin(session, originName(oid))
  server.logicalWorkers.forgetStatistics(oid)
  if (slotName === undefined && unfinished.length === 0) return 'DROP SUBSCRIPTION'
  const publisher = yield* Publisher.connect(session.me, server.environment, conninfo, name)
  if (!(publisher instanceof Publisher)) return failToDrop(slotName ?? '', publisher.failure)
  try {
    const system = server.controlFile.data.systemIdentifier
    for (const { table } of unfinished) yield* dropIfThere(session, publisher, syncSlotName(oid, table, system))
    if (slotName !== undefined) {
      yield* publisher.dropSlot(slotName)
      notice(session, '00000', `dropped replication slot "${slotName}" on publisher`)
    }
  } finally {
    publisher.close()
  }
  return 'DROP SUBSCRIPTION'
}

function failToDrop(slot: string, reason: string): never {
  return fail('08006', `could not connect to publisher when attempting to drop replication slot "${slot}": ${reason}`, {
    hint: 'Use ALTER SUBSCRIPTION ... DISABLE to disable the subscription, and then use ALTER SUBSCRIPTION ... SET (slot_name = NONE) to disassociate it from the slot.',
  })
}

/** The slot of a copy that was not finished. */
export function* dropIfThere(session: Session, publisher: Publisher, slot: string): Coroutine {
  try {
    yield* publisher.dropSlot(slot)
    notice(session, '00000', `dropped replication slot "${slot}" on publisher`)
  } catch (error) {
    if (!(error instanceof PostgresError) || !error.message.endsWith('does not exist')) throw error
  }
}

/** logicalrep_worker_stop: all of them, or the one that copies a table; returns when they are gone. */
export function* stopWorkers({ server, me }: Session, subscription: number, table?: number): Coroutine {
  const { logicalWorkers } = server
  const running = () => logicalWorkers.of(subscription).filter(worker => table === undefined || worker.table === table)
  for (const { process } of running()) process?.signal('TERM', me.cause)
  while (running().length > 0) {
    yield* me.sleep(10 * millisecond, 'BgWorkerShutdown')
    for (const { process } of running()) process?.signal('TERM', me.cause)
    me.checkForInterrupts?.()
  }
}
