// Sends a statement's rows to the client, as text.

import { regclassType } from '../catalog/types/identifiers.ts'
import type { Value } from '../catalog/types/type.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { OutputColumn } from './analysis/query.ts'
import type { Execution } from './expressions/execution.ts'
import { regclassOutput } from './functions/regclass.ts'
import type { Cursor } from './plan/node.ts'

/** How many there were. */
export function* sendRows(execution: Execution, cursor: Cursor, columns: readonly OutputColumn[]): Coroutine<number> {
  const header = columns.map(({ name, type }) => ({ name, type: type.displayName }))
  const outputs = columns.map(({ type }): ((value: Value) => string) =>
    type === regclassType ? value => regclassOutput(execution, value) as string : type.output,
  )
  const rows: (string | null)[][] = []
  let size = 7 + header.reduce((sum, { name }) => sum + name.length + 19, 0)
  for (let batch = yield* cursor.nextBatch(); batch; batch = yield* cursor.nextBatch()) {
    for (const row of batch) {
      const texts: (string | null)[] = []
      size += 7
      for (let index = 0; index < outputs.length; index++) {
        const value = row[index]
        const text = value === null || value === undefined ? null : outputs[index](value)
        texts.push(text)
        size += 4 + (text?.length ?? 0)
      }
      rows.push(texts)
    }
  }
  execution.session.send({ kind: 'rows', columns: header, rows, size })
  return rows.length
}
