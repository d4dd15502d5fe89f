// One execution of a plan: the values of its parameters, the rows of outer queries, the session that runs it.

import type { ScanShare } from '../../access/parallel-scan.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { HeldPins } from '../../storage/held-pins.ts'
import type { Snapshot } from '../../transactions/snapshot.ts'
import type { SessionContext } from '../context.ts'
import type { WorkArea } from '../work/work-area.ts'

/** A row in flight: one value a slot. */
export type Row = Value[]

export interface ExecutionOptions {
  /** Its part of the scan, if others run the same plan at the same time. */
  readonly share?: ScanShare
  /** Its own memory and temporary files; missing: the running statement's. */
  readonly work?: WorkArea
  /** It may stand still between two rows; its scans keep their pages pinned then. */
  readonly pins?: HeldPins
}

const alone: ExecutionOptions = {}

export class Execution {
  // Most statements have neither.
  private results: Map<object, Value | readonly Value[]> | undefined
  private tables: Map<object, readonly Row[]> | undefined
  readonly session: SessionContext
  /** By slot, as the statement's parameters were converted. */
  readonly parameters: readonly Value[]
  readonly snapshot: Snapshot
  /** For correlated subqueries: the current row of each query around, by depth. */
  readonly outerRows: Row[] = []
  /** Results of subqueries that need running once only. */
  get subqueryResults(): Map<object, Value | readonly Value[]> {
    this.results ??= new Map()
    return this.results
  }
  /** Rows of WITH queries. */
  get commonTables(): Map<object, readonly Row[]> {
    this.tables ??= new Map()
    return this.tables
  }
  /** Rows that data-modifying statements have changed. */
  processed = 0
  readonly share: ScanShare | undefined
  readonly work: WorkArea
  readonly pins: HeldPins | undefined

  constructor(
    session: SessionContext,
    parameters: readonly Value[],
    snapshot: Snapshot,
    { share, work, pins }: ExecutionOptions = alone,
  ) {
    this.session = session
    this.parameters = parameters
    this.snapshot = snapshot
    this.share = share
    this.work = work ?? session.work
    this.pins = pins
  }
}
