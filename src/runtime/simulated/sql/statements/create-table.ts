// CREATE TABLE. Mirrors parse_utilcmd.c and heap.c: serial columns get their sequences first, then comes the table with
// its defaults and checks, then the indexes of its keys.

import type { ColumnDef, Constraint, CreateStmt, Node } from '@pgsql/types'
import type { Table } from '../../catalog/relations.ts'
import { attributeRow, type ColumnDefinition, classRow } from '../../catalog/rows.ts'
import { pgAttrdef, pgAttribute, pgClass, pgConstraint, publicNamespace } from '../../catalog/tables.ts'
import { int2Type, int4Type, int8Type } from '../../catalog/types/integer.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { coerceToBoolean } from '../analysis/coerce.ts'
import { analyzeDefault } from '../analysis/defaults.ts'
import { analyzeExpression } from '../analysis/expression.ts'
import { Scope } from '../analysis/scope.ts'
import { locationOf, stringOf } from '../analysis/tree.ts'
import { findType } from '../analysis/typename.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { createKey, type NewKey } from './create-key.ts'
import { defineSequence, ownSequence } from './create-sequence.ts'
import { chooseName, namespaceFor } from './names.ts'
import { readOptions } from './storage-options.ts'
import { tablespaceFor } from './tablespace-names.ts'

interface NewColumn extends ColumnDefinition {
  readonly defaultTree: Node | undefined
  /** Its identity's or serial's sequence, to be tied to it. */
  readonly sequence: number | undefined
}

interface Parts {
  readonly isUnlogged: boolean
  readonly columns: NewColumn[]
  readonly checks: { readonly constraint: Constraint; readonly column: string | undefined }[]
  readonly keys: NewKey[]
}

export function* createTable(session: Session, tree: CreateStmt): Coroutine<string> {
  refuse(tree)
  const { relname: name = '' } = tree.relation!
  namespaceFor(session, tree.relation!)
  if (session.catalog.byName(name)) {
    if (!tree.if_not_exists) failAt(-1, '42P07', `relation "${name}" already exists`)
    notice(session, '42P07', `relation "${name}" already exists, skipping`)
    return 'CREATE TABLE'
  }
  const tablespace = yield* tablespaceFor(session, tree.tablespacename)
  const options = readOptions(tree.options ?? [], session.server.environment.version)
  const parts = yield* readParts(session, name, tree)
  const oid = (yield* defineTable(session, name, parts, { options, tablespace })).id
  for (const [index, column] of parts.columns.entries()) {
    if (column.sequence !== undefined) yield* ownSequence(session, column.sequence, oid, index + 1)
  }
  for (const key of sortKeys(parts.keys)) yield* createKey(session, oid, key)
  return 'CREATE TABLE'
}

/** Its rows in the catalogs, its file and its checks; keys are made next. */
export function* defineTable(
  session: Session,
  name: string,
  parts: Omit<Parts, 'columns'> & { readonly columns: readonly (ColumnDefinition & Partial<NewColumn>)[] },
  { options, tablespace }: { readonly options: readonly string[]; readonly tablespace: number },
): Coroutine<Table> {
  const writer = new CatalogWriter(session)
  const oid = writer.newOid()
  // PostgreSQL gives every table a row type and an array of it, and a table with long values a place for those.
  writer.newOid()
  writer.newOid()
  if (parts.columns.some(column => column.type.length < 0)) {
    writer.newOid()
    writer.newOid()
  }
  writer.createFile(oid, { isUnlogged: parts.isUnlogged, tablespace })
  yield* writer.insertRow(
    pgClass,
    classRow({
      oid,
      name,
      namespace: publicNamespace,
      kind: 'r',
      fileNode: oid,
      tablespace,
      isUnlogged: parts.isUnlogged,
      columnCount: parts.columns.length,
      checkCount: parts.checks.length,
      hasIndex: parts.keys.length > 0,
      frozenXid: session.transaction.xid(),
      options,
    }),
  )
  for (const [index, column] of parts.columns.entries())
    yield* writer.insertRow(pgAttribute, attributeRow(oid, index + 1, column))
  yield* insertDefaults(writer, oid, parts.columns)
  writer.changed(oid)
  const table = (yield* session.refreshCatalog()).byOid(oid) as Table
  yield* lockRelation(session, table, AccessExclusiveLock)
  if (parts.checks.length > 0) yield* insertChecks(session, writer, table, parts.checks)
  return table
}

