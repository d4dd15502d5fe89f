// The pages that the server has in shared memory. Mirrors bufmgr.c. A page is brought in by pinning it, and stays
// while it is pinned; a changed page is written when its frame is needed, by the background writer, or by a checkpoint,
// and never before the WAL that describes the change is on the platter.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { PostgresError } from '../shared/error.ts'
import type { Requests } from '../shared/requests.ts'
import { versionFacts } from '../shared/versions.ts'
import { forks, type RelationLocator, xlogInfo } from '../wal/record.ts'
import { registerFlag } from '../wal/record-builder.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import { BackgroundWriting } from './background-writing.ts'
import type { Buffer, BufferUsage, ForkBuffers } from './buffer.ts'
import { BufferRing, type RingKind } from './buffer-ring.ts'
import { BufferTable } from './buffer-table.ts'
import { BufferWriter } from './buffer-writer.ts'
import { ClockSweep } from './clock-sweep.ts'
import { IoStatistics } from './io-statistics.ts'
import { type Page, pageSize } from './page.ts'
import { checksumOf } from './page-checksum.ts'
import { isDamaged } from './page-verification.ts'
import { RelationFiles } from './relation-files.ts'
import type { Residency } from './residency.ts'

const maxUsage = 5

export class BufferPool {
  readonly files: RelationFiles
  /** Since the server started: pages read and made anew; buffers written, by whom. */
  readonly counts = {
    reads: 0,
    extends: 0,
    writtenByBackends: 0,
    writtenByCheckpoints: 0,
    writtenByCleaning: 0,
  }
  readonly io = new IoStatistics()
  private readonly environment: ServerEnvironment
  private readonly wal: Wal
  private readonly sweep: ClockSweep
  private readonly writer: BufferWriter
  private readonly backgroundWriting: BackgroundWriting
  /** A buffer that was chosen, and then not taken because it takes waiting: it comes next. */
  private candidate: Buffer | undefined
  private readonly table: BufferTable
  private readonly residency: Residency | undefined

  /** `residency`: where it is counted which pages are in memory. */
  constructor(environment: ServerEnvironment, wal: Wal, requests: Requests, residency?: Residency) {
    this.environment = environment
    this.residency = residency
    this.wal = wal
    this.files = new RelationFiles(environment, requests)
    this.table = new BufferTable(this.files)
    this.writer = new BufferWriter(environment, wal, this.files)
    this.sweep = new ClockSweep(Math.floor(environment.settings.get('shared_buffers') / pageSize))
    this.backgroundWriting = new BackgroundWriting(environment.settings, this.sweep)
  }

  /** How many buffers the pool has. */
  get size(): number {
    return this.sweep.size
  }

  /** Buffers given out so far: buffers_alloc of pg_stat_bgwriter. */
  get allocations(): number {
    return this.sweep.allocations
  }

  /** Rounds of the background writer that bgwriter_lru_maxpages ended: maxwritten_clean of pg_stat_bgwriter. */
  get stoppedRounds(): number {
    return this.backgroundWriting.stoppedRounds
  }

  /** All frames that were ever used, in the order of the pool; for who looks and changes nothing. */
  get frames(): readonly Buffer[] {
    return this.sweep.buffers
  }

  /** The page, if it is here; for who looks and changes nothing. */
  pageAt(locator: RelationLocator, fork: number, block: number): Page | undefined {
    const buffer = this.table.of(locator, fork).buffers[block]
    return buffer?.readers === undefined ? buffer?.page : undefined
  }

  /** How often pages of a database were found here, and read. */
  usageOf(database: number): BufferUsage {
    return this.table.usageOf(database)
  }

  // Pins

  /** The page, pinned, if that needs no waiting: it is here, or in the page cache and a frame can be had at once. */
  tryPin(me: Process, locator: RelationLocator, fork: number, block: number, ring?: BufferRing): Buffer | undefined {
    const home = this.table.of(locator, fork)
    const buffer = home.buffers[block]
    if (buffer === undefined) return this.tryLoad(me, home, block, ring)
    return buffer.readers === undefined ? this.hit(me, buffer, ring) : undefined
  }

  /** The page, pinned, if it is here. */
  pinPresent(me: Process, locator: RelationLocator, fork: number, block: number): Buffer | undefined {
    const buffer = this.table.of(locator, fork).buffers[block]
    return buffer === undefined || buffer.readers !== undefined ? undefined : this.hit(me, buffer)
  }

  /** Whether the page is here, or about to be. */
  holds(locator: RelationLocator, fork: number, block: number): boolean {
    return this.table.of(locator, fork).buffers[block] !== undefined
  }

