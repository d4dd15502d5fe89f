// SET of UPDATE and of ON CONFLICT: new values for columns.

import type { Node } from '@pgsql/types'
import type { Table } from '../../catalog/relations.ts'
import type { Expression } from '../expressions/expression.ts'
import { failAt } from '../source.ts'
import { coerceForAssignment } from './coerce.ts'
import { defaultOf } from './defaults.ts'
import { analyzeExpression } from './expression.ts'
import type { Scope } from './scope.ts'
import { locationOf } from './tree.ts'

/** 0-based. */
export function findColumn(table: Table, name: string, location: number): number {
  const index = table.columns.findIndex(column => column.name === name)
  return index >= 0 ? index : failAt(location, '42703', `column "${name}" of relation "${table.name}" does not exist`)
}

/** By column: its new value; undefined where it stays. */
export function analyzeAssignments(scope: Scope, table: Table, nodes: readonly Node[]): (Expression | undefined)[] {
  const assignments: (Expression | undefined)[] = table.columns.map(() => undefined)
  for (const node of nodes) {
    if (!('ResTarget' in node)) continue
    const { name = '', val, indirection, location = -1 } = node.ResTarget
    if (indirection) failAt(location, '0A000', 'assigning to a part of a column is not played yet')
    const attribute = findColumn(table, name, location)
    if (assignments[attribute]) failAt(location, '42601', `multiple assignments to same column "${name}"`)
    const column = table.columns[attribute]
    const value = assignedValue(val!)
    if ('SetToDefault' in value) {
      assignments[attribute] = defaultOf(scope.context, table, attribute)
      continue
    }
    if (column.identity === 'a') {
      failAt(location, '428C9', `column "${name}" can only be updated to DEFAULT`, {
        detail: `Column "${name}" is an identity column defined as GENERATED ALWAYS.`,
      })
    }
    assignments[attribute] = coerceForAssignment(analyzeExpression(scope, value), column.type, column.modifier, name)
  }
  return assignments
}

/** SET (a, b) = (1, 2) gives each column its part. */
function assignedValue(node: Node): Node {
  if (!('MultiAssignRef' in node)) return node
  const { source, colno = 1, ncolumns = 1 } = node.MultiAssignRef
  if (!source || !('RowExpr' in source))
    return failAt(locationOf(source), '0A000', 'SET (a, b) = (SELECT …) is not played yet')
  const parts = source.RowExpr.args ?? []
  if (parts.length !== ncolumns)
    failAt(locationOf(source), '42601', 'number of columns does not match number of values')
  return parts[colno - 1]
}
