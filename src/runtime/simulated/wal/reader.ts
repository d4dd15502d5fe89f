// Reads the records of the WAL one after the other, and tells where and why it ends: what the bytes say decides, so
// the messages come out as PostgreSQL's. Mirrors xlogreader.c.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import { addToCrc, finishCrc, initialCrc } from './crc32c.ts'
import { decodeRecord } from './decode.ts'
import { recallRecord, rememberRecord } from './decoded-records.ts'
import {
  align8,
  longHeaderSize,
  pageOffset,
  pageStart,
  segmentName,
  segmentOf,
  segmentOffset,
  segmentSize,
  shortHeaderSize,
  walPageSize,
} from './lsn.ts'
import { allPageFlags, getLsn, headerField, pageFlag, pageMagic, type Version } from './page-header.ts'
import { recordField, recordHeaderSize, resourceManagerInfoMask, type WalRecord, xlogInfo } from './record.ts'
import { lastResourceManager, resourceManagers } from './resource-managers.ts'

/** Where a reader gets its pages from: the files of pg_wal, an archive, or a stream that is still coming. */
export interface WalSource {
  /** Of the page read last: it names the segment in messages. */
  readonly timeline: number
  /**
   * Reads the page at LSN `page` into `target`, at least its first `needed` bytes. Gives how many bytes are valid: less
   * than `needed` if the segment is too short, a message or undefined if there is none to read or the source ends. A
   * source that waits for more WAL to come does so in here.
   */
  readPage(me: Process, page: number, needed: number, target: Uint8Array): Coroutine<number | string | undefined>
}

/** Why there is no next record. */
export interface WalEnding {
  /** Where a record was expected. */
  readonly lsn: number
  /** PostgreSQL's message; undefined if it says nothing, as when the next segment doesn't exist. */
  readonly message: string | undefined
  /** The record that breaks off, and the page in which the rest of it should stand. */
  readonly aborted?: { readonly record: number; readonly missing: number }
}

export class WalReader {
  /** Why `next` gave no record the last time. */
  ending: WalEnding | undefined
  /** Start of the last record read. */
  lastRecord = 0
  /** Where the last record read ends. */
  end = 0
  /** A broken record that the page of the record read last replaces; 0 if it replaces none. */
  overwrittenRecord = 0
  private readonly version: Version
  private readonly source: WalSource
  private readonly systemIdentifier: bigint | undefined
  private readonly page = new Uint8Array(walPageSize)
  private readonly view = new DataView(this.page.buffer)
  /** The page that is loaded, and how much of it; -1 if none. */
  private loaded = -1
  private loadedBytes = 0
  private latestPage = 0
  private latestTimeline = 0
  private randomAccess = true
  private failure: string | undefined

  /** `systemIdentifier`: refuse WAL of another cluster. */
  constructor(version: Version, source: WalSource, systemIdentifier?: bigint) {
    this.version = version
    this.source = source
    this.systemIdentifier = systemIdentifier
  }

  /** The next record read is the one at `lsn`, or the first of the page if `lsn` is a page's beginning. */
  begin(lsn: number): void {
    this.end = lsn
    this.lastRecord = 0
    this.randomAccess = true
    this.loaded = -1
  }

  /** The next record, if all of it stands in what was read of a page already, and is right. */
  tryNext(): WalRecord | undefined {
    const { end: start, view, loadedBytes } = this
    const offset = pageOffset(start)
    // A page's first record is looked at together with the page's header.
    if (start - offset !== this.loaded || offset <= longHeaderSize) return undefined
    if (offset + recordHeaderSize > loadedBytes) return undefined
    const length = view.getUint32(offset, true)
    if (offset + length > loadedBytes || this.checkHeader(view, offset, start) !== undefined) return undefined
    this.overwrittenRecord = 0
    return this.takeFromPage(start, offset, length)
  }

  /** The next record; undefined at the end of the WAL, and `ending` says why. */
  *next(me: Process): Coroutine<WalRecord | undefined> {
    let start = this.end
    this.overwrittenRecord = 0
    for (;;) {
      const outcome = yield* this.readRecord(me, start)
      if (typeof outcome !== 'number') return outcome
      start = outcome
    }
  }

