// A file in two places: what the page cache shows to processes, and what is on the platter. Only a flush moves bytes
// from the first to the second, sector by sector. Content is kept in 8 kB chunks; one that was never written reads as
// zeros. A chunk that is the same in both places is kept once, until it is written to; but for one that still grows.

import type { PageCache } from './page-cache.ts'

export const chunkSize = 8192
const sectorSize = 512
const mostSpare = 4

/** Part of a chunk, in bytes: whole sectors. */
interface Range {
  readonly chunk: number
  from: number
  to: number
}

/** Sectors on their way to the platter. */
interface Transfer {
  readonly chunk: number
  readonly from: number
  readonly to: number
  /** A chunk, of which this part was copied. */
  readonly content: Uint8Array
}

export interface Flush {
  readonly transfers: readonly Transfer[]
  /** How many bytes move. */
  readonly bytes: number
  /** How long the file is on the platter when they have arrived. */
  readonly size: number
}

export class File {
  /** In bytes, as processes see it. */
  size = 0
  /** In the kernel's time. */
  modifiedAt = 0
  /** In bytes, as it will be found after a power cut. */
  durableSize = 0
  private readonly cached: (Uint8Array | undefined)[] = []
  private readonly platter: (Uint8Array | undefined)[] = []
  /** What the cache has and the platter has not: in the order in which it was written, and by chunk. */
  private dirty: Range[] = []
  private readonly dirtyOf: (Range | undefined)[] = []
  private soiledAt = 0
  private readonly flushes: Flush[] = []
  /** The chunk that was written last, and not to its end: the rest of it comes soon, as in a log. -1: there is none. */
  private growing = -1
  /** A flush has failed: what the cache takes for written may differ from the platter. */
  private hasLostWrites = false
  /** Chunks that served before and can serve again: a commit needs two, and memory from outside the heap is dear. */
  private readonly spare: Uint8Array[] = []
  /** Chunks that were used since the page cache looked at them last. */
  private readonly used: boolean[] = []
  private readonly pages: PageCache | undefined
  /** What was read for several last. */
  private lastShared: { readonly offset: number; readonly bytes: Uint8Array } | undefined

  /** `pages`: what counts the chunks in the cache, where memory has a size. */
  constructor(pages?: PageCache) {
    this.pages = pages
  }

  get isDirty(): boolean {
    return this.dirty.length > 0
  }

  /** When it was written to first since the last flush, in the kernel's time; undefined: it was not. */
  get dirtySince(): number | undefined {
    return this.dirty.length > 0 ? this.soiledAt : undefined
  }

  /** How many chunks of this range only the platter has: reading them waits for the disk. */
  uncachedChunks(offset: number, length: number): number {
    let count = 0
    for (let chunk = Math.floor(offset / chunkSize); chunk * chunkSize < offset + length; chunk++) {
      if (this.cached[chunk] === undefined && this.platter[chunk] !== undefined) count++
    }
    return count
  }

  /** Copies into `target`; what lies past the end is left as it is. Gives the number of bytes read. */
  read(offset: number, target: Uint8Array): number {
    const length = Math.max(0, Math.min(target.length, this.size - offset))
    for (let done = 0; done < length; ) {
      const at = offset + done
      const within = at % chunkSize
      const count = Math.min(chunkSize - within, length - done)
      const chunk = this.load(Math.floor(at / chunkSize))
      if (chunk) target.set(chunk.subarray(within, within + count), done)
      else target.fill(0, done, done + count)
      done += count
    }
    return length
  }

  /** The same for several who read it one after the other: as long as nothing changes these are the same bytes. */
  readShared(offset: number, length: number): Uint8Array {
    const known = this.lastShared
    if (known?.offset === offset && known.bytes.length === length) return known.bytes
    const bytes = new Uint8Array(length)
    this.read(offset, bytes)
    // Where chunks are counted each reading uses them.
    if (!this.pages) this.lastShared = { offset, bytes }
    return bytes
  }

