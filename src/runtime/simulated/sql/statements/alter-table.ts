// ALTER TABLE … ADD COLUMN, ADD of keys (create-key.ts), storage parameters (alter-options.ts), REPLICA IDENTITY, SET LOGGED
// and UNLOGGED (persistence.ts), SET TABLESPACE (set-tablespace.ts), which an index can be given as well. Rows that are there
// already keep their bytes: what they have in the new column is noted in pg_attribute, as PostgreSQL does it for defaults
// that are the same for all rows.

import type { AlterTableCmd, AlterTableStmt, ColumnDef, Node } from '@pgsql/types'
import type { Table } from '../../catalog/relations.ts'
import { attributeRow } from '../../catalog/rows.ts'
import { pgAttrdef, pgAttribute, pgClass } from '../../catalog/tables.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock, ShareUpdateExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { analyzeDefault } from '../analysis/defaults.ts'
import { findType } from '../analysis/typename.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { compile } from '../expressions/compile.ts'
import { evaluate } from '../expressions/compiled.ts'
import { Execution } from '../expressions/execution.ts'
import { some } from '../expressions/expression.ts'
import { notice } from '../notice.ts'
import { emptyRow } from '../plan/node.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { changeOptions, isOptionChange } from './alter-options.ts'
import { addKey, isAddKey } from './create-key.ts'
import { findIndex, noSuchRelation, openTable } from './names.ts'
import { changePersistence, isPersistence } from './persistence.ts'
import { changeReplicaIdentity, isReplicaIdentity } from './replica-identity.ts'
import { isSetTablespace, setTablespace } from './set-tablespace.ts'

export function* alterTable(session: Session, tree: AlterTableStmt): Coroutine<string> {
  const { relation, cmds = [], objtype, missing_ok: missingOk = false } = tree
  const location = relation?.location ?? -1
  if (objtype === 'OBJECT_INDEX') return yield* alterIndex(session, tree)
  if (objtype !== 'OBJECT_TABLE') failAt(location, '0A000', 'ALTER of this kind of object is not played yet')
  if (missingOk && !session.catalog.byName(relation!.relname ?? '')) {
    notice(session, '00000', `relation "${relation!.relname}" does not exist, skipping`)
    return 'ALTER TABLE'
  }
  for (const node of cmds) {
    const command = 'AlterTableCmd' in node ? node.AlterTableCmd : undefined
    if (!isPlayedCommand(command)) failAt(location, '0A000', `${commandName(command)} is not played yet`)
  }
  const table = openTable(session, relation!)
  if (table.isCatalog) fail('42501', `permission denied: "${table.name}" is a system catalog`)
  const changesOptionsOnly = cmds.every(node => 'AlterTableCmd' in node && isOptionChange(node.AlterTableCmd))
  yield* lockRelation(session, table, changesOptionsOnly ? ShareUpdateExclusiveLock : AccessExclusiveLock)
  for (const node of cmds) {
    if (!('AlterTableCmd' in node)) continue
    const command = node.AlterTableCmd
    if (isAddKey(command)) yield* addKey(session, table.id, command)
    else if (isReplicaIdentity(command)) yield* changeReplicaIdentity(session, table.id, command)
    else if (isPersistence(command)) yield* changePersistence(session, table.id, command)
    else if (isOptionChange(command)) yield* changeOptions(session, table.id, command)
    else if (isSetTablespace(command)) yield* setTablespace(session, table.id, command)
    else yield* addColumn(session, table.id, command)
  }
  return 'ALTER TABLE'
}

/** ALTER INDEX … SET TABLESPACE. */
function* alterIndex(
  session: Session,
  { relation, cmds = [], missing_ok: missingOk }: AlterTableStmt,
): Coroutine<string> {
  const name = relation?.relname ?? ''
  for (const node of cmds) {
    const command = 'AlterTableCmd' in node ? node.AlterTableCmd : undefined
    const isPlayed = command !== undefined && isSetTablespace(command)
    if (!isPlayed) failAt(relation?.location ?? -1, '0A000', `${commandName(command)} of an index is not played yet`)
  }
  const index = findIndex(session, name, relation?.schemaname)
  if (!index && missingOk) {
    notice(session, '00000', `relation "${name}" does not exist, skipping`)
    return 'ALTER INDEX'
  }
  if (!index) return noSuchRelation(name)
  yield* lockRelation(session, index, AccessExclusiveLock)
  for (const node of cmds) if ('AlterTableCmd' in node) yield* setTablespace(session, index.id, node.AlterTableCmd)
  return 'ALTER INDEX'
}

