// ANALYZE of one table: how many rows it has, live and dead. Mirrors do_analyze_rel and acquire_sample_rows. The
// distribution of values is not kept: no plan depends on it here.

import type { HeapServices } from '../access/heap-services.ts'
import { cost, tupleAt } from '../access/heap-services.ts'
import { updateStatistics } from '../catalog/class-row.ts'
import type { Table } from '../catalog/relations.ts'
import type { Random } from '../kernel/random.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { UsageMeter } from '../shared/usage-meters.ts'
import { versionFacts } from '../shared/versions.ts'
import type { Buffer } from '../storage/buffer.ts'
import { lineState } from '../storage/page.ts'
import type { TransactionState } from '../transactions/transaction-state.ts'
import { CostDelay } from './cost-delay.ts'
import { bufferLine, rateLine, systemLine, walLine } from './usage-report.ts'
import { type Maintainer, nameOf, openForWork, type WorkParameters } from './vacuum-relation.ts'

/** Rows of the sample for each step of default_statistics_target. */
const rowsPerTarget = 300

/** In the transaction that stands. */
export function* analyzeRelation(maintainer: Maintainer, oid: number, parameters: WorkParameters): Coroutine {
  const { transaction } = maintainer
  transaction.pushActiveSnapshot(transaction.snapshot())
  const table = yield* openForWork(maintainer, oid, 'analyze', parameters)
  if (table) yield* analyzeLocked(maintainer, table, parameters)
  transaction.popActiveSnapshot()
}

function* analyzeLocked(maintainer: Maintainer, table: Table, parameters: WorkParameters): Coroutine {
  const { services, me, tell } = maintainer
  const { meters } = services.wal
  const meter = meters.start(me)
  try {
    if (parameters.isVerbose) tell('INFO', '00000', `analyzing "public.${table.name}"`)
    yield* analyzeMetered(maintainer, table, parameters, meter)
  } finally {
    meters.stop(meter)
  }
}

function* analyzeMetered(
  maintainer: Maintainer,
  table: Table,
  parameters: WorkParameters,
  meter: UsageMeter,
): Coroutine {
  const { services, transaction, me } = maintainer
  const heap = services.heap.services
  const found = yield* sampleRows(maintainer, table, parameters, meter)
  // The statistics of the columns would be written now, which takes a transaction id, and WAL that the commit waits for.
  if (found.sampled > 0) {
    transaction.xid()
    transaction.wrote(services.wal.endLsn)
  }
  const { allVisible } = yield* heap.visibilityMap.count(me, table.locator)
  yield* updateStatistics(services, transaction, table.id, { pages: found.blocks, tuples: found.live, allVisible })
  for (const index of table.indexes) {
    const pages = heap.blockCount(index)
    yield* updateStatistics(services, transaction, index.id, { pages, tuples: found.live })
  }
  const own = transaction.openChangesOf(table.id)
  const live = Math.max(0, found.live - (own.inserted - own.deleted))
  const dead = Math.max(0, found.dead - (own.updated + own.deleted))
  services.statistics
    .of(transaction.proc.databaseId)
    .analyzed(table.id, { live, dead }, me.now(), parameters.automatic !== undefined)
  report(maintainer, table, parameters, meter)
}

interface Sample {
  readonly blocks: number
  /** Rows of the sample. */
  readonly sampled: number
  /** Estimates of all rows. */
  readonly live: number
  readonly dead: number
}

function* sampleRows(
  { services, me, proc, transaction, tell }: Maintainer,
  table: Table,
  parameters: WorkParameters,
  meter: UsageMeter,
): Coroutine<Sample> {
  const heap = services.heap.services
  const blocks = heap.blockCount(table)
  const wanted = rowsPerTarget * proc.settings.get('default_statistics_target')
  const delay = new CostDelay(me, meter, proc.settings, parameters.costs)
  const ring = heap.buffers.ring('vacuum')
  let looked = 0
  let live = 0
  let dead = 0
  for (const block of sampleBlocks(blocks, wanted, () => me.host.kernel.random.fork())) {
    yield* delay.point()
    const buffer = yield* heap.pin(me, table, block, ring)
    const found = countRows(heap, transaction, buffer)
    heap.buffers.unpin(buffer)
    me.charge(cost.page + (found.live + found.dead) * cost.tuple)
    looked++
    live += found.live
    dead += found.dead
  }
  const whole = (count: number) => (looked === 0 ? 0 : Math.floor((count / looked) * blocks + 0.5))
  const sampled = Math.min(live, wanted)
  if (parameters.isVerbose) {
    tell(
      'INFO',
      '00000',
      `"${table.name}": scanned ${looked} of ${blocks} pages, containing ${live} live rows and ${dead} dead rows; ${sampled} rows in sample, ${whole(live)} estimated total rows`,
    )
  }
  return { blocks, sampled, live: whole(live), dead: whole(dead) }
}

/** All blocks, or so many of them by chance, in order (Knuth's algorithm S). */
function* sampleBlocks(blocks: number, wanted: number, chance: () => Random): Generator<number> {
  const random = blocks > wanted ? chance() : undefined
  let left = Math.min(blocks, wanted)
  for (let block = 0; left > 0; block++) {
    if (random && random.integer(1, blocks - block) > left) continue
    left--
    yield block
  }
}

/** heapam_scan_analyze_next_tuple: rows that are being inserted by others are not there yet. */
function countRows(
  heap: HeapServices,
  tx: TransactionState,
  buffer: Buffer,
): { readonly live: number; readonly dead: number } {
  let live = 0
  let dead = 0
  for (let offset = 1; offset <= buffer.page.lineCount; offset++) {
    const line = buffer.page.itemState(offset)
    if (line === lineState.dead) dead++
    if (line !== lineState.normal) continue
    const tuple = tupleAt(buffer, offset)!
    const status = heap.visibility.forVacuum(tx, tuple, buffer)
    if (status === 'live') live++
    else if (status === 'dead' || status === 'recently dead') dead++
    else if (status === 'insert in progress' && tx.isCurrent(tuple.xmin)) live++
    else if (status === 'delete in progress') {
      if (tx.isCurrent(tuple.xmax)) dead++
      else live++
    }
  }
  return { live, dead }
}

function report(
  maintainer: Maintainer,
  table: Table,
  { automatic, logMinDuration }: WorkParameters,
  meter: UsageMeter,
): void {
  const { services, me, tell } = maintainer
  const elapsed = me.now() - meter.startedAt
  if (!automatic || logMinDuration < 0 || elapsed < logMinDuration) return
  const { version } = services.transactions.environment
  const lines = [
    `automatic analyze of table "${nameOf(maintainer, table)}"`,
    rateLine(meter, elapsed),
    bufferLine(version, meter),
    ...(versionFacts(version).reportsWalOfAnalyze ? [walLine(version, meter)] : []),
    systemLine(meter, elapsed),
  ]
  tell('LOG', '00000', lines.join('\n'))
}
