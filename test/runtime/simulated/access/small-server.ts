// A server as far as tables go, without postmaster, SQL and files of a cluster: sessions are processes that a test
// writes as generators, and a crash throws the memory away and replays the WAL.

import { BTree } from '../../../../src/runtime/simulated/access/btree.ts'
import { BTreeRedo } from '../../../../src/runtime/simulated/access/btree-redo.ts'
import { Heap } from '../../../../src/runtime/simulated/access/heap.ts'
import { HeapRedo } from '../../../../src/runtime/simulated/access/heap-redo.ts'
import type { Index, IndexColumn, Relation } from '../../../../src/runtime/simulated/access/relation.ts'
import { SequenceRedo, Sequences } from '../../../../src/runtime/simulated/access/sequence.ts'
import type { Tid } from '../../../../src/runtime/simulated/access/tid.ts'
import { deformTuple } from '../../../../src/runtime/simulated/access/tuple.ts'
import type { Datum, StoredType, TupleDescriptor } from '../../../../src/runtime/simulated/access/tuple-descriptor.ts'
import type { Coroutine } from '../../../../src/runtime/simulated/kernel/task.ts'
import { LockManager } from '../../../../src/runtime/simulated/locks/lock-manager.ts'
import { relationTag } from '../../../../src/runtime/simulated/locks/lock-tag.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import { type VacuumResult, vacuumTable } from '../../../../src/runtime/simulated/maintenance/vacuum.ts'
import { StandbyRedo } from '../../../../src/runtime/simulated/recovery/running-transactions.ts'
import { ReplicationOrigins } from '../../../../src/runtime/simulated/replication/replication-origins.ts'
import { PostgresError } from '../../../../src/runtime/simulated/shared/error.ts'
import type { Proc } from '../../../../src/runtime/simulated/shared/proc.ts'
import { CumulativeStatistics } from '../../../../src/runtime/simulated/statistics/cumulative-statistics.ts'
import { BufferPool } from '../../../../src/runtime/simulated/storage/buffer-pool.ts'
import { CommitLog } from '../../../../src/runtime/simulated/storage/commit-log.ts'
import { FreeSpaceMap } from '../../../../src/runtime/simulated/storage/free-space-map.ts'
import { RedoPages } from '../../../../src/runtime/simulated/storage/redo-pages.ts'
import { RelationStorage } from '../../../../src/runtime/simulated/storage/relation-storage.ts'
import { VisibilityMap } from '../../../../src/runtime/simulated/storage/visibility-map.ts'
import { MultiXactRedo, TransactionRedo } from '../../../../src/runtime/simulated/transactions/transaction-redo.ts'
import { TransactionState } from '../../../../src/runtime/simulated/transactions/transaction-state.ts'
import { Transactions } from '../../../../src/runtime/simulated/transactions/transactions.ts'
import { WalReader } from '../../../../src/runtime/simulated/wal/reader.ts'
import type { WalRecord } from '../../../../src/runtime/simulated/wal/record.ts'
import { forks, xlogInfo } from '../../../../src/runtime/simulated/wal/record.ts'
import { type ResourceManager, resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'
import type { Wal } from '../../../../src/runtime/simulated/wal/wal.ts'
import { Machine, type MachineOptions, walStart } from '../wal/machine.ts'
import { SegmentsSource } from '../wal/segments-source.ts'

export const int4: StoredType = {
  length: 4,
  align: 4,
  write: (view, offset, value) => view.setInt32(offset, value as number, true),
  read: (view, offset) => view.getInt32(offset, true),
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const text: StoredType = {
  length: -1,
  align: 4,
  toBytes: value => encoder.encode(value as string),
  fromBytes: bytes => decoder.decode(bytes),
}

export function descriptorOf(...types: readonly StoredType[]): TupleDescriptor {
  return { attributes: types.map((type, index) => ({ name: `c${index}`, typeId: type === int4 ? 23 : 25, type })) }
}

const ascending = { descending: false, nullsFirst: false } as const

function compareAny(a: Datum, b: Datum): number {
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0
}

export class SmallServer {
  readonly machine: Machine
  wal!: Wal
  buffers!: BufferPool
  commitLog!: CommitLog
  redoPages!: RedoPages
  freeSpaceMap!: FreeSpaceMap
  visibilityMap!: VisibilityMap
  storage!: RelationStorage
  locks!: LockManager
  transactions!: Transactions
  heap!: Heap
  btree!: BTree
  sequences!: Sequences
  private nextOid = 16384

  constructor(options: MachineOptions = {}) {
    this.machine = new Machine(options)
    this.machine.run(me => this.bootstrap(me))
  }

  get procArray() {
    return this.machine.procArray
  }

  private *bootstrap(me: Process): Coroutine {
    this.makeMemory(yield* this.machine.freshWal(me))
    this.transactions.start(731, false)
  }

  private makeMemory(wal: Wal): void {
    const { environment, requests } = this.machine
    this.wal = wal
    this.buffers = new BufferPool(environment, wal, requests)
    this.commitLog = new CommitLog(environment, wal, requests)
    this.redoPages = new RedoPages(environment, this.buffers)
    this.freeSpaceMap = new FreeSpaceMap(this.buffers)
    this.visibilityMap = new VisibilityMap(this.buffers)
    this.storage = new RelationStorage(wal, this.buffers, this, this.redoPages)
    this.locks = new LockManager(environment)
    this.transactions = new Transactions(environment, {
      wal,
      commitLog: this.commitLog,
      locks: this.locks,
      procArray: this.procArray,
      storage: this.storage,
      statistics: new CumulativeStatistics(),
      origins: new ReplicationOrigins(environment, wal),
      *waitForSynchronousStandbys() {},
    })
    this.heap = new Heap(environment, this)
    this.btree = new BTree(this.heap.services)
    this.sequences = new Sequences(this.heap.services)
  }

  managers(): ReadonlyMap<number, ResourceManager> {
    const { services } = this.heap
    const managers = [
      this.commitLog,
      this.storage,
      new TransactionRedo(this.transactions),
      new MultiXactRedo(this.transactions),
      new StandbyRedo(this.transactions, this.commitLog),
      ...new HeapRedo(services, this.redoPages).managers(),
      new BTreeRedo(services, this.redoPages),
      new SequenceRedo(services, this.redoPages),
    ]
    return new Map(managers.map(manager => [manager.id, manager]))
  }

  /** The power goes; then the WAL from its beginning is replayed over what the disk has. */
  crash(): void {
    this.machine.powerCut()
    this.machine.run(me => this.recover(me))
  }

  private *recover(me: Process): Coroutine {
    this.makeMemory(this.machine.newWal())
    yield* this.commitLog.load(me)
    this.transactions.start(731, true)
    const managers = this.managers()
    let last = { start: 0, end: walStart }
    for (const record of yield* this.readWal(me)) {
      this.transactions.advancePast(record.xid)
      if (record.resourceManager === resourceManagers.xlog) {
        if (record.info !== xlogInfo.fullPageImage) throw new Error(`no redo for xlog record ${record.info}`)
        for (const { id } of record.blocks) this.buffers.unpin((yield* this.redoPages.read(me, record, id)).buffer!)
      } else yield* managers.get(record.resourceManager)!.redo(me, record) ?? []
      last = record
    }
    yield* this.wal.startInserting(me, { timeline: 1, end: last.end, lastRecord: last.start, redo: last.end })
    this.commitLog.trim(this.transactions.nextXid)
    this.transactions.endRecovery()
  }

  *readWal(me: Process, from = walStart): Coroutine<WalRecord[]> {
    const reader = new WalReader(15, new SegmentsSource(this.machine.environment, 1))
    reader.begin(from)
    const records: WalRecord[] = []
    for (let record = yield* reader.next(me); record; record = yield* reader.next(me)) records.push(record)
    return records
  }

  /** The records since `from`, all flushed first. */
  recordsSince(from: number): WalRecord[] {
    return this.machine.run(
      function* (this: SmallServer, me: Process): Coroutine<WalRecord[]> {
        yield* this.wal.flush(me, this.wal.endLsn)
        return yield* this.readWal(me, from)
      }.bind(this),
    )
  }

  /** Runs one session to its end; others that were started run meanwhile. */
  run<T>(body: (session: Session) => Coroutine<T>): T {
    return this.machine.run(me => this.session(me, body))
  }

  /** Starts a session that runs along; its result, or the error that ended it, is in the handle. */
  start<T>(body: (session: Session) => Coroutine<T>): Handle<T> {
    const handle: Handle<T> = { done: false }
    const server = this
    this.machine.start(function* (me) {
      try {
        handle.value = yield* server.session(me, body)
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error
        handle.error = error
      }
      handle.done = true
    })
    return handle
  }

  /** Lets so much time pass, in milliseconds. */
  pass(milliseconds: number): void {
    const { kernel } = this.machine
    kernel.run(kernel.now + milliseconds * 1_000_000)
  }

  private *session<T>(me: Process, body: (session: Session) => Coroutine<T>): Coroutine<T> {
    const proc = this.procArray.add(me, 'client backend', this.machine.environment.settings)
    proc.databaseId = 5
    const session = new Session(this, me, proc)
    try {
      return yield* body(session)
    } finally {
      session.tx.abortAll()
      this.locks.releaseAll(proc, 'session')
      this.procArray.remove(proc)
    }
  }

  /** A table with its files; `keys`: unique indexes by the columns that they have. */
  table(
    name: string,
    descriptor: TupleDescriptor,
    keys: readonly (readonly number[])[] = [],
    fillFactor = 100,
  ): Relation {
    const id = this.nextOid++
    const indexes: Index[] = []
    const locator = { tablespace: 1663, database: 5, relation: id }
    const table: Relation = {
      id,
      database: 5,
      name,
      kind: 'table',
      locator,
      lockTag: relationTag(5, id),
      descriptor,
      fillFactor,
      isCatalog: false,
      indexes,
    }
    for (const columns of keys) indexes.push(this.index(table, columns, true))
    this.run(session => session.createFiles(table))
    return table
  }

  index(table: Relation, attributes: readonly number[], isUnique: boolean): Index {
    const id = this.nextOid++
    const columns: IndexColumn[] = attributes.map(attribute => ({ attribute, compare: compareAny, ...ascending }))
    return {
      id,
      database: 5,
      name: `${table.name}_${attributes.map(column => `c${column}`).join('_')}_key`,
      kind: 'index',
      locator: { tablespace: 1663, database: 5, relation: id },
      lockTag: relationTag(5, id),
      descriptor: { attributes: attributes.map(column => table.descriptor.attributes[column]) },
      fillFactor: 90,
      isCatalog: false,
      indexes: [],
      table,
      isUnique,
      isPrimary: isUnique,
      nullsNotDistinct: false,
      isKey: isUnique,
      columns,
      usedAttributes: attributes,
      describeKey: key => `(${attributes.map(column => `c${column}`).join(', ')})=(${key.join(', ')})`,
    }
  }
}

export interface Handle<T> {
  done: boolean
  value?: T
  error?: PostgresError
}

/** What a backend does, as far as tests need it: statements, in blocks or alone. */
export class Session {
  readonly server: SmallServer
  readonly me: Process
  readonly proc: Proc
  readonly tx: TransactionState

  constructor(server: SmallServer, me: Process, proc: Proc) {
    this.server = server
    this.me = me
    this.proc = proc
    this.tx = new TransactionState(server.transactions, me, proc)
  }

  /** One statement: what fails rolls its transaction back. */
  *statement<T>(text: string, body: () => Coroutine<T>): Coroutine<T> {
    const { tx, proc } = this
    proc.statement = text
    proc.lastStatement = text
    tx.startCommand()
    try {
      const result = yield* body()
      yield* tx.commitCommand()
      return result
    } catch (error) {
      tx.abortCurrent()
      throw error
    } finally {
      proc.statement = undefined
    }
  }

  /** A vacuum that freezes nothing and skips no page. */
  vacuum(table: Relation, indexCleanup: 'auto' | 'on'): Coroutine<VacuumResult> {
    const { server, tx, me } = this
    const { transactions } = server
    return this.statement('vacuum', () =>
      vacuumTable(server.heap.services, server.btree, tx, table, {
        cutoffs: {
          oldestXmin: transactions.oldestNonRemovable(table.database),
          freezeLimit: 3,
          isAggressive: false,
          isFarInThePast: false,
        },
        truncates: true,
        indexCleanup,
        skipsNoPage: true,
        known: { pages: 0, tuples: -1 },
        memory: 1024 * 1024,
        delayPoint: () => me.pause(),
      }),
    )
  }

  *begin(isolation?: 'repeatable read'): Coroutine {
    const { tx } = this
    yield* this.statement('begin', function* () {
      tx.begin(isolation ? { isolation } : {}, () => {})
    })
  }

  *commit(): Coroutine {
    const { tx } = this
    yield* this.statement('commit', function* () {
      tx.commit(false, () => {})
    })
  }

  *rollback(): Coroutine {
    const { tx } = this
    yield* this.statement('rollback', function* () {
      tx.rollback(false, () => {})
    })
  }

  *savepoint(name: string): Coroutine {
    const { tx } = this
    yield* this.statement(`savepoint ${name}`, function* () {
      tx.savepoint(name)
    })
  }

  *rollbackTo(name: string): Coroutine {
    const { tx } = this
    yield* this.statement(`rollback to ${name}`, function* () {
      tx.rollbackTo(name)
    })
  }

  *createFiles(table: Relation): Coroutine {
    const { server, tx, me } = this
    yield* this.statement('create', function* () {
      for (const relation of [table, ...table.indexes]) {
        server.storage.create(me, relation.locator, tx.xid())
        if (relation.kind === 'index') yield* server.btree.build(tx, relation as Index, () => undefined)
      }
    })
  }

  *insert(table: Relation, values: readonly Datum[]): Coroutine<Tid> {
    const { server, tx } = this
    return yield* this.statement('insert', function* () {
      const tid = yield* server.heap.insert(tx, table, values)
      for (const index of table.indexes) {
        const key = index.usedAttributes.map(column => values[column])
        yield* server.btree.insert(tx, index, key, tid, index.isUnique ? 'yes' : 'no')
      }
      return tid
    })
  }

  *select(table: Relation): Coroutine<Datum[][]> {
    const { server, tx, me } = this
    return yield* this.statement('select', function* () {
      const snapshot = tx.snapshot()
      tx.pushActiveSnapshot(snapshot)
      const rows: Datum[][] = []
      const scan = server.heap.beginScan(tx, table, snapshot)
      for (let page = yield* scan.nextPage(me); page; page = yield* scan.nextPage(me)) {
        for (const tuple of page) rows.push(rowOf(tuple, table))
      }
      tx.popActiveSnapshot()
      return rows
    })
  }

  /** By the first index: the row of a key. */
  *lookup(table: Relation, key: Datum): Coroutine<{ tid: Tid; row: Datum[] } | undefined> {
    const { server, tx, me } = this
    return yield* this.statement('lookup', function* () {
      const snapshot = tx.snapshot()
      tx.pushActiveSnapshot(snapshot)
      const bound = { values: [key], inclusive: true }
      const scan = server.btree.beginScan(table.indexes[0], { lower: bound, upper: bound }, 'forward')
      let found: { tid: Tid; row: Datum[] } | undefined
      for (let count = yield* scan.next(me); count > 0 && !found; count = yield* scan.next(me)) {
        for (let i = 0; i < count && !found; i++) {
          const { tuple, allDead } = yield* server.heap.fetch(tx, table, scan.tids[i], snapshot)
          if (tuple) found = { tid: tuple.tid, row: rowOf(tuple, table) }
          else if (allDead) scan.killItem(i)
        }
      }
      yield* scan.close(me)
      tx.popActiveSnapshot()
      return found
    })
  }

  /**
   * UPDATE … SET … WHERE key = …, as read committed does it: what another changed meanwhile is taken in its newest
   * version. Gives how many rows it changed.
   */
  *update(table: Relation, key: Datum, change: (row: readonly Datum[]) => Datum[]): Coroutine<number> {
    const { server, tx } = this
    return yield* this.statement(`update ${table.name}`, () =>
      changeRow(this, table, key, function* (tid, row) {
        const values = change(row)
        const result = yield* server.heap.update(tx, table, tid, values)
        if (result.status === 'ok' && !result.hot) {
          for (const index of table.indexes) {
            const entry = index.usedAttributes.map(column => values[column])
            yield* server.btree.insert(tx, index, entry, result.tid, index.isUnique ? 'yes' : 'no')
          }
        }
        return result.status
      }),
    )
  }

  *delete(table: Relation, key: Datum): Coroutine<number> {
    const { server, tx } = this
    return yield* this.statement(`delete ${table.name}`, () =>
      changeRow(this, table, key, function* (tid) {
        return (yield* server.heap.delete(tx, table, tid)).status
      }),
    )
  }
}

/** Finds the row of a key by scanning, and follows it where others have changed it. */
function* changeRow(
  session: Session,
  table: Relation,
  key: Datum,
  change: (tid: Tid, row: readonly Datum[]) => Coroutine<string>,
): Coroutine<number> {
  const { server, tx } = session
  const snapshot = tx.snapshot()
  tx.pushActiveSnapshot(snapshot)
  const targets: { tid: Tid; row: Datum[] }[] = []
  const scan = server.heap.beginScan(tx, table, snapshot)
  for (let page = yield* scan.nextPage(session.me); page; page = yield* scan.nextPage(session.me)) {
    for (const tuple of page) {
      const row = rowOf(tuple, table)
      if (row[0] === key) targets.push({ tid: tuple.tid, row })
    }
  }
  let changed = 0
  for (const target of targets) {
    const { tid } = target
    let { row } = target
    let at = tid
    for (;;) {
      const status = yield* change(at, row)
      if (status === 'ok') changed++
      if (status !== 'updated') break
      if (tx.isolation === 'repeatable read') {
        throw new PostgresError('ERROR', '40001', 'could not serialize access due to concurrent update')
      }
      const latest = yield* server.heap.lockLatest(tx, table, tid, 'no key exclusive', 'block', false)
      if (latest.status !== 'ok') break
      at = latest.tid
      row = rowOf(latest.tuple, table)
      if (row[0] !== key) break
    }
  }
  tx.popActiveSnapshot()
  return changed
}

export function rowOf(tuple: Parameters<typeof deformTuple>[0], table: Relation): Datum[] {
  const row: Datum[] = []
  deformTuple(tuple, table.descriptor, row, table.descriptor.attributes.length)
  return row
}

export function blocksOf(server: SmallServer, relation: Relation): number {
  return server.buffers.blockCount(relation.locator, forks.main)
}
