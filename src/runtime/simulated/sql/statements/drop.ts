// DROP TABLE, INDEX, SEQUENCE; DROP PUBLICATION is in publications.ts, DROP EXTENSION in extensions.ts. What belongs to a table goes with it: its indexes and the sequences of its columns.

import type { DropStmt, Node } from '@pgsql/types'
import { Sequence, type StoredRelation, Table, TableIndex } from '../../catalog/relations.ts'
import {
  pgAttrdef,
  pgAttribute,
  pgClass,
  pgConstraint,
  pgDepend,
  pgIndex,
  pgPublicationRel,
  pgSequence,
  pgSubscriptionRel,
} from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { findAll, stringOf } from '../analysis/tree.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { splitName } from '../functions/regclass.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { dropExtensions } from './extensions.ts'
import { dropPublications } from './publications.ts'

const kinds = {
  OBJECT_TABLE: { word: 'table', article: 'a table', relation: Table, missing: '42P01' },
  OBJECT_INDEX: { word: 'index', article: 'an index', relation: TableIndex, missing: '42704' },
  OBJECT_SEQUENCE: { word: 'sequence', article: 'a sequence', relation: Sequence, missing: '42P01' },
} as const

export function* drop(session: Session, tree: DropStmt): Coroutine<string> {
  if (tree.removeType === 'OBJECT_EXTENSION') return yield* dropExtensions(session, tree)
  if (tree.removeType === 'OBJECT_PUBLICATION') return yield* dropPublications(session, tree)
  const kind = kinds[tree.removeType as keyof typeof kinds]
  if (!kind) return fail('0A000', `DROP ${(tree.removeType ?? '').replace('OBJECT_', '')} is not played yet`)
  if (tree.concurrent) fail('0A000', 'DROP INDEX CONCURRENTLY is not played yet')
  const doomed: StoredRelation[] = []
  for (const object of tree.objects ?? []) {
    const relation = yield* findObject(session, object, kind, tree.missing_ok ?? false)
    if (relation) doomed.push(relation)
  }
  const cascades = tree.behavior === 'DROP_CASCADE'
  for (const relation of doomed) refuseNeeded(session, relation, doomed, cascades)
  for (const relation of doomed) yield* dropRelation(session, relation)
  return `DROP ${kind.word.toUpperCase()}`
}

function* findObject(
  session: Session,
  node: Node,
  kind: (typeof kinds)[keyof typeof kinds],
  missingOk: boolean,
): Coroutine<StoredRelation | undefined> {
  const names = 'List' in node ? (node.List.items ?? []).map(stringOf) : []
  const name = names[names.length - 1]
  const relation = session.catalog.byName(name, names.length > 1 ? names[names.length - 2] : undefined)
  if (!relation) {
    if (!missingOk) fail(kind.missing, `${kind.word} "${name}" does not exist`)
    notice(session, '00000', `${kind.word} "${name}" does not exist, skipping`)
    return undefined
  }
  if (!(relation instanceof kind.relation)) {
    const { kind: real } = relation
    fail('42809', `"${name}" is not ${kind.article}`, {
      hint: `Use DROP ${real.toUpperCase()} to remove ${real === 'index' ? 'an' : 'a'} ${real}.`,
    })
  }
  if (relation.isCatalog) fail('42501', `permission denied: "${name}" is a system catalog`)
  if (relation instanceof TableIndex) yield* lockRelation(session, relation.table, AccessExclusiveLock)
  yield* lockRelation(session, relation, AccessExclusiveLock)
  return relation
}

function refuseNeeded(
  session: Session,
  relation: StoredRelation,
  doomed: readonly StoredRelation[],
  cascades: boolean,
): void {
  if (relation instanceof TableIndex && relation.constraint !== undefined) {
    const { constraint, table } = relation
    fail(
      '2BP01',
      `cannot drop index ${relation.name} because constraint ${constraint} on table ${table.name} requires it`,
      {
        hint: `You can drop constraint ${constraint} on table ${table.name} instead.`,
      },
    )
  }
  if (!(relation instanceof Sequence)) return
  for (const { table, column } of usersOf(session, relation)) {
    if (doomed.includes(table)) continue
    if (cascades) fail('0A000', 'DROP SEQUENCE … CASCADE of a sequence that a default uses is not played yet')
    const what =
      doomed.length > 1
        ? 'desired object(s) because other objects depend on them'
        : `sequence ${relation.name} because other objects depend on it`
    fail('2BP01', `cannot drop ${what}`, {
      detail: `default value for column ${column} of table ${table.name} depends on sequence ${relation.name}`,
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    })
  }
}

/** Columns whose default is the sequence's next value. */
function usersOf(session: Session, sequence: Sequence): { readonly table: Table; readonly column: string }[] {
  return session.catalog.all().flatMap(table => {
    if (!(table instanceof Table)) return []
    return table.columns
      .filter(({ defaultTree }) =>
        findAll(defaultTree, 'FuncCall').some(({ args = [] }) =>
          args.some(
            node =>
              'A_Const' in node &&
              node.A_Const.sval &&
              splitName(node.A_Const.sval.sval ?? '').at(-1) === sequence.name,
          ),
        ),
      )
      .map(column => ({ table, column: column.name }))
  })
}

function* dropRelation(session: Session, relation: StoredRelation): Coroutine {
  const writer = new CatalogWriter(session)
  const parts: StoredRelation[] = relation instanceof Table ? [...relation.indexes] : []
  if (relation instanceof Table) {
    for (const each of session.catalog.all()) {
      if (each instanceof Sequence && each.owner?.table === relation.id) parts.push(each)
    }
  }
  const { serializable } = session.server.transactions
  if (relation instanceof Table) serializable.checkTableConflictIn(session.transaction, relation)
  if (relation instanceof TableIndex) serializable.indexDropped(relation, relation.table.id)
  for (const part of parts) yield* lockRelation(session, part, AccessExclusiveLock)
  const gone = [...parts, relation]
  const oids = new Set(gone.map(each => each.id))
  const isGone = (oid: number) => oids.has(oid)
  yield* writer.delete(pgAttrdef, row => isGone(row.get('adrelid')))
  yield* writer.delete(pgConstraint, row => isGone(row.get('conrelid')) || isGone(row.get('conindid')))
  yield* writer.delete(pgIndex, row => isGone(row.get('indexrelid')))
  yield* writer.delete(pgSequence, row => isGone(row.get('seqrelid')))
  yield* writer.delete(pgDepend, row => isGone(row.get('objid')))
  yield* writer.delete(pgAttribute, row => isGone(row.get('attrelid')))
  yield* writer.delete(pgPublicationRel, row => isGone(row.get('prrelid')))
  yield* writer.delete(pgSubscriptionRel, row => isGone(row.get('srrelid')))
  yield* writer.delete(pgClass, row => isGone(row.get('oid')))
  for (const each of gone) {
    writer.removeFile(each)
    session.transaction.dropsStatistics(each.id)
  }
  writer.changed(relation.id)
  yield* session.refreshCatalog()
}
