// What a heavyweight lock is on. Mirrors locktag.h and DescribeLockTag.

export const lockTypes = ['relation', 'extend', 'tuple', 'transactionid', 'virtualxid', 'object', 'advisory'] as const

/** PostgreSQL's names, as pg_locks shows them. */
export type LockType = (typeof lockTypes)[number]

export interface LockTag {
  readonly type: LockType
  /** Unique among the tags of one type. */
  readonly key: number | string
  readonly database: number
  /** relation, extend, tuple: the relation's OID. */
  readonly relation: number
  /** tuple: its place. */
  readonly block: number
  readonly offset: number
  /** transactionid: the xid. virtualxid: the backend's number, and `objectId` its local transaction id. */
  readonly transaction: number
  /** object: class and OID. advisory: the two halves of the key, `objectSub` 1 for one bigint, 2 for two ints. */
  readonly classId: number
  readonly objectId: number
  readonly objectSub: number
}

/** All of one shape: tags are made for every transaction and looked at in hot places. */
function tagOf(
  type: LockType,
  key: number | string,
  database: number,
  { relation = 0, block = 0, offset = 0, transaction = 0, classId = 0, objectId = 0, objectSub = 0 },
): LockTag {
  return { type, key, database, relation, block, offset, transaction, classId, objectId, objectSub }
}

export function relationTag(database: number, relation: number): LockTag {
  return tagOf('relation', database * 0x1_0000_0000 + relation, database, { relation })
}

export function tupleTag(database: number, relation: number, block: number, offset: number): LockTag {
  return tagOf('tuple', `${database}/${relation}/${block}/${offset}`, database, { relation, block, offset })
}

export function transactionTag(xid: number): LockTag {
  return tagOf('transactionid', xid, 0, { transaction: xid })
}

/** pg_database, whose rows stand for databases where they are locked. */
const databaseClass = 1262

/** A database; 0: the one that does not exist, by which the order of commits that notify is kept. */
export function databaseTag(database: number): LockTag {
  return objectTag(0, databaseClass, database)
}

/** An object that is no relation; `database` is 0 for those that all databases share. */
export function objectTag(database: number, classId: number, objectId: number): LockTag {
  return tagOf('object', `${database}/${classId}/${objectId}`, database, { classId, objectId })
}

/** `objectSub`: 1 if the key was one bigint (`high` and `low` are its halves), 2 if two integers. */
export function advisoryTag(database: number, high: number, low: number, objectSub: 1 | 2): LockTag {
  const key = `${database}/${high}/${low}/${objectSub}`
  return tagOf('advisory', key, database, { classId: high, objectId: low, objectSub })
}

/** As messages name it. */
export function describeLockTag(tag: LockTag): string {
  switch (tag.type) {
    case 'relation':
      return `relation ${tag.relation} of database ${tag.database}`
    case 'extend':
      return `extension of relation ${tag.relation} of database ${tag.database}`
    case 'tuple':
      return `tuple (${tag.block},${tag.offset}) of relation ${tag.relation} of database ${tag.database}`
    case 'transactionid':
      return `transaction ${tag.transaction}`
    case 'virtualxid':
      return `virtual transaction ${tag.transaction}/${tag.objectId}`
    case 'object':
      return `object ${tag.objectId} of class ${tag.classId} of database ${tag.database}`
    case 'advisory':
      return `advisory lock [${tag.database},${tag.classId},${tag.objectId},${tag.objectSub}]`
  }
}
