// A slot's file: in the place and of the size that PostgreSQL's has, with a layout of our own.

import { decodeLogical, encodeLogical } from './logical-slot.ts'
import { newSlot, type ReplicationSlot, slotInvalidations } from './slot.ts'

const stateSize = 200

/** Places in the file; what a logical slot has besides comes behind. */
const field = { restartLsn: 0, xmin: 8, invalidation: 12, isTemporary: 13, catalogXmin: 32 } as const

export function statePath(name: string): string {
  return `pg_replslot/${name}/state`
}

export function encode(slot: ReplicationSlot): Uint8Array {
  const bytes = new Uint8Array(stateSize)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(field.restartLsn, BigInt(slot.restartLsn), true)
  view.setUint32(field.xmin, slot.xmin, true)
  view.setUint8(field.invalidation, slot.invalidation ? slotInvalidations.indexOf(slot.invalidation) + 1 : 0)
  view.setUint8(field.isTemporary, slot.isTemporary ? 1 : 0)
  view.setUint32(field.catalogXmin, slot.catalogXmin, true)
  if (slot.logical) encodeLogical(view, slot.logical)
  return bytes
}

export function decode(name: string, bytes: Uint8Array, inactiveSince: number): ReplicationSlot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const restartLsn = Number(view.getBigUint64(field.restartLsn, true))
  const slot = newSlot(name, restartLsn, inactiveSince, decodeLogical(view))
  slot.xmin = view.getUint32(field.xmin, true)
  slot.invalidation = slotInvalidations[view.getUint8(field.invalidation) - 1]
  slot.isTemporary = view.getUint8(field.isTemporary) === 1
  slot.catalogXmin = view.getUint32(field.catalogXmin, true)
  return slot
}
