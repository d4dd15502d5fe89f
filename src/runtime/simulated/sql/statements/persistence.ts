// ALTER TABLE … SET LOGGED and SET UNLOGGED: the table is written anew, its rows as new ones, its indexes and the sequences of
// its columns too. Mirrors ATPrepChangePersistence, ATRewriteTable and SequenceChangePersistence.

import type { AlterTableCmd } from '@pgsql/types'
import type { Relation } from '../../access/relation.ts'
import { deformTuple } from '../../access/tuple.ts'
import type { Datum } from '../../access/tuple-descriptor.ts'
import { Sequence, type Table } from '../../catalog/relations.ts'
import { pgPublicationRel } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { giveNewFile, makeNewHeap, takePlace } from './new-files.ts'

export function isPersistence({ subtype }: AlterTableCmd): boolean {
  return subtype === 'AT_SetLogged' || subtype === 'AT_SetUnLogged'
}

export function* changePersistence(session: Session, oid: number, { subtype }: AlterTableCmd): Coroutine {
  const table = session.catalog.byOid(oid) as Table
  const isUnlogged = subtype === 'AT_SetUnLogged'
  if (table.isUnlogged === isUnlogged) return
  const writer = new CatalogWriter(session)
  const publications = yield* writer.find(pgPublicationRel, row => row.get('prrelid') === oid)
  if (isUnlogged && publications.length > 0) {
    fail('55000', `cannot change table "${table.name}" to unlogged because it is part of a publication`, {
      detail: 'Unlogged relations cannot be replicated.',
    })
  }
  const heap = makeNewHeap(session, table, isUnlogged)
  const tuples = yield* copyRows(session, table, heap)
  yield* takePlace(session, table, heap, { reltuples: tuples, relfrozenxid: session.transaction.xid() })
  const owned = session.catalog.all().filter(each => each instanceof Sequence && each.owner?.table === oid)
  for (const sequence of owned) yield* changeSequence(session, sequence as Sequence, isUnlogged)
}

/** Gives how many there are. */
function* copyRows({ server, transaction, me }: Session, table: Table, heap: Relation): Coroutine<number> {
  const scan = server.heap.beginScan(transaction, table, transaction.latestSnapshot())
  const count = table.descriptor.attributes.length
  const values: Datum[] = new Array(count).fill(null)
  let rows = 0
  for (let page = yield* scan.nextPage(me); page; page = yield* scan.nextPage(me)) {
    for (const tuple of page) {
      deformTuple(tuple, table.descriptor, values, count)
      yield* server.heap.insert(transaction, heap, values)
      rows++
    }
  }
  return rows
}

function* changeSequence(session: Session, sequence: Sequence, isUnlogged: boolean): Coroutine {
  const { server, transaction } = session
  const writer = new CatalogWriter(session)
  yield* lockRelation(session, sequence, AccessExclusiveLock)
  const row = yield* server.sequences.read(transaction, sequence)
  yield* giveNewFile(writer, sequence, isUnlogged)
  writer.changed(sequence.id)
  const changed = (yield* session.refreshCatalog()).byOid(sequence.id) as Sequence
  yield* server.sequences.create(transaction, changed, row)
}
