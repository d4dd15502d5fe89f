// Whether a table is read with parallel workers, and with how many: the one choice that is made by costs, as PostgreSQL
// makes it. Mirrors compute_parallel_worker of allpaths.c and, of costsize.c, what a sequential scan, a Gather and
// aggregates cost; costs are PostgreSQL's, with the values that its settings have by default.

import type { Table } from '../../catalog/relations.ts'
import type { SettingsReader } from '../../settings/settings.ts'
import { pageSize } from '../../storage/page.ts'
import type { SessionContext } from '../context.ts'

const pageCost = 1
const tupleCost = 0.01
const operatorCost = 0.0025
/** A path that is better by less than this is not worth having. */
const fuzz = 1.01
/** What nobody has counted is taken to have so many pages at least, and so many groups. */
const leastPages = 10
const guessedGroups = 200
const pageHeader = 24
const tupleOverhead = 24 + 4
const guessedWidth = 32

/** A scan of a table and its condition. */
export interface ScanEstimate {
  readonly table: Table
  /** Operators and functions that are called for each row. */
  readonly operators: number
  /** Which part of the rows meets the condition. */
  readonly selectivity: number
}

/** What is made of the rows right above the scan. */
export type RowsAbove =
  /** They are all wanted, or the first so many. */
  | { readonly kind: 'rows'; readonly limit: number | undefined }
  | {
      readonly kind: 'aggregate'
      readonly keys: number
      readonly aggregates: number
      /** Workers may aggregate what they read themselves. */
      readonly isPartial: boolean
    }

export interface ParallelChoice {
  /** 0: no Gather; else how many workers are planned. */
  readonly workers: number
  readonly isPartial: boolean
}

const serial: ParallelChoice = { workers: 0, isPartial: false }

export function chooseParallel(session: SessionContext, estimate: ScanEstimate, above: RowsAbove): ParallelChoice {
  const { settings, proc, server } = session
  const limit = settings.get('max_parallel_workers_per_gather')
  if (limit === 0 || proc.backendType !== 'client backend') return serial
  const { table } = estimate
  const pages = server.heap.blockCount(table)
  const workers = Math.min(table.parallelWorkers ?? workersFor(pages, settings), limit)
  if (workers === 0) return serial
  return new Comparison(settings, estimate, pages, workers).choose(above)
}

/** One more worker with each threefold size. */
function workersFor(pages: number, settings: SettingsReader): number {
  let threshold = Math.max(1, settings.get('min_parallel_table_scan_size') / pageSize)
  if (pages < settings.get('min_parallel_table_scan_size') / pageSize) return 0
  let workers = 1
  while (pages >= threshold * 3) {
    workers++
    threshold *= 3
  }
  return workers
}

class Comparison {
  private readonly settings: SettingsReader
  private readonly pages: number
  private readonly workers: number
  private readonly tuples: number
  private readonly rows: number
  private readonly perTuple: number
  /** Among how many the rows are divided. */
  private readonly divisor: number

  constructor(settings: SettingsReader, estimate: ScanEstimate, pages: number, workers: number) {
    this.settings = settings
    this.pages = pages
    this.workers = workers
    this.tuples = tuplesOf(estimate.table, pages)
    this.rows = Math.max(1, Math.round(this.tuples * estimate.selectivity))
    this.perTuple = tupleCost + operatorCost * estimate.operators
    const helps = settings.get('parallel_leader_participation')
    this.divisor = workers + (helps ? Math.max(0, 1 - 0.3 * workers) : 0)
  }

  choose(above: RowsAbove): ParallelChoice {
    return above.kind === 'rows' ? this.forRows(above.limit) : this.forAggregates(above)
  }

  private get scan(): number {
    return this.pages * pageCost + this.tuples * this.perTuple
  }

  private get partialScan(): number {
    return this.pages * pageCost + (this.tuples * this.perTuple) / this.divisor
  }

  private gather(cost: number, rows: number): number {
    return cost + this.settings.get('parallel_setup_cost') + rows * this.settings.get('parallel_tuple_cost')
  }

  private forRows(limit: number | undefined): ParallelChoice {
    const setup = this.settings.get('parallel_setup_cost')
    const gathered = this.gather(this.partialScan, this.rows)
    const fraction = limit === undefined ? 1 : Math.min(1, limit / this.rows)
    const isBetter = (setup + (gathered - setup) * fraction) * fuzz < this.scan * fraction
    return isBetter ? { workers: this.workers, isPartial: false } : serial
  }

  private forAggregates(above: RowsAbove & { kind: 'aggregate' }): ParallelChoice {
    const { keys, aggregates, isPartial } = above
    const { rows, workers, divisor } = this
    const perRow = operatorCost * (keys + aggregates)
    const groups = keys === 0 ? 1 : Math.min(rows, guessedGroups * keys)
    const each = (count: number, from: number) => from * perRow + count * tupleCost
    const whole = this.scan + each(groups, rows)
    const gathered = this.gather(this.partialScan, rows) + each(groups, rows)
    const partialGroups = Math.min(groups, rows / divisor)
    const sent = partialGroups * workers
    const partial = this.gather(this.partialScan + each(partialGroups, rows / divisor), sent) + each(groups, sent)
    const best = isPartial && partial < gathered ? partial : gathered
    return best * fuzz < whole ? { workers, isPartial: best === partial && isPartial } : serial
  }
}

/** estimate_rel_size: as densely filled as when it was counted; else as its columns' types let expect. */
function tuplesOf({ counted, columns, fillFactor }: Table, pages: number): number {
  if (counted.tuples >= 0 && counted.pages > 0) return (counted.tuples / counted.pages) * pages
  const width = columns.reduce((sum, { type }) => sum + (type.length >= 0 ? type.length : guessedWidth), 0)
  const density = ((pageSize - pageHeader) * fillFactor) / 100 / (width + tupleOverhead)
  return Math.round(density * Math.max(pages, leastPages))
}
