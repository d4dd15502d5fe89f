// The header of a page of WAL. Mirrors XLogPageHeaderData and XLogLongPageHeaderData of xlog_internal.h.
//
//   magic 2, flags 2, timeline 4, address of the page 8, bytes of the record that goes on here 4, padding 4
//   and on the first page of a segment: system identifier 8, segment size 4, page size 4

import { longHeaderSize, segmentSize, shortHeaderSize, walPageSize } from './lsn.ts'

export type Version = 15 | 16 | 17 | 18

/** Changes with every version whose WAL others can't read. */
export const pageMagic: Readonly<Record<Version, number>> = { 15: 0xd110, 16: 0xd113, 17: 0xd116, 18: 0xd118 }

export const pageFlag = {
  /** The page begins with the rest of a record. */
  firstIsContrecord: 0x01,
  longHeader: 0x02,
  /** Images in here may be removed by compressors: no backup was running. */
  imagesRemovable: 0x04,
  /** The page replaces one that a broken record would have gone on in. */
  firstIsOverwriteContrecord: 0x08,
} as const

export const allPageFlags = 0x0f

export const headerField = {
  magic: 0,
  flags: 2,
  timeline: 4,
  address: 8,
  remaining: 16,
  systemIdentifier: 24,
  segmentSize: 32,
  pageSize: 36,
} as const

export interface PageHeader {
  readonly magic: number
  readonly flags: number
  readonly timeline: number
  /** The LSN of the page. */
  readonly address: number
  /** How many bytes of the record begun before are still to come, from here on. */
  readonly remaining: number
}

/** Writes the header of the page at LSN `address` to `at`; gives its size. */
export function writePageHeader(view: DataView, at: number, header: PageHeader, systemIdentifier: bigint): number {
  const isLong = header.address % segmentSize === 0
  view.setUint16(at + headerField.magic, header.magic, true)
  view.setUint16(at + headerField.flags, header.flags | (isLong ? pageFlag.longHeader : 0), true)
  view.setUint32(at + headerField.timeline, header.timeline, true)
  setLsn(view, at + headerField.address, header.address)
  view.setUint32(at + headerField.remaining, header.remaining, true)
  if (!isLong) return shortHeaderSize
  view.setBigUint64(at + headerField.systemIdentifier, systemIdentifier, true)
  view.setUint32(at + headerField.segmentSize, segmentSize, true)
  view.setUint32(at + headerField.pageSize, walPageSize, true)
  return longHeaderSize
}

/** An LSN as the WAL stores it. */
export function setLsn(view: DataView, at: number, lsn: number): void {
  view.setUint32(at, lsn, true)
  view.setUint32(at + 4, lsn / 0x1_0000_0000, true)
}

export function getLsn(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true)
}
