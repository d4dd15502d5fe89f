// What became of each transaction: two bits, in pages of pg_xact. Mirrors clog.c, and slru.c as far as it needs it.
// All pages since the oldest that is needed are in memory from the start on, so that asking needs no waiting.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { slruError } from '../shared/file-access.ts'
import type { Requests } from '../shared/requests.ts'
import { resourceManagerInfoMask, type WalRecord } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import type { Wal } from '../wal/wal.ts'
import { pageSize } from './page.ts'

export const transactionStatus = { inProgress: 0, committed: 1, aborted: 2, subcommitted: 3 } as const

const transactionsPerPage = pageSize * 4
const pagesPerFile = 32
/** Commits that share one LSN in memory. */
const transactionsPerGroup = 32
const firstNormalXid = 3

const zeroPage = 0x00
const truncateTo = 0x10

interface CommitLogPage {
  readonly bytes: Uint8Array
  /** By group: the newest asynchronous commit; the page may be written only when the WAL is flushed up to it. */
  readonly groupLsns: Float64Array
  dirty: boolean
}

export class CommitLog implements ResourceManager {
  readonly id = resourceManagers.commitLog
  readonly name = 'CLOG'
  private readonly environment: ServerEnvironment
  private readonly wal: Wal
  private readonly requests: Requests
  private readonly pages = new Map<number, CommitLogPage>()

  constructor(environment: ServerEnvironment, wal: Wal, requests: Requests) {
    this.environment = environment
    this.wal = wal
    this.requests = requests
  }

  /** Reads what is there; before anything else. */
  *load(me: Process): Coroutine {
    const { data } = this.environment
    for (const path of data.list('pg_xact/')) {
      const first = firstPageOf(path)
      const count = Math.floor(data.sizeOf(path)! / pageSize)
      for (let index = 0; index < count; index++) {
        const page = newPage()
        yield* data.read(me, path, index * pageSize, page.bytes, 'SLRURead')
        this.pages.set(first + index, page)
      }
    }
  }

  /** A transaction that has no page yet is in progress. */
  status(xid: number): number {
    const page = this.pages.get(Math.floor(xid / transactionsPerPage))
    return page ? (page.bytes[(xid % transactionsPerPage) >>> 2] >>> ((xid & 3) * 2)) & 3 : 0
  }

  /**
   * The WAL must be flushed up to here before a page may say that the transaction has committed; 0 if it certainly is.
   * Others of the same group may make it higher than the transaction's own commit.
   */
  commitLsn(xid: number): number {
    const page = this.pages.get(Math.floor(xid / transactionsPerPage))
    return page ? page.groupLsns[Math.floor((xid % transactionsPerPage) / transactionsPerGroup)] : 0
  }

  /** `asyncLsn`: the end of the commit record if it was not flushed yet, else 0. */
  setStatus(xid: number, status: number, asyncLsn = 0): void {
    const page = this.page(Math.floor(xid / transactionsPerPage))
    const place = xid % transactionsPerPage
    const shift = (xid & 3) * 2
    const old = page.bytes[place >>> 2]
    // In recovery a subtransaction may be marked already as what its parent became.
    if (status === transactionStatus.subcommitted && ((old >>> shift) & 3) === transactionStatus.committed) return
    page.bytes[place >>> 2] = (old & ~(3 << shift)) | (status << shift)
    page.dirty = true
    const group = Math.floor(place / transactionsPerGroup)
    if (asyncLsn > page.groupLsns[group]) page.groupLsns[group] = asyncLsn
  }

  /** Before `xid` is given out: the first of a page makes the page, and logs that. */
  extend(me: Process, xid: number): void {
    if (xid % transactionsPerPage !== 0 && xid !== firstNormalXid) return
    const number = Math.floor(xid / transactionsPerPage)
    this.clear(number)
    const record = this.wal.begin(this.id, zeroPage, 0)
    if (this.environment.version < 17) record.data.u32(number)
    else record.data.u64(number)
    this.wal.insert(me, record)
  }

  /** At the end of recovery: what was marked from `nextXid` on belongs to transactions that the WAL has lost. */
  trim(nextXid: number): void {
    const place = nextXid % transactionsPerPage
    if (place === 0) return
    const page = this.page(Math.floor(nextXid / transactionsPerPage))
    const byte = place >>> 2
    page.bytes[byte] &= (1 << ((nextXid & 3) * 2)) - 1
    page.bytes.fill(0, byte + 1)
    page.dirty = true
  }

  /** Whole files that only older transactions have go, and that is logged first. */
  *truncate(me: Process, oldestXid: number, database: number): Coroutine {
    const first = Math.floor(oldestXid / transactionsPerPage)
    const gone = this.filesBefore(first)
    if (gone.length === 0) return
    const record = this.wal.begin(this.id, truncateTo, 0)
    if (this.environment.version < 17) record.data.u32(first)
    else record.data.u64(first)
    record.data.u32(oldestXid)
    record.data.u32(database)
    yield* this.wal.flush(me, this.wal.insert(me, record))
    this.removeFiles(gone)
  }

  private filesBefore(first: number): readonly string[] {
    const isBefore = (page: number) => (((page - first) * transactionsPerPage) | 0) < 0
    return this.environment.data.list('pg_xact/').filter(path => isBefore(firstPageOf(path) + pagesPerFile - 1))
  }

  private removeFiles(paths: readonly string[]): void {
    for (const path of paths) {
      const first = firstPageOf(path)
      for (let page = first; page < first + pagesPerFile; page++) this.pages.delete(page)
      this.environment.data.remove(path)
    }
  }

  /** For a checkpoint: writes the changed pages; gives how many. Their files are flushed with all others. */
  *writeDirty(me: Process): Coroutine<number> {
    let written = 0
    for (const [number, page] of this.pages) {
      if (!page.dirty) continue
      const lsn = page.groupLsns.reduce((highest, each) => Math.max(highest, each), 0)
      if (this.wal.needsFlush(lsn)) yield* this.wal.flush(me, lsn)
      this.write(me, number, page)
      written++
      yield* me.pause()
    }
    return written
  }

  *redo(me: Process, record: WalRecord): Coroutine {
    const view = new DataView(record.data.buffer, record.data.byteOffset)
    const number = view.getUint32(0, true)
    if ((record.info & resourceManagerInfoMask) === truncateTo) this.removeFiles(this.filesBefore(number))
    else this.write(me, number, this.clear(number))
  }

  private clear(number: number): CommitLogPage {
    const page = newPage()
    page.dirty = true
    this.pages.set(number, page)
    return page
  }

  /** One that isn't there was not made yet, or its file was lost: it is as if it were all zeros. */
  private page(number: number): CommitLogPage {
    return this.pages.get(number) ?? this.clear(number)
  }

  private write(me: Process, number: number, page: CommitLogPage): void {
    const { data } = this.environment
    const path = `pg_xact/${Math.floor(number / pagesPerFile)
      .toString(16)
      .toUpperCase()
      .padStart(4, '0')}`
    const offset = (number % pagesPerFile) * pageSize
    try {
      if (!data.exists(path)) data.create(path)
      data.write(me, path, offset, page.bytes)
    } catch (error) {
      throw slruError(error, path, offset)
    }
    page.dirty = false
    this.requests.fsyncRequests.register(path)
  }
}

function firstPageOf(path: string): number {
  return Number.parseInt(path.slice('pg_xact/'.length), 16) * pagesPerFile
}

function newPage(): CommitLogPage {
  return {
    bytes: new Uint8Array(pageSize),
    groupLsns: new Float64Array(transactionsPerPage / transactionsPerGroup),
    dirty: false,
  }
}
