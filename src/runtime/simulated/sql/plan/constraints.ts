// Tests a new row against its table's NOT NULL and CHECK constraints, and gives it its index entries.

import type { Tid } from '../../access/tid.ts'
import type { Table } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'

export interface TableRules {
  /** 0-based. */
  readonly notNull: readonly number[]
  readonly checks: readonly { readonly name: string; readonly condition: Compiled }[]
}

function checkNotNull(table: Table, rules: TableRules, row: Row): void {
  for (const attribute of rules.notNull) {
    if (row[attribute] !== null) continue
    const { name } = table.columns[attribute]
    fail('23502', `null value in column "${name}" of relation "${table.name}" violates not-null constraint`, {
      detail: failingRow(table, row),
    })
  }
}

/** All that the table asks. A check that is unknown holds. */
export function* checkRow(table: Table, rules: TableRules, row: Row, execution: Execution): Coroutine {
  checkNotNull(table, rules, row)
  for (const { name, condition } of rules.checks) {
    if ((yield* evaluate(condition, row, execution)) !== false) continue
    fail('23514', `new row for relation "${table.name}" violates check constraint "${name}"`, {
      detail: failingRow(table, row),
    })
  }
}

function failingRow(table: Table, row: Row): string {
  const values = table.columns.map(({ type }, attribute) => {
    const value = row[attribute]
    if (value === null) return 'null'
    const text = type.output(value)
    return text.length > 64 ? `${text.slice(0, 64)}...` : text
  })
  return `Failing row contains (${values.join(', ')}).`
}

export function* insertIndexEntries(table: Table, row: Row, tid: Tid, execution: Execution): Coroutine {
  const { server, transaction } = execution.session
  for (const index of table.indexes) {
    yield* server.btree.insert(transaction, index, index.keyOf(row), tid, index.isUnique ? 'yes' : 'no')
  }
}