  /** A record; undefined at the end; or a number: where to read instead, because the record was given up. */
  private *readRecord(me: Process, from: number): Coroutine<WalRecord | number | undefined> {
    let page = pageStart(from)
    let start = from
    this.failure = undefined
    if (!(yield* this.load(me, page, Math.min(pageOffset(from) + recordHeaderSize, walPageSize))))
      return this.stop(from)
    const headerSize = this.headerSize()
    if (pageOffset(start) === 0) start += headerSize
    else if (pageOffset(start) < headerSize) return this.stop(start, this.badOffset(start, headerSize))
    if (this.flags() & pageFlag.firstIsContrecord && pageOffset(start) === headerSize) {
      return this.stop(start, `contrecord is requested by ${formatLsn(start)}`)
    }
    const offset = pageOffset(start)
    const length = this.view.getUint32(offset, true)
    const first = Math.min(length, walPageSize - offset)
    if (offset + recordHeaderSize <= walPageSize) {
      const wrong = this.checkHeader(this.view, offset, start)
      if (wrong) return this.stop(start, wrong)
    } else if (length < recordHeaderSize) {
      return this.stop(start, this.badLength(start, length))
    }
    if (first === length) {
      if (!(yield* this.load(me, page, offset + length))) return this.stop(start)
      return this.takeFromPage(start, offset, length) ?? this.stop(start, badChecksum(start))
    }
    let bytes = new Uint8Array(Math.min(length, 2 * walPageSize))
    bytes.set(this.page.subarray(offset, offset + first))
    for (let got = first; got < length; ) {
      page += walPageSize
      if (!(yield* this.load(me, page, shortHeaderSize))) return this.stop(start, undefined, page)
      if (this.flags() & pageFlag.firstIsOverwriteContrecord) {
        this.overwrittenRecord = start
        return page
      }
      const remaining = this.view.getUint32(headerField.remaining, true)
      const wrong = this.checkContinuation(start, remaining, length - got)
      if (wrong) return this.stop(start, wrong, page)
      const from = this.headerSize()
      const count = Math.min(remaining, walPageSize - from)
      if (!(yield* this.load(me, page, from + count))) return this.stop(start, undefined, page)
      if (got + count > bytes.length) bytes = enlarged(bytes, got, length)
      bytes.set(this.page.subarray(from, from + count), got)
      // The header of the record was not whole before.
      if (got < recordHeaderSize) {
        const wrong = this.checkHeader(new DataView(bytes.buffer), 0, start)
        if (wrong) return this.stop(start, wrong, page)
      }
      got += count
      if (got === length) {
        const end = align8(page + from + count)
        return this.take(start, end, bytes, 0, length) ?? this.stop(start, badChecksum(start), page)
      }
    }
    throw new Error('a record that spans pages has no end')
  }

  /** The whole record stands in the page; undefined if its checksum is wrong. */
  private takeFromPage(start: number, offset: number, length: number): WalRecord | undefined {
    return this.take(start, align8(start + length), this.page, offset, length)
  }

  /** The whole record stands here; undefined if its checksum is wrong. */
  private take(start: number, end: number, source: Uint8Array, offset: number, length: number): WalRecord | undefined {
    const known = recallRecord(start, source, offset, length)
    if (known) return this.accepted(known)
    const bytes = source.slice(offset, offset + length)
    const record = this.accept(bytes, start, end)
    if (record) rememberRecord(record, bytes)
    return record
  }

