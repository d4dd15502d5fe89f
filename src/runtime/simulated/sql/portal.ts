// A cursor: a query that gives some rows and then stands still. It has a snapshot, memory and pins of its own as long as
// it is open. Mirrors PortalData and PortalRunFetch; it goes forward only.

import type { Value } from '../catalog/types/type.ts'
import type { Coroutine } from '../kernel/task.ts'
import { fail } from '../shared/error.ts'
import { HeldPins } from '../storage/held-pins.ts'
import type { Snapshot } from '../transactions/snapshot.ts'
import type { CompiledStatement } from './compiled-statement.ts'
import type { SessionContext } from './context.ts'
import { executorCost } from './costs.ts'
import { Execution, type Row } from './expressions/execution.ts'
import { type Cursor, emptyRow } from './plan/node.ts'
import { sendRows } from './results.ts'
import type { WorkArea } from './work/work-area.ts'

export class Portal {
  readonly name: string
  /** Of the subtransaction that it belongs to. */
  depth: number
  readonly pins = new HeldPins()
  private readonly session: SessionContext
  private readonly statement: CompiledStatement
  private readonly snapshot: Snapshot
  private readonly work: WorkArea
  private readonly execution: Execution
  /** Missing until rows are first asked for, and after it has failed. */
  private cursor: Cursor | undefined
  private state: 'ready' | 'running' | 'at end' | 'failed' = 'ready'
  /** What the query has given already, and nobody has fetched. */
  private rows: Row[] = []

  constructor(session: SessionContext, name: string, statement: CompiledStatement, parameters: readonly Value[]) {
    const { transaction } = session
    this.session = session
    this.name = name
    this.statement = statement
    this.depth = transaction.depth
    this.snapshot = transaction.snapshot()
    transaction.registerSnapshot(this.snapshot)
    this.work = session.work.another()
    this.execution = new Execution(session, parameters, this.snapshot, { work: this.work, pins: this.pins })
  }

  /** Sends the next rows, or with `passes` goes past them; gives how many there were. `count` may be infinite. */
  *fetch(count: number, passes: boolean): Coroutine<number> {
    const { transaction, me } = this.session
    if (this.state === 'failed') fail('55000', `portal "${this.name}" cannot be run`)
    me.charge(executorCost)
    transaction.pushActiveSnapshot(this.snapshot)
    const wasAtEnd = this.state === 'at end'
    this.state = 'running'
    const some = new SomeRows(wasAtEnd ? 0 : count, wanted => this.take(wanted))
    let fetched = 0
    if (passes) for (let rows = yield* some.nextBatch(); rows; rows = yield* some.nextBatch()) fetched += rows.length
    else fetched = yield* sendRows(this.execution, some, this.statement.columns!)
    this.state = fetched < count ? 'at end' : 'ready'
    transaction.popActiveSnapshot()
    return fetched
  }

  /** At most so many; undefined at the end. */
  private *take(wanted: number): Coroutine<Row[] | undefined> {
    this.cursor ??= this.statement.plan.open(this.execution, emptyRow)
    while (this.rows.length === 0) {
      const batch = yield* this.cursor.nextBatch()
      if (!batch) return undefined
      this.rows = batch
    }
    const taken = this.rows.slice(0, wanted)
    this.rows = this.rows.slice(wanted)
    return taken
  }

  /** An error ended a subtransaction while it ran: it keeps its name, and nothing else. */
  failIfRunning(): void {
    if (this.state !== 'running') return
    this.state = 'failed'
    this.close()
  }

  close(): void {
    this.pins.releaseAll()
    this.work.end()
    this.session.transaction.unregisterSnapshot(this.snapshot)
  }
}

/** So many rows of those that come. */
class SomeRows implements Cursor {
  private left: number
  private readonly take: (wanted: number) => Coroutine<Row[] | undefined>

  constructor(count: number, take: (wanted: number) => Coroutine<Row[] | undefined>) {
    this.left = count
    this.take = take
  }

  *nextBatch(): Coroutine<Row[] | undefined> {
    if (this.left === 0) return undefined
    const rows = yield* this.take(this.left)
    if (rows) this.left -= rows.length
    return rows
  }
}
