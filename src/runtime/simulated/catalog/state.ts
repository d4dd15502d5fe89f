// The catalogs as a server's sessions share them: one image, read when somebody needs it and kept until a transaction
// that changed the catalogs commits. How many invalidation messages were ever sent tells whether an image is current:
// they are sent when such a transaction commits, and on a standby when its commit record is replayed.

import type { Heap } from '../access/heap.ts'
import { deformTuple } from '../access/tuple.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { CatalogImage, imageTables, systemTables } from './image.ts'
import type { CatalogTableDefinition } from './tables.ts'

export class CatalogState {
  private current: { readonly image: CatalogImage; readonly generation: number } | undefined
  private readonly heap: Heap

  constructor(heap: Heap) {
    this.heap = heap
  }

  /** The image that was read last, current or not; for who looks and changes nothing. */
  get lastImage(): CatalogImage | undefined {
    return this.current?.image
  }

  /** The shared image, if it is current. */
  tryImage(tx: TransactionState): CatalogImage | undefined {
    return this.current?.generation === tx.transactions.invalidations.sent ? this.current.image : undefined
  }

  /** Reads it anew, and again if the catalogs changed meanwhile. */
  *image(tx: TransactionState): Coroutine<CatalogImage> {
    for (;;) {
      const known = this.tryImage(tx)
      if (known) return known
      const generation = tx.transactions.invalidations.sent
      const image = yield* this.read(tx)
      if (generation === tx.transactions.invalidations.sent) this.current = { image, generation }
    }
  }

  /** What this transaction sees of the catalogs, its own changes included. */
  *read(tx: TransactionState): Coroutine<CatalogImage> {
    const rows = new Map<CatalogTableDefinition, Datum[][]>()
    for (const definition of imageTables) rows.set(definition, yield* this.scan(tx, definition))
    return new CatalogImage(rows)
  }

  *scan(tx: TransactionState, definition: CatalogTableDefinition): Coroutine<Datum[][]> {
    const scan = this.heap.beginScan(tx, systemTables.get(definition)!, tx.latestSnapshot())
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
