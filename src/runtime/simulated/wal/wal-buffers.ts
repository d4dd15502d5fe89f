// The WAL pages that are in shared memory: a ring, in which the byte at an LSN always has the same place.
// Mirrors the WAL buffer cache of xlog.c (CopyXLogRecordToWAL, AdvanceXLInsertBuffer).

import { pageOffset, pageStart, segmentSize, walPageSize } from './lsn.ts'
import { pageFlag, pageMagic, type Version, writePageHeader } from './page-header.ts'
import { copyBytes } from './record-builder.ts'

export class WalBuffers {
  /** In bytes; whole pages. */
  readonly size: number
  timeline = 0
  /** While a backup runs, pages are not marked as having removable images. */
  imagesRemovable = true
  /** The next page that is begun takes the place of one in which a broken record would have gone on. */
  nextPageOverwrites = false
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly magic: number
  private readonly systemIdentifier: bigint
  /** Called before a page is begun: the ring's older bytes below this LSN must be in the file. */
  private readonly needWritten: (lsn: number) => void

  constructor(size: number, version: Version, systemIdentifier: bigint, needWritten: (lsn: number) => void) {
    this.size = size
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
    this.magic = pageMagic[version]
    this.systemIdentifier = systemIdentifier
    this.needWritten = needWritten
  }

  /**
   * Copies `length` bytes of a record, of which the log ends at `end`, page headers put in between. Gives where the
   * record ends, without alignment.
   */
  append(record: Uint8Array, length: number, end: number): number {
    let at = end
    let done = 0
    while (done < length) {
      if (pageOffset(at) === 0) at = this.beginPage(at, done > 0 ? length - done : 0)
      const count = Math.min(length - done, walPageSize - pageOffset(at))
      copyBytes(record, done, done + count, this.bytes, at % this.size)
      at += count
      done += count
    }
    return at
  }

  /** Zeroes the page at LSN `address` and writes its header; gives where its content begins. */
  private beginPage(address: number, remaining: number): number {
    this.clearPage(address)
    let flags = this.imagesRemovable ? pageFlag.imagesRemovable : 0
    if (remaining > 0) flags |= pageFlag.firstIsContrecord
    if (this.nextPageOverwrites) flags |= pageFlag.firstIsOverwriteContrecord
    this.nextPageOverwrites = false
    const header = { magic: this.magic, flags, timeline: this.timeline, address, remaining }
    return address + writePageHeader(this.view, address % this.size, header, this.systemIdentifier)
  }

  /** A page of zeros without a header, as those that follow a switch to the next segment. */
  clearPage(address: number): void {
    this.needWritten(address - this.size + walPageSize)
    const place = address % this.size
    this.bytes.fill(0, place, place + walPageSize)
  }

  /** Takes over a page of which the beginning is in the file already. */
  restorePage(address: number, content: Uint8Array): void {
    const place = address % this.size
    this.bytes.fill(0, place, place + walPageSize)
    this.bytes.set(content, place)
  }

  /** Bytes from `from`, a page's start, up to `to` or as far as they lie in one piece in ring and segment. */
  piece(from: number, to: number): Uint8Array {
    const place = from % this.size
    const upTo = pageStart(to + walPageSize - 1)
    const length = Math.min(upTo - from, this.size - place, segmentSize - (from % segmentSize))
    return this.bytes.subarray(place, place + length)
  }
}
