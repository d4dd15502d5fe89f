// The pages that redo works on. Mirrors xlogutils.c: a page that the record carries whole is put in place; one that
// has the change already is left alone; one that is missing was probably cut off later, which the WAL must then show.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { panic } from '../shared/error.ts'
import { blockOf, forks, isSameLocator, type RelationLocator, type WalRecord } from '../wal/record.ts'
import type { Buffer } from './buffer.ts'
import type { BufferPool } from './buffer-pool.ts'

/**
 * What is to be done with the page: apply the change; nothing, because it has the change (`done`) or was put in place
 * whole (`restored`); nothing, because there is no such page (`not found`). Only then there is no buffer; else it is
 * pinned.
 */
export type RedoPage =
  | { readonly action: 'needs redo' | 'done' | 'restored'; readonly buffer: Buffer }
  | { readonly action: 'not found'; readonly buffer?: undefined }

interface InvalidPage {
  readonly locator: RelationLocator
  readonly fork: number
  readonly block: number
  /** It is there, and all zeros. */
  readonly present: boolean
}

export class RedoPages {
  /** Set by recovery: from now on every page that the WAL speaks of must be there. */
  reachedConsistency = false
  private readonly environment: ServerEnvironment
  private readonly pool: BufferPool
  private readonly invalidPages = new Map<string, InvalidPage>()

  constructor(environment: ServerEnvironment, pool: BufferPool) {
    this.environment = environment
    this.pool = pool
  }

  /** What `read` gives, if that needs no waiting: the page is here, and the record has only a change of it. */
  tryRead(me: Process, record: WalRecord, id: number): RedoPage | undefined {
    const { locator, fork, block, image, willInit } = blockOf(record, id)
    if (image || willInit || isMap(fork)) return undefined
    const buffer = this.pool.pinPresent(me, locator, fork, block)
    return buffer && this.found(me, record, buffer)
  }

  /**
   * XLogReadBufferForRedo: the page of the record's block `id`. The caller marks it dirty and sets its LSN. `lock` waits
   * until nobody stands in the way of the change; it holds until the caller next waits.
   */
  *read(me: Process, record: WalRecord, id: number, lock?: (buffer: Buffer) => Coroutine): Coroutine<RedoPage> {
    const reference = blockOf(record, id)
    const { locator, fork, block } = reference
    if (reference.image && reference.applyImage) {
      const buffer = yield* this.makeAnew(me, locator, fork, block)
      if (lock) yield* lock(buffer)
      buffer.page.bytes.set(reference.image)
      if (!buffer.page.isNew) buffer.page.lsn = record.end
      this.pool.markDirty(buffer)
      // At the end of recovery the file is what counts: it is copied.
      if (fork === forks.init) yield* this.pool.flush(me, buffer)
      return { action: 'restored', buffer }
    }
    if (reference.willInit) return { action: 'needs redo', buffer: yield* this.makeAnew(me, locator, fork, block) }
    const buffer = isMap(fork)
      ? yield* this.readMap(me, locator, fork, block)
      : yield* this.readExisting(me, locator, fork, block)
    if (lock && buffer) yield* lock(buffer)
    return buffer ? this.found(me, record, buffer) : { action: 'not found' }
  }

  private found(me: Process, record: WalRecord, buffer: Buffer): RedoPage {
    if (!buffer.page.isNew) return { action: record.end <= buffer.page.lsn ? 'done' : 'needs redo', buffer }
    const { locator, fork, block } = buffer
    this.pool.unpin(buffer)
    this.remember(me, { locator, fork, block, present: true })
    return { action: 'not found' }
  }

  /** The page, for one who makes it anew, whatever is in the file. */
  private *makeAnew(me: Process, locator: RelationLocator, fork: number, block: number): Coroutine<Buffer> {
    return (yield* this.extendTo(me, locator, fork, block)) ?? (yield* this.pool.pinZeroed(me, locator, fork, block))
  }

  /** The page, of zeros if it was missing; file and blocks are made as far as they are needed. */
  *readAnyway(me: Process, locator: RelationLocator, fork: number, block: number): Coroutine<Buffer> {
    const present = this.pool.pinPresent(me, locator, fork, block)
    if (present) return present
    const made = yield* this.extendTo(me, locator, fork, block)
    return made ?? this.pool.tryPin(me, locator, fork, block) ?? (yield* this.pool.pin(me, locator, fork, block))
  }

  /** For a page that is not in memory: makes the file and its blocks up to this one; gives it pinned, if it was made. */
  private *extendTo(me: Process, locator: RelationLocator, fork: number, block: number): Coroutine<Buffer | undefined> {
    this.pool.files.create(this.pool.files.path(locator, fork))
    while (this.pool.blockCount(locator, fork) <= block) {
      const buffer = yield* this.pool.extend(me, locator, fork)
      if (buffer.block === block) return buffer
      this.pool.unpin(buffer)
    }
    return undefined
  }

  /** A map's page may have been lost: it begins anew, as hints may. */
  private *readMap(me: Process, locator: RelationLocator, fork: number, block: number): Coroutine<Buffer> {
    const buffer = yield* this.readAnyway(me, locator, fork, block)
    if (buffer.page.isNew) buffer.page.initialize()
    return buffer
  }

  private *readExisting(
    me: Process,
    locator: RelationLocator,
    fork: number,
    block: number,
  ): Coroutine<Buffer | undefined> {
    // A page that is in memory has a file, and is in it.
    if (!this.pool.holds(locator, fork, block)) {
      this.pool.files.create(this.pool.files.path(locator, fork))
      if (block >= this.pool.blockCount(locator, fork)) {
        this.remember(me, { locator, fork, block, present: false })
        return undefined
      }
    }
    return this.pool.tryPin(me, locator, fork, block) ?? (yield* this.pool.pin(me, locator, fork, block))
  }

  private remember(me: Process, page: InvalidPage): void {
    if (this.reachedConsistency) {
      this.warn(me, page)
      panic('XX000', 'WAL contains references to invalid pages')
    }
    const key = `${this.pool.files.path(page.locator, page.fork)} ${page.block}`
    if (!this.invalidPages.has(key)) this.invalidPages.set(key, page)
  }

  private warn(me: Process, page: InvalidPage): void {
    const what = page.present ? 'is uninitialized' : 'does not exist'
    this.environment.log.report(me, {
      level: 'WARNING',
      sqlstate: 'XX000',
      message: `page ${page.block} of relation ${this.pool.files.path(page.locator, page.fork)} ${what}`,
    })
  }

  /** The relation was dropped (`from` 0) or cut off: pages from `from` on were missing with good reason. */
  forget(locator: RelationLocator, from: number): void {
    for (const [key, page] of this.invalidPages) {
      if (page.block >= from && isSameLocator(page.locator, locator)) this.invalidPages.delete(key)
    }
  }

  /** XLogDropDatabase */
  forgetDatabase(database: number): void {
    for (const [key, page] of this.invalidPages) {
      if (page.locator.database === database) this.invalidPages.delete(key)
    }
  }

  /** When recovery has reached consistency: nothing that is missing may be without its reason. */
  check(me: Process): void {
    for (const page of this.invalidPages.values()) this.warn(me, page)
    if (this.invalidPages.size > 0) panic('XX000', 'WAL contains references to invalid pages')
  }
}

function isMap(fork: number): boolean {
  return fork === forks.visibilityMap || fork === forks.freeSpaceMap
}
