// What wal_level logical adds to the heap's records: new tuples even where the page is logged whole, and of old ones what
// names them. Mirrors RelationIsLogicallyLogged and ExtractReplicaIdentity.

import type { Bytes } from '../wal/record-builder.ts'
import { appendBody, appendHeader } from './heap-records.ts'
import type { HeapServices } from './heap-services.ts'
import type { HeapTuple } from './heap-tuple.ts'
import type { Relation } from './relation.ts'
import { attributeOf, formTuple, hasEqualAttribute } from './tuple.ts'

export function isLogicallyLogged({ wal }: HeapServices, relation: Relation): boolean {
  return wal.isLogical && !relation.isCatalog && !relation.isRewrite && relation.kind === 'table'
}

export interface Identity {
  readonly tuple: HeapTuple
  /** All of the old row, not its key alone. */
  readonly isWhole: boolean
}

/** What is logged of a row that is deleted, or replaced by `next`; undefined: nothing. */
export function oldIdentity(
  heap: HeapServices,
  relation: Relation,
  old: HeapTuple,
  next?: HeapTuple,
): Identity | undefined {
  const { replicaIdentity, descriptor } = relation
  if (!replicaIdentity || !isLogicallyLogged(heap, relation)) return undefined
  if (replicaIdentity.isFull) return { tuple: old, isWhole: true }
  const { attributes } = replicaIdentity
  if (attributes.length === 0) return undefined
  if (next && attributes.every(index => hasEqualAttribute(old, next, descriptor, index))) return undefined
  const key = descriptor.attributes.map((_, index) =>
    attributes.includes(index) ? attributeOf(old, descriptor, index) : null,
  )
  return { tuple: formTuple(descriptor, key), isWhole: false }
}

export function appendIdentity(data: Bytes, { tuple }: Identity): void {
  appendHeader(data, tuple)
  appendBody(data, tuple)
}
