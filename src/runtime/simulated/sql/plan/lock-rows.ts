// Locks the rows that come through. In read committed a row that another transaction changed meanwhile is taken in its
// newest version, if that still meets the conditions (EvalPlanQual); in repeatable read it is an error.

import type { LockResult, TupleLockMode, WaitPolicy } from '../../access/results.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { RangeEntry } from '../analysis/scope.ts'
import { modifyCost } from '../costs.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import type { Cursor, PlanNode } from './node.ts'
import { readTuple } from './tuple-reader.ts'

export interface LockedEntry {
  readonly entry: RangeEntry
  readonly mode: TupleLockMode
  readonly policy: WaitPolicy
}

/** Whether the transaction keeps one snapshot: then it must not build on rows that others changed since. */
export function usesOneSnapshot(execution: Execution): boolean {
  const { isolation } = execution.session.transaction
  return isolation === 'repeatable read' || isolation === 'serializable'
}

/** Puts a newer version of a table's row into a joined row. */
export function replaceVersion(row: Row, version: Row, entry: RangeEntry): Row {
  const replaced = row.slice()
  for (let slot = entry.offset; slot < entry.offset + entry.width; slot++) replaced[slot] = version[slot] ?? null
  return replaced
}

export class LockRows implements PlanNode {
  private readonly input: PlanNode
  private readonly entries: readonly LockedEntry[]
  private readonly recheck: Compiled | undefined

  constructor(input: PlanNode, entries: readonly LockedEntry[], recheck: Compiled | undefined) {
    this.input = input
    this.entries = entries
    this.recheck = recheck
  }

  open(execution: Execution, outer: Row): Cursor {
    const { input, entries, recheck } = this
    const cursor = input.open(execution, outer)
    let waiting: Row[] = []
    return {
      *nextBatch() {
        // One row at a time, so that a LIMIT above locks no more rows than it gives.
        while (waiting.length === 0) {
          const rows = yield* cursor.nextBatch()
          if (!rows) return undefined
          waiting = rows.reverse()
        }
        const row = yield* lockRow(waiting.pop()!, entries, recheck, execution)
        return row ? [row] : []
      },
    }
  }
}

function* lockRow(
  row: Row,
  entries: readonly LockedEntry[],
  recheck: Compiled | undefined,
  execution: Execution,
): Coroutine<Row | undefined> {
  let current = row
  let changed = false
  for (const { entry, mode, policy } of entries) {
    const tid = current[entry.tidSlot] as number | null
    // Null where an outer join made the row up.
    if (tid === null) continue
    const result = yield* lockTuple(entry, tid, mode, policy, execution)
    if (!result) return undefined
    if (!result.traversed) continue
    current = replaceVersion(current, readTuple(result.tuple, entry), entry)
    changed = true
  }
  if (changed && recheck && (yield* evaluate(recheck, current, execution)) !== true) return undefined
  return current
}

function* lockTuple(
  entry: RangeEntry,
  tid: number,
  mode: TupleLockMode,
  policy: WaitPolicy,
  execution: Execution,
): Coroutine<Extract<LockResult, { status: 'ok' }> | undefined> {
  const { server, transaction, me } = execution.session
  me.charge(modifyCost)
  const oneSnapshot = usesOneSnapshot(execution)
  const result: LockResult = oneSnapshot
    ? yield* server.heap.lock(transaction, entry.table!, tid, mode, policy)
    : yield* server.heap.lockLatest(transaction, entry.table!, tid, mode, policy, true)
  switch (result.status) {
    case 'ok':
      return result
    case 'updated':
      return oneSnapshot ? fail('40001', 'could not serialize access due to concurrent update') : undefined
    case 'deleted':
      return oneSnapshot ? fail('40001', 'could not serialize access due to concurrent delete') : undefined
    default:
      // Skipped, or changed by this transaction itself in a way that makes it invisible.
      return undefined
  }
}