  /** `now`: the kernel's time. */
  write(offset: number, bytes: Uint8Array, now: number): void {
    this.lastShared = undefined
    this.modifiedAt = now
    for (let done = 0; done < bytes.length; ) {
      const at = offset + done
      const index = Math.floor(at / chunkSize)
      const within = at % chunkSize
      const count = Math.min(chunkSize - within, bytes.length - done)
      this.writable(index).set(bytes.subarray(done, done + count), within)
      this.soil(index, within, within + count, now)
      done += count
    }
    const end = offset + bytes.length
    if (end > this.size) this.size = end
    this.growsAt(end % chunkSize === 0 ? -1 : Math.floor(end / chunkSize))
  }

  private growsAt(chunk: number): void {
    const before = this.growing
    if (chunk === before) return
    this.growing = chunk
    if (before >= 0) this.share(before)
  }

  /** Truncates, or extends with zeros. */
  resize(size: number, now: number): void {
    this.lastShared = undefined
    this.modifiedAt = now
    const firstGone = Math.ceil(size / chunkSize)
    if (size < this.size) {
      this.countGone(firstGone)
      this.cached.length = Math.min(this.cached.length, firstGone)
      this.platter.length = Math.min(this.platter.length, firstGone)
      this.dirty = this.dirty.filter(({ chunk }) => chunk < firstGone)
      this.dirtyOf.length = Math.min(this.dirtyOf.length, firstGone)
      const within = size % chunkSize
      if (within !== 0 && this.load(firstGone - 1)) {
        this.writable(firstGone - 1).fill(0, within)
        this.soil(firstGone - 1, within, chunkSize, now)
      }
      this.durableSize = Math.min(this.durableSize, size)
    }
    this.size = size
  }

  /** Takes what is to be flushed; it is on the platter when `endFlush` is called with it. */
  beginFlush(): Flush {
    const transfers: Transfer[] = []
    let bytes = 0
    for (const { chunk, from, to } of this.dirty) {
      const content = this.spare.pop() ?? new Uint8Array(chunkSize)
      content.set(this.cached[chunk]!.subarray(from, to), from)
      transfers.push({ chunk, from, to, content })
      bytes += to - from
      this.dirtyOf[chunk] = undefined
    }
    if (this.dirty.length > 0) this.dirty = []
    const flush = { transfers, bytes, size: this.size }
    this.flushes.push(flush)
    return flush
  }

  endFlush(flush: Flush): void {
    // A power cut came first.
    const index = this.flushes.indexOf(flush)
    if (index < 0) return
    this.flushes.splice(index, 1)
    for (const { chunk, from, to, content } of flush.transfers) {
      // What was cut off meanwhile must not come back when the file grows again.
      if (chunk * chunkSize < this.size) {
        this.onPlatter(chunk).set(content.subarray(from, to), from)
        this.share(chunk)
      }
      this.keepSpare(content)
    }
    this.pages?.cleaned(flush.transfers.length)
    this.durableSize = Math.max(this.durableSize, Math.min(flush.size, this.size))
  }

  /** Keeps what cache and platter have alike once: unless it was or will be written to, or more of it is on its way. */
  private share(chunk: number): void {
    if (chunk === this.growing) return
    const cached = this.cached[chunk]
    const durable = this.platter[chunk]
    if (cached === undefined || cached === durable) return
    if (this.hasLostWrites || this.dirtyOf[chunk] || this.flushes.length > 0) return
    this.cached[chunk] = durable
    this.keepSpare(cached)
  }

  private keepSpare(content: Uint8Array): void {
    if (this.spare.length < mostSpare) this.spare.push(content)
  }

  /**
   * The disk has refused it. As on Linux the cache then takes these bytes for written: they are read as long as the
   * cache lasts, and the next flush does not try them again.
   */
  failFlush(flush: Flush): void {
    const index = this.flushes.indexOf(flush)
    if (index < 0) return
    this.flushes.splice(index, 1)
    this.hasLostWrites = true
    this.pages?.cleaned(flush.transfers.length)
  }

