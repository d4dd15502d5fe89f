// What stands in the way of a change: a key that is taken already is an error, a row that is missing is passed over. From
// 18 on both are told as conflicts, and counted; before, a key is a unique violation as any, and a missing row nothing.
// Mirrors conflict.c.

import type { Tid } from '../../access/tid.ts'
import { deformTuple } from '../../access/tuple.ts'
import type { Table, TableIndex } from '../../catalog/relations.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { ConflictKind } from '../../replication/logical-workers.ts'
import { fail } from '../../shared/error.ts'
import type { Row } from '../../sql/expressions/execution.ts'
import { findKey } from '../../sql/find-key.ts'
import { type Applier, say } from './applier.ts'
import type { Target } from './targets.ts'

interface NewRow {
  readonly row: Row
  readonly tid: Tid
  readonly kind: 'insert_exists' | 'update_exists'
  /** Of an update: by what the row was found. */
  readonly index?: TableIndex | undefined
  readonly named?: Row
}

interface Missing {
  readonly index: TableIndex | undefined
  readonly named: Row
  /** Of an update. */
  readonly remote?: Row
}

export function* insertEntries(applier: Applier, target: Target, made: NewRow): Coroutine {
  const { session } = applier
  const { server, transaction } = session
  const tells = server.environment.version >= 18
  for (const index of target.table.indexes) {
    const check = !index.isUnique ? 'no' : tells ? 'partial' : 'yes'
    const isFree = yield* server.btree.insert(transaction, index, index.keyOf(made.row), made.tid, check)
    if (tells && index.isUnique && !isFree) yield* reportTaken(applier, target, index, made)
  }
}

function* reportTaken(applier: Applier, target: Target, index: TableIndex, made: NewRow): Coroutine {
  const found = yield* findKey(applier.session, index, index.keyOf(made.row), made.tid)
  if (!found) return
  const row: Row = []
  deformTuple(found, index.table.descriptor, row, index.table.columns.length)
  failTaken(applier, target, index, made, { row, xmin: found.xmin })
}

function failTaken(
  applier: Applier,
  target: Target,
  index: TableIndex,
  { row, kind, named, index: found }: NewRow,
  local: { readonly row: Row; readonly xmin: number },
): never {
  const { table } = target
  count(applier, kind)
  const parts = [
    `Key ${index.describeKey(index.keyOf(row))}`,
    `existing local row ${rowText(table, local.row)}`,
    `remote row ${rowText(table, row)}`,
    ...(named ? [identityText(table, found, named)] : []),
  ]
  fail('23505', `conflict detected on relation "${applier.target}": conflict=${kind}`, {
    detail: `Key already exists in unique index "${index.name}", modified in transaction ${local.xmin}.\n${parts.join('; ')}.`,
  })
}

export function tellMissing(
  applier: Applier,
  { table }: Target,
  kind: 'update_missing' | 'delete_missing',
  { index, named, remote }: Missing,
): void {
  if (applier.server.environment.version < 18) return
  count(applier, kind)
  const verb = kind === 'update_missing' ? 'updated' : 'deleted'
  const identity = identityText(table, index, named)
  const parts = remote
    ? `Remote row ${rowText(table, remote)}; ${identity}`
    : identity.charAt(0).toUpperCase() + identity.slice(1)
  const message = `conflict detected on relation "${applier.target}": conflict=${kind}`
  say(applier, message, { sqlstate: '40001', detail: `Could not find the row to be ${verb}.\n${parts}.` })
}

function count({ server, worker }: Applier, kind: ConflictKind): void {
  server.shared.logicalWorkers.statisticsOf(worker.subscription).conflicted(kind)
}

function rowText(table: Table, row: Row): string {
  const values = table.columns.map(({ type }, index) => {
    const value = row[index]
    if (value === null) return 'null'
    const text = type.output(value)
    return text.length > 64 ? `${text.slice(0, 64)}...` : text
  })
  return `(${values.join(', ')})`
}

function identityText(table: Table, index: TableIndex | undefined, named: Row): string {
  return index
    ? `replica identity ${index.describeKey(index.keyOf(named))}`
    : `replica identity full ${rowText(table, named)}`
}
