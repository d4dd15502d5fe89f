// GROUP BY and aggregates: a state for each group. The rows that come out hold the group's keys, then the results; of
// partial aggregates the states, which others are combined with later.

import type { Type, Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { hashRowCost, rowCost } from '../costs.ts'
import { type Compiled, evaluate } from '../expressions/compiled.ts'
import type { Execution, Row } from '../expressions/execution.ts'
import type { Aggregate } from '../expressions/expression.ts'
import { GroupSpace } from '../work/group-space.ts'
import { tupleSize } from '../work/tuple-size.ts'
import { hashOf } from './join.ts'
import type { Cursor, PlanNode } from './node.ts'
import { rowKey } from './sort.ts'

export interface AggregateTarget {
  readonly aggregate: Aggregate
  readonly argument: Compiled | undefined
  readonly argumentType: Type | undefined
  /** string_agg's separator. */
  readonly second: Compiled | undefined
  readonly filter: Compiled | undefined
  readonly distinct: boolean
}

export interface GroupKey {
  readonly value: Compiled
  readonly type: Type
}

/** From rows to results; from rows to states; from rows of states to results. */
export type AggregatePhase = 'whole' | 'partial' | 'final'

interface Group {
  readonly keys: readonly Value[]
  readonly states: unknown[]
  /** For DISTINCT: what each aggregate has seen. */
  readonly seen: (Set<string | number> | undefined)[]
}

export class AggregateNode implements PlanNode {
  private readonly input: PlanNode
  readonly keys: readonly GroupKey[]
  readonly targets: readonly AggregateTarget[]
  private readonly phase: AggregatePhase

  constructor(
    input: PlanNode,
    keys: readonly GroupKey[],
    targets: readonly AggregateTarget[],
    phase: AggregatePhase = 'whole',
  ) {
    this.input = input
    this.keys = keys
    this.targets = targets
    this.phase = phase
  }

  open(execution: Execution, outer: Row): Cursor {
    return this.over(this.input.open(execution, outer), execution)
  }

  /** Over rows that are there already. */
  over(input: Cursor, execution: Execution): Cursor {
    const { keys, targets, phase } = this
    const { me } = execution.session
    const { work } = execution
    const types = keys.map(key => key.type)
    const columns = types.map((type, slot) => ({ type, slot }))
    const start = (values: readonly Value[]): Group => ({
      keys: values,
      states: targets.map(target => target.aggregate.start()),
      seen: targets.map(target => (target.distinct ? new Set() : undefined)),
    })
    const step = phase === 'final' ? combine : advance
    let done = false
    return {
      *nextBatch() {
        if (done) return undefined
        done = true
        const groups = new Map<string, Group>()
        const space = new GroupSpace(work, targets.length)
        // Without GROUP BY there is one group, even of no rows.
        const only = keys.length === 0 ? start([]) : undefined
        for (let rows = yield* input.nextBatch(); rows; rows = yield* input.nextBatch()) {
          me.charge(rows.length * (rowCost + (only ? 0 : hashRowCost)))
          if (only && phase !== 'final' && countsRowsAlone(targets)) {
            for (let index = 0; index < targets.length; index++)
              only.states[index] = (only.states[index] as number) + rows.length
            continue
          }
          for (const row of rows) {
            let group = only
            if (!group) {
              const values: Value[] = []
              for (const { value } of keys)
                values.push(value.waits ? yield* value.evaluate(row, execution) : value.evaluate(row, execution))
              const key = rowKey(values, types)
              group = groups.get(key)
              if (!group) {
                group = start(values)
                groups.set(key, group)
                space.add(tupleSize(columns, values))
              }
            }
            yield* step(group, targets, row, execution)
          }
        }
        space.finish()
        const all = only ? [only] : [...groups.values()]
        return all.map(group => [...group.keys, ...results(group, targets, phase)])
      },
    }
  }
}

function results({ states }: Group, targets: readonly AggregateTarget[], phase: AggregatePhase): Value[] {
  // Nobody looks at a state but the aggregate that it is of.
  if (phase === 'partial') return states as Value[]
  return states.map((state, index) => targets[index].aggregate.finish(state as never))
}

/** count(*) and nothing else: no row needs to be looked at. */
function countsRowsAlone(targets: readonly AggregateTarget[]): boolean {
  return targets.every(target => !target.argument && !target.filter)
}

function* advance(group: Group, targets: readonly AggregateTarget[], row: Row, execution: Execution): Coroutine {
  for (let index = 0; index < targets.length; index++) {
    const { aggregate, argument, argumentType, second, filter } = targets[index]
    if (filter && (yield* evaluate(filter, row, execution)) !== true) continue
    let value: Value = null
    if (argument) {
      value = argument.waits ? yield* argument.evaluate(row, execution) : argument.evaluate(row, execution)
      if (value === null && !aggregate.acceptsNull) continue
      const seen = group.seen[index]
      if (seen) {
        const key = value === null ? '' : `v${hashOf([value], [argumentType!])}`
        if (seen.has(key)) continue
        seen.add(key)
      }
      if (second) value = [value, yield* evaluate(second, row, execution)]
    }
    group.states[index] = aggregate.step(group.states[index] as never, value as never)
  }
}

function* combine({ keys, states }: Group, targets: readonly AggregateTarget[], row: Row): Coroutine {
  for (let index = 0; index < targets.length; index++) {
    states[index] = targets[index].aggregate.combine!(states[index] as never, row[keys.length + index] as never)
  }
}
