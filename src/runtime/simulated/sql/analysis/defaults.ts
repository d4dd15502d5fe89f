// What a column gets where no value is given: its default, the next value of its identity, or null.

import type { Node } from '@pgsql/types'
import { Sequence, type Table } from '../../catalog/relations.ts'
import { unknownType } from '../../catalog/types/text.ts'
import type { Expression } from '../expressions/expression.ts'
import { coerce, coerceForAssignment } from './coerce.ts'
import { analyzeExpression, constant } from './expression.ts'
import { type AnalysisContext, Scope } from './scope.ts'

export function defaultOf(context: AnalysisContext, table: Table, attribute: number): Expression {
  const column = table.columns[attribute]
  if (column.identity !== '') {
    const sequence = context.catalog
      .all()
      .find(each => each instanceof Sequence && each.owner?.table === table.id && each.owner.column === attribute + 1)
    const node: Node = {
      FuncCall: {
        funcname: [{ String: { sval: 'nextval' } }],
        args: [{ A_Const: { ival: { ival: sequence?.id ?? 0 } } }],
      },
    }
    return withoutPlace(
      coerceForAssignment(analyzeExpression(new Scope(context), node), column.type, column.modifier, column.name),
    )
  }
  if (!column.defaultTree) return coerce(constant(unknownType, null), column.type, 'implicit')
  return analyzeDefault(context, column.defaultTree, column)
}

/** A default stands in the catalog: its places are in another text. */
export function analyzeDefault(
  context: AnalysisContext,
  tree: Node,
  column: { readonly name: string; readonly type: Table['columns'][number]['type']; readonly modifier: number },
): Expression {
  return withoutPlace(
    coerceForAssignment(analyzeExpression(new Scope(context), tree), column.type, column.modifier, column.name),
  )
}

function withoutPlace(expression: Expression): Expression {
  return { ...expression, location: -1 }
}
