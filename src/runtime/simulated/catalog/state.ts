// The catalogs as a server's sessions share them: one image of each database, read when somebody needs it and kept until a
// transaction that changed the catalogs commits. How many invalidation messages were ever sent tells whether an image is
// current: they are sent when such a transaction commits, and on a standby when its commit record is replayed.

import { isCurrentVersion } from '../access/current-version.ts'
import type { Heap } from '../access/heap.ts'
import { tupleAt } from '../access/heap-services.ts'
import { deformTuple } from '../access/tuple.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { DatabasePlace } from '../storage/database-records.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { CatalogImage, imageTables, systemTablesOf } from './image.ts'
import type { CatalogTableDefinition } from './tables.ts'

interface KnownImage {
  readonly image: CatalogImage
  readonly generation: number
}

export class CatalogState {
  /** By database. */
  private readonly known = new Map<number, KnownImage>()
  private readonly heap: Heap

  constructor(heap: Heap) {
    this.heap = heap
  }

  /** The images that were read last, current or not; for who looks and changes nothing. */
  get lastImages(): readonly CatalogImage[] {
    return [...this.known.values()].map(({ image }) => image)
  }

  /** Of the database that the session is in: the shared image, if it is current. */
  tryImage({ proc, transactions }: TransactionState): CatalogImage | undefined {
    const known = this.known.get(proc.databaseId)
    if (known?.generation !== transactions.invalidations.sentTo(proc.databaseId)) return undefined
    // A database that was moved is no other to its catalogs, but they are elsewhere.
    return known.image.tablespace === proc.databaseTablespace ? known.image : undefined
  }

  /** Reads it anew, and again if the catalogs changed meanwhile. */
  *image(tx: TransactionState): Coroutine<CatalogImage> {
    const { databaseId } = tx.proc
    const { invalidations } = tx.transactions
    for (;;) {
      const known = this.tryImage(tx)
      if (known) return known
      const generation = invalidations.sentTo(databaseId)
      const image = yield* this.read(tx)
      if (generation === invalidations.sentTo(databaseId)) this.known.set(databaseId, { image, generation })
    }
  }

  /** What this transaction sees of the catalogs, its own changes included. */
  *read(tx: TransactionState): Coroutine<CatalogImage> {
    const rows = new Map<CatalogTableDefinition, Datum[][]>()
    for (const definition of imageTables) rows.set(definition, yield* this.scan(tx, definition))
    return new CatalogImage(tx.proc.databaseId, rows, tx.proc.databaseTablespace)
  }

  /** The rows of a catalog of any database, by what has committed: for who is not in it. */
  *readCommitted(
    me: Process,
    definition: CatalogTableDefinition,
    { database, tablespace }: DatabasePlace,
  ): Coroutine<Datum[][]> {
    const { services } = this.heap
    const { transactions } = services
    const table = systemTablesOf(database, tablespace).get(definition)!
    const had = (xid: number) => !transactions.isInProgress(xid) && transactions.didCommit(xid)
    const rows: Datum[][] = []
    for (let block = 0; block < services.blockCount(table); block++) {
      const buffer = services.tryPin(me, table, block) ?? (yield* services.pin(me, table, block))
      for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
        const tuple = tupleAt(buffer, offset)
        if (!tuple || !isCurrentVersion(transactions, tuple, had)) continue
        const values: Datum[] = []
        deformTuple(tuple, definition.descriptor, values, definition.columns.length)
        rows.push(values)
      }
      services.buffers.unpin(buffer)
      yield* me.pause()
    }
    return rows
  }

  *scan(tx: TransactionState, definition: CatalogTableDefinition): Coroutine<Datum[][]> {
    const table = systemTablesOf(tx.proc.databaseId, tx.proc.databaseTablespace).get(definition)!
    const scan = this.heap.beginScan(tx, table, tx.latestSnapshot())
    const rows: Datum[][] = []
    for (let page = yield* scan.nextPage(tx.me); page; page = yield* scan.nextPage(tx.me)) {
      for (const tuple of page) {
        const values: Datum[] = []
        deformTuple(tuple, definition.descriptor, values, definition.columns.length)
        // The place is behind the columns, for those who change the row.
        values.push(tuple.tid)
        rows.push(values)
      }
    }
    return rows
  }
}
