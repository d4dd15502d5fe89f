// A table's row in pg_class as vacuum, analyze and the making of an index need it: what was last counted, how old it is,
// its storage parameters; and overwriting it with what was found. Mirrors vac_update_relstats and index_update_stats.

import type { Heap } from '../access/heap.ts'
import { overwriteTuple } from '../access/heap-inplace.ts'
import type { Datum } from '../access/tuple-descriptor.ts'
import type { Coroutine } from '../kernel/task.ts'
import { isNormal, precedes } from '../transactions/transaction-id.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { systemTablesOf } from './image.ts'
import type { CatalogState } from './state.ts'
import { pgClass } from './tables.ts'

/** What the functions here work with. */
export interface ClassServices {
  readonly catalog: CatalogState
  readonly heap: Heap
}

export class ClassRow {
  private readonly values: readonly Datum[]
  /** reloptions, by name. */
  readonly options: ReadonlyMap<string, string>

  constructor(values: readonly Datum[]) {
    this.values = values
    const options = this.get<string[] | null>('reloptions') ?? []
    this.options = new Map(
      options.map(option => {
        const equals = option.indexOf('=')
        return [option.slice(0, equals), option.slice(equals + 1)]
      }),
    )
  }

  get<T = number>(column: string): T {
    return this.values[pgClass.at(column)] as T
  }

  /** Scans leave it behind the columns. */
  get tid(): number {
    return this.values[pgClass.columns.length] as number
  }

  /** The row with these columns changed; undefined if they say so already. */
  with(fields: Readonly<Record<string, Datum>>): Datum[] | undefined {
    const values = this.values.slice(0, pgClass.columns.length)
    let differs = false
    for (const [column, value] of Object.entries(fields)) {
      const at = pgClass.at(column)
      differs ||= values[at] !== value
      values[at] = value
    }
    return differs ? values : undefined
  }
}

export function* readClassRows(services: ClassServices, tx: TransactionState): Coroutine<ClassRow[]> {
  const rows = yield* services.catalog.scan(tx, pgClass)
  return rows.map(values => new ClassRow(values))
}

export function* readClassRow(
  services: ClassServices,
  tx: TransactionState,
  oid: number,
): Coroutine<ClassRow | undefined> {
  return (yield* readClassRows(services, tx)).find(row => row.get('oid') === oid)
}

export interface RelationStatistics {
  readonly pages: number
  readonly tuples: number
  readonly allVisible?: number
  /** 0: not known. It only ever moves on. */
  readonly frozenXid?: number
}

/** True if the frozen xid moved on. */
export function* updateStatistics(
  services: ClassServices,
  tx: TransactionState,
  oid: number,
  { pages, tuples, allVisible = 0, frozenXid = 0 }: RelationStatistics,
): Coroutine<boolean> {
  const row = yield* readClassRow(services, tx, oid)
  if (!row) return false
  const movesOn = isNormal(frozenXid) && precedes(row.get('relfrozenxid'), frozenXid)
  const values = row.with({
    relpages: pages,
    reltuples: tuples,
    relallvisible: allVisible,
    ...(movesOn ? { relfrozenxid: frozenXid } : {}),
  })
  yield* overwrite(services, tx, row, values)
  return movesOn
}

/** An index was built: what was counted of it, or of its table. */
export function* noteBuild(
  services: ClassServices,
  tx: TransactionState,
  oid: number,
  hasIndex: boolean,
  { pages, tuples, allVisible = 0 }: RelationStatistics,
): Coroutine {
  const row = yield* readClassRow(services, tx, oid)
  if (!row) return
  // An empty table that nobody has counted stays so: it may have been made a moment ago, to be filled.
  const isUnknown = tuples === 0 && row.get('reltuples') < 0
  const counted = isUnknown ? {} : { relpages: pages, reltuples: tuples, relallvisible: allVisible }
  yield* overwrite(services, tx, row, row.with({ ...counted, relhasindex: hasIndex }))
}

function* overwrite(
  services: ClassServices,
  tx: TransactionState,
  row: ClassRow,
  values: readonly Datum[] | undefined,
): Coroutine {
  if (!values) return
  const { databaseId: database, databaseTablespace } = tx.proc
  yield* overwriteTuple(
    services.heap.services,
    tx,
    systemTablesOf(database, databaseTablespace).get(pgClass)!,
    row.tid,
    values,
  )
  const value = row.get('oid')
  for (const id of [relationByName, relationByOid, relationCache]) tx.invalidate({ id, database, value })
}

/** The caches that keep such a row: RELNAMENSP and RELOID of syscache.c, and the relation cache. */
const [relationByName, relationByOid, relationCache] = [55, 54, -2]
