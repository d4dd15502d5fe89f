// CREATE SEQUENCE, and the sequences of serial and identity columns.

import type { CreateSeqStmt, Node } from '@pgsql/types'
import type { Sequence } from '../../catalog/relations.ts'
import { classRow } from '../../catalog/rows.ts'
import { pgClass, pgDepend, pgSequence, publicNamespace } from '../../catalog/tables.ts'
import { int2Type, int4Type, int8Type, narrow } from '../../catalog/types/integer.ts'
import type { Type } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessExclusiveLock } from '../../locks/lock-mode.ts'
import { fail } from '../../shared/error.ts'
import { locationOf } from '../analysis/tree.ts'
import { findType } from '../analysis/typename.ts'
import { CatalogWriter } from '../catalog-writer.ts'
import { notice } from '../notice.ts'
import { lockRelation } from '../relation-locks.ts'
import type { Session } from '../session.ts'
import { failAt } from '../source.ts'
import { namespaceFor } from './names.ts'
import { argumentText } from './storage-options.ts'

export function* createSequence(session: Session, tree: CreateSeqStmt): Coroutine<string> {
  const { relname: name = '', relpersistence, location = -1 } = tree.sequence!
  namespaceFor(session, tree.sequence!)
  if (relpersistence === 't') failAt(location, '0A000', 'CREATE TEMPORARY SEQUENCE is not played yet')
  if (session.catalog.byName(name)) {
    if (!tree.if_not_exists) fail('42P07', `relation "${name}" already exists`)
    notice(session, '42P07', `relation "${name}" already exists, skipping`)
    return 'CREATE SEQUENCE'
  }
  yield* defineSequence(session, name, tree.options ?? [], int8Type, relpersistence === 'u')
  return 'CREATE SEQUENCE'
}

export function* defineSequence(
  session: Session,
  name: string,
  options: readonly Node[],
  type: Type,
  isUnlogged: boolean,
): Coroutine<{ readonly oid: number; readonly name: string }> {
  if (session.catalog.byName(name)) fail('42P07', `relation "${name}" already exists`)
  const parameters = readParameters(options, type)
  const writer = new CatalogWriter(session)
  const oid = writer.newOid()
  // A sequence is always in its database's tablespace.
  writer.createFile(oid, { isUnlogged })
  yield* writer.insertRow(
    pgClass,
    classRow({ oid, name, namespace: publicNamespace, kind: 'S', fileNode: oid, columnCount: 3, isUnlogged }),
  )
  yield* writer.insert(pgSequence, {
    seqrelid: oid,
    seqtypid: parameters.type.oid,
    seqstart: narrow(parameters.start),
    seqincrement: narrow(parameters.increment),
    seqmax: narrow(parameters.maximum),
    seqmin: narrow(parameters.minimum),
    seqcache: narrow(parameters.cache),
    seqcycle: parameters.cycle,
  })
  writer.changed(oid)
  const sequence = (yield* session.refreshCatalog()).byOid(oid) as Sequence
  yield* lockRelation(session, sequence, AccessExclusiveLock)
  yield* session.server.sequences.create(session.transaction, sequence, {
    lastValue: sequence.options.start,
    isCalled: false,
  })
  return { oid, name }
}

/** Ties a sequence to the column that it serves: it is dropped with it. */
export function* ownSequence(session: Session, sequence: number, table: number, column: number): Coroutine {
  const writer = new CatalogWriter(session)
  yield* writer.insert(pgDepend, {
    classid: pgClass.oid,
    objid: sequence,
    refclassid: pgClass.oid,
    refobjid: table,
    refobjsubid: column,
    deptype: 'a',
  })
  writer.changed(sequence)
  yield* session.refreshCatalog()
}

const largest = new Map<Type, bigint>([
  [int2Type, 32767n],
  [int4Type, 2147483647n],
  [int8Type, 9223372036854775807n],
])

function readParameters(options: readonly Node[], columnType: Type): Sequence['options'] {
  const given = new Map<string, Node | undefined>()
  for (const node of options) {
    if (!('DefElem' in node)) continue
    const { defname = '', arg, location } = node.DefElem
    if (given.has(defname)) failAt(location, '42601', 'conflicting or redundant options')
    given.set(defname, arg)
  }
  const owner = given.get('owned_by')
  if (owner) failAt(locationOf(owner), '0A000', 'OWNED BY is not played yet')
  const asType = given.get('as')
  const type = asType && 'TypeName' in asType ? findType(asType.TypeName).type : columnType
  const limit = largest.get(type)
  if (limit === undefined) return fail('22023', 'sequence type must be smallint, integer, or bigint')
  // NO MINVALUE and NO MAXVALUE stand there without a value.
  const number = (name: string, missing: bigint) => (given.get(name) ? BigInt(argumentText(given.get(name))) : missing)
  const increment = number('increment', 1n)
  if (increment === 0n) fail('22023', 'INCREMENT must not be zero')
  const maximum = number('maxvalue', increment > 0n ? limit : -1n)
  const minimum = number('minvalue', increment > 0n ? 1n : -limit - 1n)
  if (minimum >= maximum) fail('22023', `MINVALUE (${minimum}) must be less than MAXVALUE (${maximum})`)
  const start = number('start', increment > 0n ? minimum : maximum)
  if (start < minimum) fail('22023', `START value (${start}) cannot be less than MINVALUE (${minimum})`)
  if (start > maximum) fail('22023', `START value (${start}) cannot be greater than MAXVALUE (${maximum})`)
  const cache = number('cache', 1n)
  if (cache !== 1n) fail('0A000', 'CACHE of a sequence is not played yet')
  return {
    type,
    start,
    increment,
    minimum,
    maximum,
    cache,
    cycle: given.has('cycle') && argumentText(given.get('cycle')) === 'true',
  }
}