function refuse(tree: CreateStmt): void {
  const location = tree.relation?.location
  const no = (what: string): never => failAt(location, '0A000', `${what} is not played yet`)
  if (tree.relation?.relpersistence === 't') no('CREATE TEMPORARY TABLE')
  if (tree.inhRelations) no(tree.partbound ? 'PARTITION OF' : 'INHERITS')
  if (tree.partspec) no('PARTITION BY')
  if (tree.ofTypename) no('CREATE TABLE … OF')
  if (tree.accessMethod && tree.accessMethod !== 'heap') no(`access method ${tree.accessMethod}`)
}

function* readParts(session: Session, table: string, tree: CreateStmt): Coroutine<Parts> {
  const isUnlogged = tree.relation!.relpersistence === 'u'
  const parts: Parts = { isUnlogged, columns: [], checks: [], keys: [] }
  const elements = tree.tableElts ?? []
  for (const element of elements) {
    if ('ColumnDef' in element) yield* readColumn(session, table, element.ColumnDef, parts)
    else if ('Constraint' in element) readConstraint(element.Constraint, parts)
    else failAt(locationOf(element), '0A000', 'LIKE in CREATE TABLE is not played yet')
  }
  const primaries = parts.keys.filter(key => key.constraint.contype === 'CONSTR_PRIMARY')
  if (primaries.length > 1) {
    failAt(primaries[1].constraint.location, '42P16', `multiple primary keys for table "${table}" are not allowed`)
  }
  for (const { constraint, columns } of parts.keys) {
    for (const name of columns) {
      const index = parts.columns.findIndex(column => column.name === name)
      if (index < 0) failAt(constraint.location, '42703', `column "${name}" named in key does not exist`)
      if (constraint.contype === 'CONSTR_PRIMARY') parts.columns[index] = { ...parts.columns[index], notNull: true }
    }
  }
  return parts
}

const serials: Readonly<Record<string, typeof int4Type>> = {
  smallserial: int2Type,
  serial2: int2Type,
  serial: int4Type,
  serial4: int4Type,
  bigserial: int8Type,
  serial8: int8Type,
}

function* readColumn(session: Session, table: string, definition: ColumnDef, parts: Parts): Coroutine {
  const { colname: name = '', typeName, constraints = [], location = -1 } = definition
  if (parts.columns.some(column => column.name === name))
    failAt(-1, '42701', `column "${name}" specified more than once`)
  if (definition.collClause) failAt(location, '0A000', 'COLLATE is not played yet')
  const serial = serials[stringOf(typeName!.names!.at(-1)!)]
  const { type, modifier } = serial ? { type: serial, modifier: -1 } : findType(typeName!)
  let notNull = serial !== undefined
  let defaultTree: Node | undefined
  let sequence: number | undefined
  let identity: '' | 'a' | 'd' = ''
  const makeSequence = function* (options: readonly Node[]) {
    const sequenceName = chooseName(session, [table, name, 'seq'])
    return yield* defineSequence(session, sequenceName, options, type, parts.isUnlogged)
  }
  if (serial) {
    const made = yield* makeSequence([])
    sequence = made.oid
    defaultTree = nextvalOf(made.name)
  }
  for (const each of constraints) {
    if (!('Constraint' in each)) continue
    const constraint = each.Constraint
    switch (constraint.contype) {
      case 'CONSTR_NULL':
        if (notNull)
          failAt(
            constraint.location,
            '42601',
            `conflicting NULL/NOT NULL declarations for column "${name}" of table "${table}"`,
          )
        break
      case 'CONSTR_NOTNULL':
        notNull = true
        break
      case 'CONSTR_DEFAULT':
        if (defaultTree)
          failAt(
            constraint.location,
            '42601',
            `multiple default values specified for column "${name}" of table "${table}"`,
          )
        defaultTree = constraint.raw_expr
        refuseColumns(defaultTree!)
        analyzeDefault(session.analysisContext(), defaultTree!, { name, type, modifier })
        break
      case 'CONSTR_IDENTITY': {
        if (![int2Type, int4Type, int8Type].includes(type)) {
          failAt(-1, '22023', 'identity column type must be smallint, integer, or bigint')
        }
        notNull = true
        identity = constraint.generated_when === 'a' ? 'a' : 'd'
        sequence = (yield* makeSequence(constraint.options ?? [])).oid
        break
      }
      case 'CONSTR_CHECK':
        parts.checks.push({ constraint, column: name })
        break
      case 'CONSTR_PRIMARY':
      case 'CONSTR_UNIQUE':
        parts.keys.push({ constraint, columns: [name] })
        break
      default:
        refuseConstraint(constraint)
    }
  }
  parts.columns.push({
    name,
    type,
    modifier,
    notNull,
    hasDefault: defaultTree !== undefined,
    identity,
    defaultTree,
    sequence,
  })
}