export function isPlayedCommand(command: AlterTableCmd | undefined): boolean {
  if (command === undefined) return false
  const { subtype } = command
  const kinds = [isAddKey, isOptionChange, isPersistence, isReplicaIdentity, isSetTablespace]
  return subtype === 'AT_AddColumn' || kinds.some(isOfKind => isOfKind(command))
}

/** AT_DropColumn: ALTER TABLE … DROP COLUMN. */
export function commandName(command: AlterTableCmd | undefined): string {
  const words = (command?.subtype ?? '').replace('AT_', '').replace(/([a-z])([A-Z])/g, '$1 $2')
  return `ALTER TABLE … ${words.toUpperCase()}`
}

function* addColumn(session: Session, oid: number, { def, missing_ok: missingOk = false }: AlterTableCmd): Coroutine {
  const definition: ColumnDef = def && 'ColumnDef' in def ? def.ColumnDef : fail('XX000', 'ADD COLUMN without a column')
  const table = session.catalog.byOid(oid) as Table
  const { colname: name = '' } = definition
  if (table.columns.some(column => column.name === name)) {
    const message = `column "${name}" of relation "${table.name}" already exists`
    if (!missingOk) fail('42701', message)
    return notice(session, '42701', `${message}, skipping`)
  }
  const { type, modifier } = findType(definition.typeName!)
  const { notNull, defaultTree } = readConstraints(definition)
  const missing = defaultTree ? yield* constantDefault(session, defaultTree, { name, type, modifier }) : null
  if (notNull && missing === null && (yield* hasRows(session, table))) {
    fail('23502', `column "${name}" of relation "${table.name}" contains null values`)
  }
  const writer = new CatalogWriter(session)
  const number = table.columns.length + 1
  const row = attributeRow(oid, number, {
    name,
    type,
    modifier,
    notNull,
    hasDefault: defaultTree !== undefined,
    identity: '',
  })
  if (missing !== null) {
    row[pgAttribute.at('atthasmissing')] = true
    row[pgAttribute.at('attmissingval')] = [type.output(missing)]
  }
  yield* writer.insertRow(pgAttribute, row)
  if (defaultTree) {
    yield* writer.insert(pgAttrdef, {
      oid: writer.newOid(),
      adrelid: oid,
      adnum: number,
      adbin: JSON.stringify(defaultTree),
    })
  }
  yield* writer.update(pgClass, each => each.get('oid') === oid, { relnatts: number })
  writer.changed(oid)
  yield* session.refreshCatalog()
}

function readConstraints({ constraints = [] }: ColumnDef): { notNull: boolean; defaultTree: Node | undefined } {
  let notNull = false
  let defaultTree: Node | undefined
  for (const node of constraints) {
    if (!('Constraint' in node)) continue
    const { contype, raw_expr: expression, location } = node.Constraint
    if (contype === 'CONSTR_NOTNULL') notNull = true
    else if (contype === 'CONSTR_DEFAULT') defaultTree = expression
    else if (contype !== 'CONSTR_NULL') failAt(location, '0A000', 'ADD COLUMN with such a constraint is not played yet')
  }
  return { notNull, defaultTree }
}

/** A default that differs from row to row would need the table to be written anew. */
function* constantDefault(
  session: Session,
  tree: Node,
  column: Parameters<typeof analyzeDefault>[2],
): Coroutine<Value> {
  const expression = analyzeDefault(session.analysisContext(), tree, column)
  if (some(expression, each => each.kind === 'call' && each.isVolatile)) {
    fail('0A000', 'ADD COLUMN with a volatile default is not played yet')
  }
  const execution = new Execution(session, [], session.transaction.snapshot())
  return yield* evaluate(compile(expression, 0), emptyRow, execution)
}

function* hasRows(session: Session, table: Table): Coroutine<boolean> {
  const { server, transaction, me } = session
  const scan = server.heap.beginScan(transaction, table, transaction.latestSnapshot())
  const page = yield* scan.nextPage(me)
  return page !== undefined && page.length > 0
}
