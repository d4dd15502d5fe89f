// Places in the WAL: an LSN is a byte position since the beginning of the log, pages and segments included.
// Mirrors the address arithmetic of xlog_internal.h and xlog.c.

export const segmentSize = 16 * 1024 * 1024
export const walPageSize = 8192
/** Header of a page of WAL; the first page of a segment has the long one. */
export const shortHeaderSize = 24
export const longHeaderSize = 40

/** Records begin at multiples of 8. */
export function align8(size: number): number {
  return size + (-size & 7)
}

export function segmentOf(lsn: number): number {
  return Math.floor(lsn / segmentSize)
}

/** The segment that the byte before `lsn` is in. */
export function previousSegmentOf(lsn: number): number {
  return Math.floor((lsn - 1) / segmentSize)
}

export function segmentOffset(lsn: number): number {
  return lsn % segmentSize
}

export function pageOffset(lsn: number): number {
  return lsn % walPageSize
}

export function pageStart(lsn: number): number {
  return lsn - (lsn % walPageSize)
}

export function pageHeaderSize(lsn: number): number {
  return lsn % segmentSize < walPageSize ? longHeaderSize : shortHeaderSize
}

/** Where a record begins that follows a record ending at `end`: behind the page header, if it is a page's first. */
export function startAfter(end: number): number {
  return end % walPageSize === 0 ? end + pageHeaderSize(end) : end
}

const segmentsPerId = 0x1_0000_0000 / segmentSize

/** The name of the segment's file: timeline, then the segment's number in two parts, eight hexadecimal digits each. */
export function segmentName(timeline: number, segment: number): string {
  return hexadecimal(timeline) + hexadecimal(Math.floor(segment / segmentsPerId)) + hexadecimal(segment % segmentsPerId)
}

/** What was asked for last: all of a cluster write, send, receive and replay the same segment nearly always. */
let lastPath = { timeline: 0, segment: 0, path: '' }

export function walFilePath(timeline: number, segment: number): string {
  if (lastPath.timeline !== timeline || lastPath.segment !== segment) {
    lastPath = { timeline, segment, path: `pg_wal/${segmentName(timeline, segment)}` }
  }
  return lastPath.path
}

/** Timeline and number of the segment with this name; undefined if it is no segment's name. */
export function parseSegmentName(name: string): { readonly timeline: number; readonly segment: number } | undefined {
  if (!/^[0-9A-F]{24}$/.test(name)) return undefined
  const part = (from: number) => Number.parseInt(name.slice(from, from + 8), 16)
  return { timeline: part(0), segment: part(8) * segmentsPerId + part(16) }
}

function hexadecimal(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0')
}
