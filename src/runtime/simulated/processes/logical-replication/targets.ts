// The table here that a relation of the publisher is applied to: found by its name, column by column, with the index by
// which its rows are found. Mirrors relation.c.

import { Table, type TableIndex } from '../../catalog/relations.ts'
import { tableState } from '../../catalog/subscriptions.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { RowExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import type { LogicalRow } from '../../shared/protocol.ts'
import type { Row } from '../../sql/expressions/execution.ts'
import { lockRelation } from '../../sql/relation-locks.ts'
import { tableStateOf } from '../../sql/subscription-catalogs.ts'
import type { Applier, RemoteRelation } from './applier.ts'

export interface Target {
  readonly remote: RemoteRelation
  readonly table: Table
  /** For each column here its place in a row of the publisher's; -1: the publisher has none. */
  readonly columns: readonly number[]
}

/** Fails if the table cannot take what the publisher has. Its lock is held until the transaction ends. */
export function* openTarget({ session }: Pick<Applier, 'session'>, remote: RemoteRelation): Coroutine<Target> {
  const name = `${remote.schema}.${remote.table}`
  const catalog = yield* session.refreshCatalog()
  const table = catalog.byName(remote.table, remote.schema)
  if (!(table instanceof Table)) fail('55000', `logical replication target relation "${name}" does not exist`)
  yield* lockRelation(session, table, RowExclusiveLock)
  const columns = table.columns.map(column => remote.columns.findIndex(each => each.name === column.name))
  const missing = remote.columns.filter((_, index) => !columns.includes(index)).map(each => `"${each.name}"`)
  if (missing.length > 0) {
    const noun = missing.length === 1 ? 'column' : 'columns'
    fail('55000', `logical replication target relation "${name}" is missing replicated ${noun}: ${missing.join(', ')}`)
  }
  const unknown = table.columns.find((column, index) => columns[index] < 0 && column.defaultTree !== undefined)
  if (unknown) {
    fail('0A000', `a default of a column that the publisher does not have ("${unknown.name}") is not played yet`)
  }
  return { remote, table, columns }
}

/** The publisher's row in the shape of the table here; what it does not have is as in `before`, or null. */
export function localRow({ table, columns }: Target, row: LogicalRow, before?: Row): Row {
  return table.columns.map(({ type }, index): Value => {
    if (columns[index] < 0) return before?.[index] ?? null
    const text = row[columns[index]]
    return text === null ? null : type.input(text)
  })
}

/** By which rows are found: the index that names them here; undefined: by all their columns. */
export function identityIndex({ remote, table, columns }: Target): TableIndex | undefined {
  const index = table.identityIndex ?? table.indexes.find(each => each.isPrimary)
  const name = `${remote.schema}.${remote.table}`
  if (!index) {
    if (remote.identity === 'f') return undefined
    return fail(
      '55000',
      `logical replication target relation "${name}" has neither REPLICA IDENTITY index nor PRIMARY KEY column and published relation does not have REPLICA IDENTITY FULL`,
    )
  }
  const isSent = index.usedAttributes.every(attribute => remote.columns[columns[attribute]]?.isKey)
  if (isSent) return index
  return fail(
    '55000',
    `publisher did not send replica identity column expected by the logical replication target relation "${name}"`,
  )
}

/** should_apply_changes_for_rel: whether this worker is who applies it, at this place. */
export function* isMine({ session, worker, transaction }: Applier, { table }: Target): Coroutine<boolean> {
  if (worker.table !== 0) return worker.table === table.id
  const { state, lsn } = yield* tableStateOf(session, worker.subscription, table.id)
  return state === tableState.ready || (state === tableState.syncDone && lsn <= (transaction?.finalLsn ?? 0))
}