  /** Changes bytes where they lie for good, and has them read from there from now on. */
  damage(offset: number, length: number, change: (bytes: Uint8Array) => void): void {
    this.lastShared = undefined
    for (let done = 0; done < length; ) {
      const index = Math.floor((offset + done) / chunkSize)
      const within = (offset + done) % chunkSize
      const count = Math.min(chunkSize - within, length - done)
      change(this.onPlatter(index).subarray(within, within + count))
      if (this.cached[index]) this.pages?.removed(1)
      this.cached[index] = undefined
      done += count
    }
  }

  /**
   * The page cache is gone. Of what was on its way each sector may or may not have arrived: `arrived` tells, so that a
   * power cut can tear a page.
   */
  losePageCache(arrived: () => boolean): void {
    this.lastShared = undefined
    for (const { transfers } of this.flushes) {
      for (const { chunk, from, to, content } of transfers) {
        for (let at = from; at < to; at += sectorSize) {
          if (arrived()) this.onPlatter(chunk).set(content.subarray(at, at + sectorSize), at)
        }
      }
    }
    this.leavePageCache()
    this.dirty.length = 0
    this.dirtyOf.length = 0
    this.cached.length = 0
    this.hasLostWrites = false
    this.size = this.durableSize
  }

  /** The page cache has nothing of it any more, and nothing is on its way: it is removed, or the machine is down. */
  leavePageCache(): void {
    this.countGone(0)
    let moving = 0
    for (const { transfers } of this.flushes) moving += transfers.length
    this.flushes.length = 0
    this.pages?.cleaned(moving)
  }

  /**
   * Memory is needed elsewhere. `kept`: the chunk is dirty, on its way, or was used since it was looked at last; `gone`:
   * it was not there any more.
   */
  evict(chunk: number): 'evicted' | 'kept' | 'gone' {
    if (this.cached[chunk] === undefined) return 'gone'
    const wasUsed = this.used[chunk]
    this.used[chunk] = false
    if (wasUsed || this.dirtyOf[chunk] || this.flushes.length > 0) return 'kept'
    this.cached[chunk] = undefined
    return 'evicted'
  }

  /** Chunks from here on leave the cache, dirty or not. */
  private countGone(from: number): void {
    if (!this.pages) return
    let count = 0
    for (let chunk = from; chunk < this.cached.length; chunk++) if (this.cached[chunk]) count++
    this.pages.removed(count)
    this.pages.cleaned(this.dirty.filter(({ chunk }) => chunk >= from).length)
  }

  /** A file of the same content that is all on the platter, and not in the cache. */
  copy(pages?: PageCache): File {
    const copy = new File(pages)
    for (let index = 0; index * chunkSize < this.size; index++) copy.platter[index] = this.load(index)?.slice()
    copy.size = this.size
    copy.durableSize = this.size
    copy.modifiedAt = this.modifiedAt
    return copy
  }

  private load(index: number): Uint8Array | undefined {
    if (this.pages) this.used[index] = true
    const cached = this.cached[index]
    if (cached) return cached
    const durable = this.platter[index]
    if (durable) {
      this.cached[index] = durable
      this.pages?.added(this, index)
    }
    return durable
  }

  private writable(index: number): Uint8Array {
    const chunk = this.load(index)
    if (chunk && chunk !== this.platter[index]) return chunk
    const own = chunk ? (this.spare.pop() ?? new Uint8Array(chunkSize)) : new Uint8Array(chunkSize)
    if (chunk) own.set(chunk)
    else this.pages?.added(this, index)
    this.cached[index] = own
    return own
  }

  private onPlatter(index: number): Uint8Array {
    const chunk = this.platter[index] ?? new Uint8Array(chunkSize)
    this.platter[index] = chunk
    return chunk
  }

  /** The sectors of this part of a chunk differ from the platter's. */
  private soil(index: number, from: number, to: number, now: number): void {
    const start = from - (from % sectorSize)
    const end = Math.ceil(to / sectorSize) * sectorSize
    const range = this.dirtyOf[index]
    if (!range) {
      if (this.dirty.length === 0) this.soiledAt = now
      const made = { chunk: index, from: start, to: end }
      this.dirty.push(made)
      this.pages?.soiled()
      this.dirtyOf[index] = made
    } else {
      if (start < range.from) range.from = start
      if (end > range.to) range.to = end
    }
  }
}