  /** The page, pinned; read from the file if it is not here. */
  *pin(me: Process, locator: RelationLocator, fork: number, block: number, ring?: BufferRing): Coroutine<Buffer> {
    const home = this.table.of(locator, fork)
    const found = yield* this.pinOrClaim(me, home, block, ring)
    if (found.home === undefined) yield* this.load(me, home, block, found, ring)
    return found
  }

  /** A page that will be made anew, pinned: if it is not here it is not read, so it may be damaged in the file. */
  *pinZeroed(me: Process, locator: RelationLocator, fork: number, block: number): Coroutine<Buffer> {
    const home = this.table.of(locator, fork)
    const found = yield* this.pinOrClaim(me, home, block)
    if (found.home === undefined) {
      this.settle(found, home, block)
      found.page.bytes.fill(0)
    }
    return found
  }

  /** The page, pinned, or a frame for it. */
  private *pinOrClaim(me: Process, home: ForkBuffers, block: number, ring?: BufferRing): Coroutine<Buffer> {
    for (;;) {
      const present = home.buffers[block]
      if (present?.readers) {
        yield* waitForReading(me, present.readers)
        continue
      }
      if (present) return this.hit(me, present, ring)
      const frame = yield* this.takeFrame(me, ring)
      // Another process may have brought the page in while the frame was cleaned.
      if (!home.buffers[block]) return frame
      this.giveBack(frame)
    }
  }

  private hit(me: Process, buffer: Buffer, ring?: BufferRing): Buffer {
    buffer.pins++
    this.residency?.touch(me, buffer.index)
    if (ring === undefined ? buffer.usage < maxUsage : buffer.usage === 0) buffer.usage++
    buffer.home!.usage.hits++
    this.io.of(me, ring).hits++
    if (this.wal.meters.areRunning) this.wal.meters.bufferHit()
    return buffer
  }

  unpin(buffer: Buffer): void {
    buffer.unpin()
  }

  /** Appends a page of zeros to the relation and pins it. */
  *extend(me: Process, locator: RelationLocator, fork: number, ring?: BufferRing): Coroutine<Buffer> {
    const frame = this.tryFrame(me, ring) ?? (yield* this.takeFrame(me, ring))
    const home = this.table.of(locator, fork)
    try {
      this.settle(frame, home, this.files.extend(me, home.path))
    } catch (error) {
      this.giveBack(frame)
      throw error
    }
    frame.page.bytes.fill(0)
    this.counts.extends++
    this.io.of(me, ring).extends++
    return frame
  }

  /** In blocks; 0 if the fork has no file. */
  blockCount(locator: RelationLocator, fork: number): number {
    return this.files.blockCount(this.table.of(locator, fork).path)
  }

  /** Whether what changes there is in the WAL. */
  needsWal(locator: RelationLocator): boolean {
    return this.table.of(locator, forks.main).needsWal
  }

  /** For a relation that no crash may empty: whether what changes in it goes into the WAL from now on. */
  setNeedsWal(locator: RelationLocator, needsWal: boolean): void {
    for (const fork of Object.values(forks)) this.table.of(locator, fork).needsWal = needsWal
  }

  /** A ring of its own for one scan, load or vacuum; undefined if vacuum_buffer_usage_limit gives it the whole pool. */
  ring(kind: RingKind): BufferRing | undefined {
    const { settings, version } = this.environment
    const vacuum = version < 16 ? 256 * 1024 : settings.get('vacuum_buffer_usage_limit')
    const bytes = { 'bulk read': 256 * 1024, 'bulk write': 16 * 1024 * 1024, vacuum }[kind]
    if (bytes === 0) return undefined
    return new BufferRing(kind, Math.max(1, Math.floor(Math.min(bytes / pageSize, this.size / 8))))
  }

  // Changes

  /** The page was changed, and the change is in the WAL or needs no WAL. */
  markDirty(buffer: Buffer): void {
    if (!buffer.dirty && this.wal.meters.areRunning) this.wal.meters.bufferDirtied()
    buffer.dirty = true
  }

  /**
   * Only hints were set on the page: losing them does no harm, so they need no WAL, unless wal_log_hints asks for the
   * page's image at its first change since the redo point, or a checksum would tell of a torn page that has lost nothing.
   * With full_page_writes off the record has no image, and saves nothing.
   * `standard`: the page has the standard layout.
   */
  markDirtyHint(me: Process, buffer: Buffer, standard = true): void {
    const { settings, version } = this.environment
    const mayNotTear = buffer.isPermanent && (settings.get('wal_log_hints') || versionFacts(version).checksums)
    // Where nothing is logged the hint is not worth a write.
    if (!buffer.dirty && mayNotTear && !buffer.needsWal) return
    if (!buffer.dirty && mayNotTear && this.wal.insertAllowed && buffer.page.lsn <= this.wal.redoLsn) {
      const record = this.wal.begin(resourceManagers.xlog, xlogInfo.fullPageImageForHint, 0)
      record.block(0, buffer, standard ? registerFlag.standard : 0)
      buffer.page.lsn = this.wal.insert(me, record)
    }
    this.markDirty(buffer)
  }

