// The catalogs as they were when a change was made. Mirrors HeapTupleSatisfiesHistoricMVCC; of a transaction that changed
// the catalogs itself all its changes count, not those before the command alone.

import { isCurrentVersion } from '../access/current-version.ts'
import { tupleAt } from '../access/heap-services.ts'
import type { HeapTuple } from '../access/heap-tuple.ts'
import { deformTuple } from '../access/tuple.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import { CatalogImage, imageTables, systemTablesOf } from '../catalog/image.ts'
import { Table } from '../catalog/relations.ts'
import type { CatalogTableDefinition } from '../catalog/tables.ts'
import type { Coroutine } from '../kernel/task.ts'
import { precedes } from '../transactions/transaction-id.ts'
import type { Transactions } from '../transactions/transactions.ts'
import type { RelationLocator } from '../wal/record.ts'
import type { Decoding } from './services.ts'
import type { HistoricSnapshot } from './snapshot-builder.ts'

const nobody: ReadonlySet<number> = new Set()

export class HistoricCatalog {
  readonly image: CatalogImage
  private readonly byFile = new Map<number, Table>()

  constructor(image: CatalogImage) {
    this.image = image
    for (const each of image.all()) if (each instanceof Table) this.byFile.set(each.locator.relation, each)
  }

  /** Whose file it was; undefined for a catalog or index. */
  tableOf({ relation }: RelationLocator): Table | undefined {
    const table = this.byFile.get(relation)
    return table?.isCatalog ? undefined : table
  }
}

/** Reads the catalogs; `own`: the transaction that is decoded, if it changed them. */
export function* readHistoricCatalog(
  decoding: Decoding,
  snapshot: HistoricSnapshot,
  own: ReadonlySet<number> = nobody,
): Coroutine<HistoricCatalog> {
  const rows = new Map<CatalogTableDefinition, Datum[][]>()
  for (const definition of imageTables) rows.set(definition, yield* scanHistoric(decoding, definition, snapshot, own))
  return new HistoricCatalog(new CatalogImage(decoding.proc.databaseId, rows, decoding.proc.databaseTablespace))
}

export function* scanHistoric(
  { me, proc, services }: Decoding,
  definition: CatalogTableDefinition,
  snapshot: HistoricSnapshot,
  own: ReadonlySet<number>,
): Coroutine<Datum[][]> {
  const heap = services.heap.services
  const table = systemTablesOf(proc.databaseId, proc.databaseTablespace).get(definition)!
  const rows: Datum[][] = []
  for (let block = 0; block < heap.blockCount(table); block++) {
    const buffer = heap.tryPin(me, table, block) ?? (yield* heap.pin(me, table, block))
    for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
      const tuple = tupleAt(buffer, offset)
      if (!tuple || !wasThere(services.transactions, tuple, snapshot, own)) continue
      const values: Datum[] = []
      deformTuple(tuple, definition.descriptor, values, definition.columns.length)
      rows.push(values)
    }
    heap.buffers.unpin(buffer)
    yield* me.pause()
  }
  return rows
}

function wasThere(
  transactions: Transactions,
  tuple: HeapTuple,
  snapshot: HistoricSnapshot,
  own: ReadonlySet<number>,
): boolean {
  return isCurrentVersion(transactions, tuple, xid => own.has(xid) || hadCommitted(transactions, xid, snapshot))
}

function hadCommitted(transactions: Transactions, xid: number, { xmin, xmax, committed }: HistoricSnapshot): boolean {
  if (precedes(xid, xmin)) return transactions.didCommit(xid)
  return precedes(xid, xmax) && committed.has(xid)
}