function readConstraint(constraint: Constraint, parts: Parts): void {
  if (constraint.contype === 'CONSTR_CHECK') parts.checks.push({ constraint, column: undefined })
  else if (constraint.contype === 'CONSTR_PRIMARY' || constraint.contype === 'CONSTR_UNIQUE') {
    parts.keys.push({ constraint, columns: (constraint.keys ?? []).map(stringOf) })
  } else refuseConstraint(constraint)
}

const constraintNames: Readonly<Record<string, string>> = {
  CONSTR_FOREIGN: 'REFERENCES (foreign keys)',
  CONSTR_GENERATED: 'GENERATED … STORED',
  CONSTR_EXCLUSION: 'EXCLUDE',
  CONSTR_ATTR_DEFERRABLE: 'DEFERRABLE',
  CONSTR_ATTR_DEFERRED: 'INITIALLY DEFERRED',
}

function refuseConstraint({ contype = 'CONSTR_NULL', location }: Constraint): void {
  // These say what is so without them.
  if (contype === 'CONSTR_ATTR_NOT_DEFERRABLE' || contype === 'CONSTR_ATTR_IMMEDIATE') return
  failAt(location, '0A000', `${constraintNames[contype] ?? contype} is not played yet`)
}

function refuseColumns(tree: Node): void {
  const reference = (function find(value: unknown): { location?: number } | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    for (const [key, inner] of Object.entries(value)) {
      const found = key === 'ColumnRef' ? (inner as { location?: number }) : find(inner)
      if (found) return found
    }
    return undefined
  })(tree)
  if (reference) failAt(reference.location, '0A000', 'cannot use column reference in DEFAULT expression')
}

function nextvalOf(sequence: string): Node {
  const name: Node = { A_Const: { sval: { sval: `"${sequence.replaceAll('"', '""')}"` } } }
  return { FuncCall: { funcname: [{ String: { sval: 'nextval' } }], args: [name] } }
}

function* insertDefaults(
  writer: CatalogWriter,
  table: number,
  columns: readonly { readonly defaultTree?: Node | undefined }[],
): Coroutine {
  for (const [index, { defaultTree }] of columns.entries()) {
    if (!defaultTree) continue
    yield* writer.insert(pgAttrdef, {
      oid: writer.newOid(),
      adrelid: table,
      adnum: index + 1,
      adbin: JSON.stringify(defaultTree),
    })
  }
}

function* insertChecks(session: Session, writer: CatalogWriter, table: Table, checks: Parts['checks']): Coroutine {
  const taken = new Set<string>()
  for (const { constraint, column } of checks) {
    const scope = new Scope(session.analysisContext())
    scope.add(table.name, table.columns, { table })
    const condition = analyzeExpression(scope, constraint.raw_expr!)
    coerceToBoolean(condition, 'CHECK')
    if (JSON.stringify(constraint.raw_expr).includes('"SubLink"')) {
      failAt(locationOf(constraint.raw_expr), '0A000', 'cannot use subquery in check constraint')
    }
    const base = column ? `${table.name}_${column}_check` : `${table.name}_check`
    let name = constraint.conname ?? base
    for (let number = 1; taken.has(name); number++) {
      if (constraint.conname) failAt(constraint.location, '42710', `check constraint "${name}" already exists`)
      name = `${base}${number}`
    }
    taken.add(name)
    yield* writer.insert(pgConstraint, {
      oid: writer.newOid(),
      conname: name,
      connamespace: table.namespace,
      contype: 'c',
      convalidated: true,
      conrelid: table.id,
      conislocal: true,
      conbin: JSON.stringify(constraint.raw_expr),
    })
  }
  writer.changed(table.id)
  yield* session.refreshCatalog()
}

/** The primary key comes first. */
function sortKeys(keys: readonly NewKey[]): NewKey[] {
  const isPrimary = (key: NewKey) => key.constraint.contype === 'CONSTR_PRIMARY'
  return [...keys.filter(isPrimary), ...keys.filter(key => !isPrimary(key))]
}