  // Writing

  /**
   * Marks what is dirty now, and gives it in the order in which a checkpoint writes it. Without `all` it leaves out
   * unlogged relations, which a crash empties anyway.
   */
  beginCheckpoint(all = true): Buffer[] {
    const buffers = this.sweep.buffers.filter(buffer => buffer.dirty && (all || buffer.isPermanent))
    for (const buffer of buffers) buffer.checkpointNeeded = true
    return buffers.sort(
      (a, b) =>
        tablespaceRank(b) - tablespaceRank(a) ||
        a.locator.relation - b.locator.relation ||
        a.fork - b.fork ||
        a.block - b.block,
    )
  }

  /** FlushOneBuffer: writes the page, which the caller has pinned, now. */
  *flush(me: Process, buffer: Buffer): Coroutine {
    yield* this.writer.flush(me, buffer)
    this.io.of(me).writes++
  }

  /** Writes one of them, unless somebody else has done so already: false. */
  *writeForCheckpoint(me: Process, buffer: Buffer): Coroutine<boolean> {
    if (!buffer.checkpointNeeded) return false
    yield* this.writer.flush(me, buffer)
    this.counts.writtenByCheckpoints++
    this.io.of(me).writes++
    return true
  }

  /** A round of the background writer: cleans ahead of the clock hand. True if it may sleep deeply now. */
  *bgwriterRound(me: Process): Coroutine<boolean> {
    return yield* this.backgroundWriting.round(buffer => {
      this.counts.writtenByCleaning++
      this.io.of(me).writes++
      return this.writer.flush(me, buffer)
    })
  }

  /** The next allocation of a buffer sets the process's latch: for a background writer that sleeps deeply. */
  wakeOnAllocation(me: Process): void {
    this.sweep.wakeOnAllocation = me.latch
  }

  /** smgrdosyncall: writes the relations' pages and flushes their files, now. */
  *syncRelations(me: Process, locators: readonly RelationLocator[]): Coroutine {
    const homes = locators.flatMap(locator => Object.values(forks).map(fork => this.table.of(locator, fork)))
    for (const home of homes) {
      for (const buffer of [...home.buffers]) if (buffer?.dirty && buffer.home === home) yield* this.flush(me, buffer)
    }
    for (const { path } of homes) yield* this.files.sync(me, path)
  }

  // Relations that go away

  /** Forgets a relation's pages from `blocks` on without writing them, and cuts the fork's file. */
  truncate(locator: RelationLocator, fork: number, blocks: number): void {
    const home = this.table.of(locator, fork)
    this.forget(home, blocks)
    this.files.truncate(home.path, blocks)
  }

  /** Forgets a relation's pages without writing them, and removes its files. */
  dropRelation(locator: RelationLocator, isRedo: boolean): void {
    for (const fork of Object.values(forks)) this.forget(this.table.of(locator, fork), 0)
    this.table.remove(locator)
    this.files.remove(locator, isRedo)
  }

  /** Forgets a database's pages without writing them. Its files are the caller's. */
  dropDatabase(database: number): void {
    for (const buffer of this.sweep.buffers) {
      if (buffer.home?.locator.database !== database || buffer.readers) continue
      this.unsettle(buffer)
      this.sweep.release(buffer)
    }
    this.table.removeDatabase(database)
  }

  /** FlushDatabaseBuffers: its files have what its pages have. */
  *flushDatabase(me: Process, database: number): Coroutine {
    for (const buffer of [...this.sweep.buffers]) {
      if (!buffer.dirty || buffer.home?.locator.database !== database) continue
      buffer.pins++
      yield* this.flush(me, buffer)
      this.unpin(buffer)
    }
  }

  private forget(home: ForkBuffers, from: number): void {
    for (let block = from; block < home.buffers.length; block++) {
      const buffer = home.buffers[block]
      if (buffer && !buffer.readers) {
        this.unsettle(buffer)
        this.sweep.release(buffer)
      }
    }
  }

  // Frames

  /** Brings the page in without waiting, if its content is in the page cache and a frame can be had at once. */
  private tryLoad(me: Process, home: ForkBuffers, block: number, ring?: BufferRing): Buffer | undefined {
    const frame = this.tryFrame(me, ring)
    if (!frame) return undefined
    try {
      if (!this.files.tryRead(me, home.path, block, frame.page.bytes)) {
        frame.pins--
        this.candidate = frame
        return undefined
      }
      this.verify(me, home, block, frame)
    } catch (error) {
      this.giveBack(frame)
      throw error
    }
    this.settle(frame, home, block)
    this.countRead(me, home, ring)
    return frame
  }

