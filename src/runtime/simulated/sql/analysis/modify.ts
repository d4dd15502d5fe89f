// INSERT, UPDATE and DELETE, to plans that change a table. Mirrors analyze.c and the rewriting of target lists.

import type { DeleteStmt, InsertStmt, Node, UpdateStmt } from '@pgsql/types'
import { publishes } from '../../catalog/publications.ts'
import { type Column, type Table, View } from '../../catalog/relations.ts'
import { pgDatabase } from '../../catalog/tables.ts'
import { RowExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { compile } from '../expressions/compile.ts'
import type { Expression } from '../expressions/expression.ts'
import { DeleteNode } from '../plan/delete.ts'
import { compileConditions } from '../plan/filter.ts'
import { ValuesScan } from '../plan/function-scan.ts'
import { InsertNode } from '../plan/insert.ts'
import type { PlanNode } from '../plan/node.ts'
import { planFrom } from '../plan/plan-from.ts'
import { Project } from '../plan/sort.ts'
import { UpdateNode } from '../plan/update.ts'
import { failAt } from '../source.ts'
import { analyzeAssignments, findColumn } from './assignments.ts'
import { coerceForAssignment } from './coerce.ts'
import { defaultOf } from './defaults.ts'
import { analyzeExpression } from './expression.ts'
import { analyzeFrom, type FromItem, findTable } from './from.ts'
import { innerConditions } from './locking.ts'
import { analyzeOnConflict } from './on-conflict.ts'
import type { OutputColumn } from './query.ts'
import { tableRules } from './rules.ts'
import { type AnalysisContext, type RangeEntry, Scope } from './scope.ts'
import { analyzeSelect, analyzeWhere, analyzeWith } from './select.ts'
import { analyzeTargets } from './targets.ts'
import { locationOf } from './tree.ts'

export interface Modification {
  readonly plan: PlanNode
  /** Of RETURNING; undefined without it. */
  readonly columns: readonly OutputColumn[] | undefined
}

/** What is done to the rows, and what it is called by those who would allow it of a view. */
const viewChanges = {
  'insert into': ['inserting into', 'INSERT'],
  update: ['updating', 'UPDATE'],
  'delete from': ['deleting from', 'DELETE'],
} as const

function refuseView(name: string, verb: keyof typeof viewChanges): never {
  const [gerund, action] = viewChanges[verb]
  return fail('55000', `cannot ${verb} view "${name}"`, {
    detail: 'Views that do not select from a single table or view are not automatically updatable.',
    hint: `To enable ${gerund} the view, provide an INSTEAD OF ${action} trigger or an unconditional ON ${action} DO INSTEAD rule.`,
  })
}

/** The table that is changed, as the first entry of the scope. */
function openTarget(
  scope: Scope,
  relation: InsertStmt['relation'],
  verb: keyof typeof viewChanges,
  options: { isHidden?: boolean } = {},
): RangeEntry & { readonly table: Table } {
  const { relname = '', schemaname, alias, location = -1 } = relation!
  if (scope.context.catalog.byName(relname, schemaname) instanceof View) refuseView(relname, verb)
  const table = findTable(scope, relation!)
  // Nobody keeps anything of pg_database that a change could make stale.
  if (table.isCatalog && table.id !== pgDatabase.oid) {
    failAt(location, '0A000', `writing to the catalog ${relname} is not played yet`)
  }
  scope.context.locks.push({ relation: table, mode: RowExclusiveLock, location })
  return scope.add(alias?.aliasname ?? relname, table.columns, { table, ...options }) as RangeEntry & {
    readonly table: Table
  }
}

/** CheckCmdReplicaIdentity: a subscriber must be able to find the row. */
function refuseUnnamedRows({ catalog }: AnalysisContext, table: Table, action: 'update' | 'delete'): void {
  if (table.replicaIdentityKind === 'f' || table.identityIndex) return
  if (!publishes(catalog.publications, table, action)) return
  const [verb, gerund] = action === 'update' ? ['update', 'updating the'] : ['delete from', 'deleting from the']
  const why = `it does not have a replica identity and publishes ${action}s`
  fail('55000', `cannot ${verb} table "${table.name}" because ${why}`, {
    hint: `To enable ${gerund} table, set REPLICA IDENTITY using ALTER TABLE.`,
  })
}

function analyzeReturning(
  scope: Scope,
  clause: InsertStmt['returningClause'],
): { columns: OutputColumn[]; targets: ReturnType<typeof compile>[] } | undefined {
  const nodes = clause?.exprs
  if (!nodes) return undefined
  if (clause.options) failAt(locationOf(nodes[0]), '0A000', 'RETURNING WITH (OLD, NEW) is not played yet')
  const targets = analyzeTargets(scope, nodes, { rows: false })
  return {
    columns: targets.map(({ name, expression }) => ({ name, type: expression.type, modifier: expression.modifier })),
    targets: targets.map(target => compile(target.expression, scope.depth)),
  }
}

export function analyzeInsert(context: AnalysisContext, node: InsertStmt): Modification {
  const outer = new Scope(context)
  if (node.withClause) analyzeWith(outer, node.withClause)
  const scope = new Scope(context, undefined, outer.outerReferences)
  const entry = openTarget(scope, node.relation, 'insert into')
  const { table } = entry
  const columns = insertColumns(table, node.cols ?? [])
  const overridesSystem = node.override === 'OVERRIDING_SYSTEM_VALUE'
  const source = insertSource(outer, table, columns, node, overridesSystem)
  const conflict = node.onConflictClause && analyzeOnConflict(context, entry, node.onConflictClause)
  const returning = analyzeReturning(scope, node.returningClause)
  return {
    plan: new InsertNode(entry, source, tableRules(context, table), returning?.targets, conflict),
    columns: returning?.columns,
  }
}

/** Which columns get values, 0-based, with where they were named. */
function insertColumns(
  table: Table,
  nodes: readonly Node[],
): { readonly attribute: number; readonly location: number }[] {
  if (nodes.length === 0) return table.columns.map((_, attribute) => ({ attribute, location: -1 }))
  const columns: { attribute: number; location: number }[] = []
  for (const node of nodes) {
    if (!('ResTarget' in node)) continue
    const { name = '', indirection, location = -1 } = node.ResTarget
    if (indirection) failAt(location, '0A000', 'assigning to a part of a column is not played yet')
    const attribute = findColumn(table, name, location)
    if (columns.some(column => column.attribute === attribute))
      failAt(location, '42701', `column "${name}" specified more than once`)
    columns.push({ attribute, location })
  }
  return columns
}

/** Rows with a value for every column of the table. */
function insertSource(
  outer: Scope,
  table: Table,
  columns: ReturnType<typeof insertColumns>,
  node: InsertStmt,
  overridesSystem: boolean,
): PlanNode {
  const { context } = outer
  const defaults = table.columns.map((_, attribute) => defaultOf(context, table, attribute))
  const select = node.selectStmt && 'SelectStmt' in node.selectStmt ? node.selectStmt.SelectStmt : undefined
  const scope = new Scope(context, outer)
  const isNamed = (node.cols ?? []).length > 0
  const complete = (values: readonly (Expression | undefined)[]): Expression[] => {
    if (values.length > columns.length) {
      failAt(values[columns.length]?.location, '42601', 'INSERT has more expressions than target columns')
    }
    if (values.length < columns.length && isNamed) {
      failAt(columns[values.length].location, '42601', 'INSERT has more target columns than expressions')
    }
    return table.columns.map((column, attribute) => {
      const index = columns.findIndex(each => each.attribute === attribute)
      const value = index >= 0 ? values[index] : undefined
      if (!value) return defaults[attribute]
      if (column.identity === 'a' && !overridesSystem)
        failIdentity(column, 'cannot insert a non-DEFAULT value into column')
      return coerceForAssignment(value, column.type, column.modifier, column.name)
    })
  }
  if (!select) return new ValuesScan([complete([])], 0, scope.depth)
  if (select.valuesLists && !select.sortClause && !select.limitCount && !select.limitOffset) {
    const rows = select.valuesLists.map(list => {
      const items = 'List' in list ? (list.List.items ?? []) : []
      return complete(items.map(item => ('SetToDefault' in item ? undefined : analyzeExpression(scope, item))))
    })
    return new ValuesScan(rows, 0, scope.depth)
  }
  const hints = columns.map(({ attribute }) => table.columns[attribute].type)
  const query = analyzeSelect(context, select, outer, hints)
  const references = query.columns.map(
    (column, slot): Expression => ({
      kind: 'column',
      ...column,
      location: locationOf(select.targetList?.[slot]),
      depth: scope.depth,
      slot,
      entry: -1,
    }),
  )
  return new Project(
    query.plan,
    complete(references).map(each => compile(each, scope.depth)),
  )
}

function failIdentity(column: Column, message: string): never {
  failAt(-1, '428C9', `${message} "${column.name}"`, {
    detail: `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`,
    ...(message.startsWith('cannot insert') ? { hint: 'Use OVERRIDING SYSTEM VALUE to override.' } : {}),
  })
}

export function analyzeUpdate(context: AnalysisContext, node: UpdateStmt): Modification {
  const scope = new Scope(context)
  if (node.withClause) analyzeWith(scope, node.withClause)
  const entry = openTarget(scope, node.relation, 'update')
  const { table } = entry
  // Columns that are not set go into the new version as they are.
  entry.readColumns = table.columns.length
  const items: FromItem[] = [{ kind: 'scan', entry, table }, ...analyzeFrom(scope, node.fromClause ?? [])]
  const assignments = analyzeAssignments(scope, table, node.targetList ?? [])
  const conditions = analyzeWhere(scope, node.whereClause)
  const input = planFrom(items, conditions, scope.depth)
  const recheck = compileConditions([...conditions, ...items.flatMap(innerConditions)], scope.depth)
  const returning = analyzeReturning(scope, node.returningClause)
  const isKeyChange = table.indexes.some(
    index => index.isKey && index.usedAttributes.some(attribute => assignments[attribute]),
  )
  refuseUnnamedRows(context, table, 'update')
  return {
    plan: new UpdateNode(entry, input, {
      assignments: assignments.map(each => each && compile(each, scope.depth)),
      recheck,
      rules: tableRules(context, table),
      returning: returning?.targets,
      lockMode: isKeyChange ? 'exclusive' : 'no key exclusive',
    }),
    columns: returning?.columns,
  }
}

export function analyzeDelete(context: AnalysisContext, node: DeleteStmt): Modification {
  const scope = new Scope(context)
  if (node.withClause) analyzeWith(scope, node.withClause)
  const entry = openTarget(scope, node.relation, 'delete from')
  const items: FromItem[] = [{ kind: 'scan', entry, table: entry.table }, ...analyzeFrom(scope, node.usingClause ?? [])]
  const conditions = analyzeWhere(scope, node.whereClause)
  const recheck = compileConditions([...conditions, ...items.flatMap(innerConditions)], scope.depth)
  const returning = analyzeReturning(scope, node.returningClause)
  refuseUnnamedRows(context, entry.table, 'delete')
  return {
    plan: new DeleteNode(entry, planFrom(items, conditions, scope.depth), recheck, returning?.targets),
    columns: returning?.columns,
  }
}
