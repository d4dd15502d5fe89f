// VACUUM and ANALYZE. Each table is vacuumed in a transaction of its own; what was found goes into pg_class in another,
// where PostgreSQL overwrites the row in place.

import type { Node, VacuumStmt } from '@pgsql/types'
import { Table } from '../../catalog/relations.ts'
import { pgClass } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { ShareUpdateExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { forks } from '../../wal/record.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import type { VacuumOptions } from '../context.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { openTable } from './names.ts'
import { argumentText } from './storage-options.ts'

interface Options extends VacuumOptions {
  readonly analyzes: boolean
}

export function* vacuum(session: Session, tree: VacuumStmt): Coroutine<string> {
  const { is_vacuumcmd: vacuums = false, rels = [] } = tree
  const options = readOptions(tree.options ?? [])
  if (session.server.recovery.inRecovery)
    fail('25006', `cannot execute ${vacuums ? 'VACUUM' : 'ANALYZE'} during recovery`)
  if (vacuums) session.transaction.preventInBlock('VACUUM')
  const tables = rels.length > 0 ? rels.map(node => namedTable(session, node)) : allTables(session)
  for (const { id } of tables) {
    if (vacuums) yield* vacuumOne(session, id, options)
    if (!vacuums || options.analyzes) yield* analyzeOne(session, id)
  }
  return vacuums ? 'VACUUM' : 'ANALYZE'
}

function readOptions(nodes: readonly Node[]): Options {
  const options = {
    freeze: false,
    truncate: true,
    indexCleanup: 'auto' as VacuumOptions['indexCleanup'],
    analyzes: false,
  }
  for (const node of nodes) {
    if (!('DefElem' in node)) continue
    const { defname = '', arg, location } = node.DefElem
    const text = argumentText(arg).toLowerCase()
    const isOn = text === 'true' || text === 'on' || text === '1'
    if (defname === 'freeze') options.freeze = isOn
    else if (defname === 'analyze') options.analyzes = isOn
    else if (defname === 'truncate') options.truncate = isOn
    else if (defname === 'index_cleanup') options.indexCleanup = text === 'auto' ? 'auto' : isOn ? 'on' : 'off'
    else if (isOn) failAt(location, '0A000', `${defname.toUpperCase()} of VACUUM and ANALYZE is not played yet`)
  }
  return options
}

function namedTable(session: Session, node: Node): Table {
  const relation = 'VacuumRelation' in node ? node.VacuumRelation : {}
  if (relation.va_cols) failAt(relation.relation?.location, '0A000', 'ANALYZE of single columns is not played yet')
  return openTable(session, relation.relation!)
}

function allTables(session: Session): Table[] {
  return session.catalog.all().filter(relation => relation instanceof Table)
}

/** Ends the transaction that stands and begins the next. */
function* nextTransaction(session: Session): Coroutine {
  yield* session.transaction.commitCommand()
  session.transaction.startCommand()
  yield* session.refreshCatalog()
}

function* vacuumOne(session: Session, oid: number, options: Options): Coroutine {
  yield* nextTransaction(session)
  const table = session.catalog.byOid(oid)
  if (!(table instanceof Table)) return
  yield* lockRelation(session, table, ShareUpdateExclusiveLock)
  const { pages, remainingTuples } = yield* session.server.vacuum(session.transaction, table, options)
  yield* nextTransaction(session)
  yield* noteStatistics(session, table, pages, remainingTuples)
}

function* analyzeOne(session: Session, oid: number): Coroutine {
  const table = session.catalog.byOid(oid)
  if (!(table instanceof Table)) return
  const { server, transaction, me } = session
  yield* lockRelation(session, table, ShareUpdateExclusiveLock)
  const scan = server.heap.beginScan(transaction, table, transaction.latestSnapshot())
  let tuples = 0
  for (let page = yield* scan.nextPage(me); page; page = yield* scan.nextPage(me)) {
    tuples += page.length
    yield* me.pause()
  }
  yield* noteStatistics(session, table, server.buffers.blockCount(table.locator, forks.main), tuples)
}

/** Nothing is written if it says so already. */
function* noteStatistics(session: Session, table: Table, pages: number, tuples: number): Coroutine {
  if (table.isCatalog || (table.pages === pages && table.tuples === tuples)) return
  const writer = new CatalogWriter(session)
  yield* writer.update(pgClass, row => row.get('oid') === table.id, { relpages: pages, reltuples: tuples })
  writer.changed(table.id)
  yield* session.refreshCatalog()
}