  private countRead(me: Process, { usage }: ForkBuffers, ring?: BufferRing): void {
    this.counts.reads++
    usage.reads++
    this.io.of(me, ring).reads++
    if (this.wal.meters.areRunning) this.wal.meters.bufferMissed()
  }

  private *load(me: Process, home: ForkBuffers, block: number, frame: Buffer, ring?: BufferRing): Coroutine {
    this.settle(frame, home, block)
    const readers: Process[] = []
    frame.readers = readers
    this.countRead(me, home, ring)
    try {
      yield* this.files.read(me, home.path, block, frame.page.bytes)
      this.verify(me, home, block, frame)
    } catch (error) {
      this.unsettle(frame)
      this.giveBack(frame)
      throw error
    } finally {
      frame.readers = undefined
      for (const process of readers) process.continue()
    }
  }

  /** A damaged page is an error; one of a map, which can be made anew from the relation, is emptied. */
  private verify(me: Process, home: ForkBuffers, block: number, frame: Buffer): void {
    const isSound = this.hasItsChecksum(me, block, frame) && !isDamaged(frame.page)
    if (isSound) return
    const relation = this.environment.version < 18 ? home.path : `"${home.path}"`
    const message = `invalid page in block ${block} of relation ${relation}`
    if (home.fork !== forks.freeSpaceMap && home.fork !== forks.visibilityMap) {
      if (this.environment.version >= 18) this.environment.log.log(me, message, { sqlstate: 'XX001' })
      throw new PostgresError('ERROR', 'XX001', message)
    }
    this.environment.log.report(me, { level: 'WARNING', sqlstate: 'XX001', message: `${message}; zeroing out page` })
    frame.page.bytes.fill(0)
  }

  /** Pages that lie there since initdb have none, and are not looked at. */
  private hasItsChecksum(me: Process, block: number, { page }: Buffer): boolean {
    const { version, log } = this.environment
    const expected = page.checksum
    if (expected === 0 || !versionFacts(version).checksums) return true
    const calculated = checksumOf(page, block)
    if (calculated === expected) return true
    const message = `page verification failed, calculated checksum ${calculated} but expected ${expected}`
    log.log(me, message, { sqlstate: 'XX001' })
    return false
  }

  private settle(frame: Buffer, home: ForkBuffers, block: number): void {
    frame.home = home
    frame.block = block
    frame.usage = 1
    home.set(block, frame)
  }

  private unsettle(buffer: Buffer): void {
    buffer.home!.buffers[buffer.block] = undefined
    buffer.home = undefined
    buffer.dirty = false
    buffer.checkpointNeeded = false
    buffer.usage = 0
  }

  /** Gives up a frame that `takeFrame` or `tryFrame` gave. */
  private giveBack(frame: Buffer): void {
    frame.pins--
    this.sweep.release(frame)
  }

  /** A frame without a page, pinned, if none has to be cleaned by flushing the WAL. */
  private tryFrame(me: Process, ring?: BufferRing): Buffer | undefined {
    const victim = this.victim(ring)
    if (victim.dirty) {
      if (this.wal.needsFlush(victim.page.lsn)) {
        this.candidate = victim
        return undefined
      }
      this.counts.writtenByBackends++
      this.io.of(me, ring).writes++
      this.writer.write(me, victim)
    }
    return this.claim(me, victim, ring)
  }

  /** A frame without a page, pinned. */
  private *takeFrame(me: Process, ring?: BufferRing): Coroutine<Buffer> {
    for (;;) {
      const victim = this.victim(ring)
      if (!victim.dirty) return this.claim(me, victim, ring)
      if (this.wal.needsFlush(victim.page.lsn) && ring?.reject(victim)) continue
      this.counts.writtenByBackends++
      this.io.of(me, ring).writes++
      yield* this.writer.flush(me, victim)
      if (victim.pins === 0 && !victim.dirty) return this.claim(me, victim, ring)
    }
  }

  private victim(ring?: BufferRing): Buffer {
    const { candidate } = this
    this.candidate = undefined
    return candidate?.pins === 0 ? candidate : this.sweep.victim(ring)
  }

  private claim(me: Process, victim: Buffer, ring?: BufferRing): Buffer {
    if (victim.home) {
      const counts = this.io.of(me, ring)
      if (ring?.gave(victim)) counts.reuses++
      else counts.evictions++
      this.unsettle(victim)
    }
    victim.pins++
    this.residency?.touch(me, victim.index)
    return victim
  }
}

function* waitForReading(me: Process, readers: Process[]): Coroutine {
  readers.push(me)
  me.waitEvent = 'BufferIO'
  yield
  me.waitEvent = undefined
}

/** The default tablespace comes before the shared one. */
function tablespaceRank(buffer: Buffer): number {
  return buffer.locator.database === 0 ? 0 : 1
}
