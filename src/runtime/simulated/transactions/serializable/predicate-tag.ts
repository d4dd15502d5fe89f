// What a serializable transaction has read: a tuple, a page, a whole table or index. Each is a part of the next coarser
// one. Mirrors PREDICATELOCKTARGETTAG of predicate_internals.h.

/** A table or an index, as far as predicate locks need to know it. */
export interface ReadRelation {
  readonly id: number
  readonly database: number
  readonly isCatalog: boolean
}

export interface PredicateTag {
  readonly key: string
  readonly database: number
  readonly relation: number
  /** Missing for a whole relation. */
  readonly block?: number
  /** Missing for a whole page. */
  readonly offset?: number
}

export function relationTag({ database, id: relation }: Pick<ReadRelation, 'database' | 'id'>): PredicateTag {
  return { key: `${database}/${relation}`, database, relation }
}

export function pageTag(
  { database, id: relation }: Pick<ReadRelation, 'database' | 'id'>,
  block: number,
): PredicateTag {
  return { key: `${database}/${relation}/${block}`, database, relation, block }
}

export function tupleTag({ database, id: relation }: ReadRelation, block: number, offset: number): PredicateTag {
  return { key: `${database}/${relation}/${block}/${offset}`, database, relation, block, offset }
}

/** The next coarser one; undefined for a relation. */
export function parentOf({ database, relation, block, offset }: PredicateTag): PredicateTag | undefined {
  if (block === undefined) return undefined
  const whole = { database, id: relation }
  return offset === undefined ? relationTag(whole) : pageTag(whole, block)
}

/** Whether the one is a proper part of the other. */
export function isPartOf(part: PredicateTag, whole: PredicateTag): boolean {
  if (part.relation !== whole.relation || part.database !== whole.database || whole.offset !== undefined) return false
  if (whole.block === undefined) return part.block !== undefined
  return part.block === whole.block && part.offset !== undefined
}
