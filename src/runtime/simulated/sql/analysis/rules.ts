// What a table asks of its rows: columns that must not be null, and check constraints.

import type { Table } from '../../catalog/relations.ts'
import { compile } from '../expressions/compile.ts'
import type { TableRules } from '../plan/constraints.ts'
import { coerceToBoolean } from './coerce.ts'
import { analyzeExpression } from './expression.ts'
import { type AnalysisContext, Scope } from './scope.ts'

export function tableRules(context: AnalysisContext, table: Table): TableRules {
  const scope = new Scope(context)
  scope.add(table.name, table.columns, { table })
  return {
    notNull: table.columns.flatMap((column, attribute) => (column.notNull ? [attribute] : [])),
    checks: table.checks.map(({ name, tree }) => ({
      name,
      condition: compile(coerceToBoolean(analyzeExpression(scope, tree), 'CHECK'), scope.depth),
    })),
  }
}
