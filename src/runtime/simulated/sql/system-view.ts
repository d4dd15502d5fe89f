// A system view: rows that the server computes when it is read. views/ makes them and hands them to the session.

import type { Type, Value } from '../catalog/types/type.ts'
import type { Execution } from './expressions/execution.ts'

export interface SystemView {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: Type }[]
  readonly rows: (execution: Execution) => Value[][]
}
