// What the analysis of a query gives: a plan that yields its rows, and what its columns are.

import type { Type } from '../../catalog/types/type.ts'
import type { ColumnReference } from '../expressions/expression.ts'
import type { PlanNode } from '../plan/node.ts'

export interface OutputColumn {
  readonly name: string
  readonly type: Type
  readonly modifier: number
}

export interface Query {
  readonly plan: PlanNode
  readonly columns: readonly OutputColumn[]
  /** What it reads of queries around it. */
  readonly outerReferences: readonly ColumnReference[]
}
