// CREATE TABLE … AS and SELECT … INTO: a table with the columns of a query, filled with its rows. Mirrors createas.c.

import type { CreateTableAsStmt, Node } from '@pgsql/types'
import type { ColumnDefinition } from '../../catalog/rows.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { stringOf } from '../analysis/tree.ts'
import { compileStatement } from '../compiled-statement.ts'
import { Execution } from '../expressions/execution.ts'
import { notice } from '../notice.ts'
import { emptyRow } from '../plan/node.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { defineTable } from './create-table.ts'
import { namespaceFor } from './names.ts'
import { readOptions } from './storage-options.ts'
import { tablespaceFor } from './tablespace-names.ts'

const tag = 'CREATE TABLE AS'

export function* createTableAs(session: Session, tree: CreateTableAsStmt): Coroutine<string> {
  const { query, into = {} } = tree
  const relation = into.rel!
  const { relname: name = '', location } = relation
  const no = (what: string): never => failAt(location, '0A000', `${what} is not played yet`)
  if (tree.objtype !== 'OBJECT_TABLE') no('CREATE MATERIALIZED VIEW')
  if (!query || !('SelectStmt' in query)) return no('CREATE TABLE … AS EXECUTE')
  if (relation.relpersistence === 't') no('CREATE TEMPORARY TABLE')
  namespaceFor(session, relation)
  if (session.catalog.byName(name)) {
    if (!tree.if_not_exists) fail('42P07', `relation "${name}" already exists`)
    notice(session, '42P07', `relation "${name}" already exists, skipping`)
    return tag
  }
  const tablespace = yield* tablespaceFor(session, into.tableSpaceName)
  const columns = columnsOf(session, query, (into.colNames ?? []).map(stringOf))
  const options = readOptions(into.options ?? [], session.server.environment.version)
  const isUnlogged = relation.relpersistence === 'u'
  yield* defineTable(session, name, { isUnlogged, columns, checks: [], keys: [] }, { options, tablespace })
  if (into.skipData) return tag
  return `SELECT ${yield* fill(session, { InsertStmt: { relation, selectStmt: query, override: 'OVERRIDING_NOT_SET' } })}`
}

function columnsOf(session: Session, query: Node, names: readonly string[]): ColumnDefinition[] {
  const found = compileStatement(session.analysisContext(), query)!.columns!
  if (names.length > found.length) fail('42601', 'too many column names were specified')
  const columns = found.map(({ name, type, modifier }, index) => ({
    name: names[index] ?? name,
    type,
    modifier,
    notNull: false,
    hasDefault: false,
    identity: '' as const,
  }))
  for (const [index, { name }] of columns.entries()) {
    if (columns.findIndex(each => each.name === name) < index) {
      fail('42701', `column "${name}" specified more than once`)
    }
  }
  return columns
}

/** Gives how many rows it got. */
function* fill(session: Session, insert: Node): Coroutine<number> {
  const { transaction } = session
  const { plan, locks } = compileStatement(session.analysisContext(), insert)!
  for (const { relation, mode } of locks) yield* lockRelation(session, relation, mode)
  transaction.commandCounterIncrement()
  const snapshot = transaction.snapshot()
  transaction.pushActiveSnapshot(snapshot)
  const execution = new Execution(session, [], snapshot)
  const cursor = plan.open(execution, emptyRow)
  for (let batch = yield* cursor.nextBatch(); batch; batch = yield* cursor.nextBatch());
  session.work.end()
  transaction.popActiveSnapshot()
  return execution.processed
}