  /** These are the bytes of the whole record; undefined if its checksum is wrong. */
  private accept(bytes: Uint8Array, start: number, end: number): WalRecord | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    // The header counts last, and without the checksum.
    const crc = addToCrc(addToCrc(initialCrc, view, recordHeaderSize, bytes.length), view, 0, recordField.crc)
    if (finishCrc(crc) !== view.getUint32(recordField.crc, true)) return undefined
    const isSwitch =
      view.getUint8(recordField.resourceManager) === resourceManagers.xlog &&
      (view.getUint8(recordField.info) & resourceManagerInfoMask) === xlogInfo.switch
    const next = isSwitch ? Math.ceil(end / segmentSize) * segmentSize : end
    return this.accepted(decodeRecord(bytes, view, start, next))
  }

  private accepted(record: WalRecord): WalRecord {
    this.end = record.end
    this.lastRecord = record.start
    this.randomAccess = false
    this.ending = undefined
    return record
  }

  /** There is no record at `lsn`. `missing`: the page in which the rest of a broken one should stand. */
  private stop(lsn: number, message = this.failure, missing?: number): undefined {
    this.loaded = -1
    this.ending = {
      lsn,
      message,
      ...(missing === undefined ? {} : { aborted: { record: lsn, missing } }),
    }
  }

  /** Has the page loaded, at least its first `needed` bytes, and its header checked; else says why in `failure`. */
  private *load(me: Process, page: number, needed: number): Coroutine<boolean> {
    if (page === this.loaded && needed <= this.loadedBytes) return true
    // The first page of a segment is looked at before any other one of it.
    const firstOfSegment = page - segmentOffset(page)
    if (firstOfSegment !== page && (this.loaded < 0 || segmentOf(this.loaded) !== segmentOf(page))) {
      if (!(yield* this.readPage(me, firstOfSegment, walPageSize))) return false
    }
    return yield* this.readPage(me, page, Math.max(needed, shortHeaderSize))
  }

  private *readPage(me: Process, page: number, needed: number): Coroutine<boolean> {
    this.loaded = -1
    let got = yield* this.source.readPage(me, page, needed, this.page)
    // Only now it is known that the header is a long one.
    if (typeof got === 'number' && got >= needed && got < this.headerSize()) {
      got = yield* this.source.readPage(me, page, this.headerSize(), this.page)
    }
    if (typeof got !== 'number') {
      this.failure = got
      return false
    }
    this.failure = got < needed ? this.shortRead(page, got) : this.checkPage(page)
    if (this.failure !== undefined) return false
    this.loaded = page
    this.loadedBytes = got
    return true
  }

  private flags(): number {
    return this.view.getUint16(headerField.flags, true)
  }

  private headerSize(): number {
    return this.flags() & pageFlag.longHeader ? longHeaderSize : shortHeaderSize
  }

  private checkPage(page: number): string | undefined {
    const { view } = this
    const magic = view.getUint16(headerField.magic, true)
    if (magic !== pageMagic[this.version]) return `invalid magic number ${hexadecimal4(magic)} in ${this.place(page)}`
    const flags = this.flags()
    const shouldBeLong = segmentOffset(page) === 0 && !(flags & pageFlag.longHeader)
    if (flags & ~allPageFlags || shouldBeLong) return `invalid info bits ${hexadecimal4(flags)} in ${this.place(page)}`
    if (flags & pageFlag.longHeader) {
      const wrong = this.checkLongHeader()
      if (wrong) return wrong
    }
    const address = getLsn(view, headerField.address)
    if (address !== page) return `unexpected pageaddr ${formatLsn(address)} in ${this.place(page)}`
    const timeline = view.getUint32(headerField.timeline, true)
    if (page > this.latestPage) {
      if (timeline < this.latestTimeline) {
        return `out-of-sequence timeline ID ${timeline} (after ${this.latestTimeline}) in ${this.place(page)}`
      }
      this.latestPage = page
      this.latestTimeline = timeline
    }
    return undefined
  }

  private checkLongHeader(): string | undefined {
    const different = 'WAL file is from different database system: '
    const identifier = this.view.getBigUint64(headerField.systemIdentifier, true)
    if (this.systemIdentifier !== undefined && identifier !== this.systemIdentifier) {
      return `${different}WAL file database system identifier is ${identifier}, pg_control database system identifier is ${this.systemIdentifier}`
    }
    if (this.view.getUint32(headerField.segmentSize, true) !== segmentSize) {
      return `${different}incorrect segment size in page header`
    }
    if (this.view.getUint32(headerField.pageSize, true) !== walPageSize) {
      return `${different}incorrect XLOG_BLCKSZ in page header`
    }
    return undefined
  }

  private checkContinuation(start: number, remaining: number, expected: number): string | undefined {
    if (!(this.flags() & pageFlag.firstIsContrecord)) return `there is no contrecord flag at ${formatLsn(start)}`
    if (remaining === 0 || remaining !== expected) {
      return `invalid contrecord length ${remaining} (expected ${expected}) at ${formatLsn(start)}`
    }
    return undefined
  }

  private checkHeader(view: DataView, at: number, start: number): string | undefined {
    const length = view.getUint32(at + recordField.totalLength, true)
    if (length < recordHeaderSize) return this.badLength(start, length)
    const manager = view.getUint8(at + recordField.resourceManager)
    if (manager > lastResourceManager) return `invalid resource manager ID ${manager} at ${formatLsn(start)}`
    const previous = getLsn(view, at + recordField.previous)
    if (this.randomAccess ? previous >= start : previous !== this.lastRecord) {
      return `record with incorrect prev-link ${formatLsn(previous)} at ${formatLsn(start)}`
    }
    return undefined
  }

  private badLength(lsn: number, length: number): string {
    const wanted = this.version === 15 ? 'wanted' : 'expected at least'
    return `invalid record length at ${formatLsn(lsn)}: ${wanted} ${recordHeaderSize}, got ${length}`
  }

  private badOffset(lsn: number, headerSize: number): string {
    const detail = this.version === 15 ? '' : `: expected at least ${headerSize}, got ${pageOffset(lsn)}`
    return `invalid record offset at ${formatLsn(lsn)}${detail}`
  }

  private shortRead(page: number, count: number): string {
    return `could not read from ${this.place(page)}: read ${count} of ${walPageSize}`
  }

  /** How messages name a page. */
  private place(page: number): string {
    const name = segmentName(this.source.timeline, segmentOf(page))
    const where = this.version === 15 ? `log segment ${name}` : `WAL segment ${name}, LSN ${formatLsn(page)}`
    return `${where}, offset ${segmentOffset(page)}`
  }
}

function badChecksum(lsn: number): string {
  return `incorrect resource manager data checksum in record at ${formatLsn(lsn)}`
}

function enlarged(bytes: Uint8Array, used: number, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length)
  larger.set(bytes.subarray(0, used))
  return larger
}

function hexadecimal4(value: number): string {
  return value.toString(16).toUpperCase().padStart(4, '0')
}
