// A lock as bytes, for prepared transactions. Mirrors LOCKTAG and TwoPhaseLockRecord: 16 bytes of tag, 4 of mode.

import type { Bytes } from '../wal/record-builder.ts'
import type { LockMode } from './lock-mode.ts'
import { advisoryTag, type LockTag, relationTag, transactionTag, tupleTag } from './lock-tag.ts'

export interface TakenLock {
  readonly tag: LockTag
  readonly mode: LockMode
}

const types = { relation: 0, tuple: 4, transactionid: 5, advisory: 10 } as const
const advisoryMethod = 2

/** Only what a transaction keeps until its end can be written. */
export function writeLock(out: Bytes, { tag, mode }: TakenLock): void {
  const { type } = tag
  if (!(type in types)) throw new Error(`a transaction does not keep a lock on ${type}`)
  const isAdvisory = type === 'advisory'
  out.u32(type === 'transactionid' ? tag.transaction : tag.database)
  out.u32((isAdvisory ? tag.classId : tag.relation) >>> 0)
  out.u32((isAdvisory ? tag.objectId : tag.block) >>> 0)
  out.u16(isAdvisory ? tag.objectSub : tag.offset)
  out.u8(types[type as keyof typeof types])
  out.u8(isAdvisory ? advisoryMethod : 1)
  out.u32(mode)
}

/** None for a tag that this room does not know. */
export function locksOf(view: DataView, at: number): TakenLock[] {
  const word = (index: number) => view.getUint32(at + 4 * index, true)
  const mode = word(4) as LockMode
  const sub = view.getUint16(at + 12, true)
  switch (view.getUint8(at + 14)) {
    case types.relation:
      return [{ tag: relationTag(word(0), word(1)), mode }]
    case types.tuple:
      return [{ tag: tupleTag(word(0), word(1), word(2), sub), mode }]
    case types.transactionid:
      return [{ tag: transactionTag(word(0)), mode }]
    case types.advisory:
      return [{ tag: advisoryTag(word(0), word(1), word(2), sub === 1 ? 1 : 2), mode }]
  }
  return []
}
