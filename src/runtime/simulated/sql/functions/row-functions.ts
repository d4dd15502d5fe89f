// Functions that give rows: generate_series.

import { type Int8, int4Type, int8, int8Type } from '../../catalog/types/integer.ts'
import { type Interval, intervalType } from '../../catalog/types/interval.ts'
import { Numeric, numericType } from '../../catalog/types/numeric.ts'
import { addInterval, timestampType, timestamptzType } from '../../catalog/types/timestamp.ts'
import type { Value } from '../../catalog/types/type.ts'
import { fail } from '../../shared/error.ts'
import type { Execution } from '../expressions/execution.ts'
import type { RowFunction } from './registry.ts'

const zeroStep = () => fail('22023', 'step size cannot equal zero')

function* integers(_: Execution, start: Int8, stop: Int8, step: Int8 = 1): Generator<Value> {
  if (step === 0) zeroStep()
  if (typeof start === 'number' && typeof stop === 'number' && typeof step === 'number') {
    for (let value = start; step > 0 ? value <= stop : value >= stop; value += step) yield value
    return
  }
  for (let value = BigInt(start); step > 0 ? value <= stop : value >= stop; value += BigInt(step)) yield int8(value)
}

function* numerics(_: Execution, start: Numeric, stop: Numeric, step = Numeric.of(1)): Generator<Value> {
  const direction = step.compare(Numeric.of(0))
  if (direction === 0) zeroStep()
  for (
    let value = start;
    direction > 0 ? value.compare(stop) <= 0 : value.compare(stop) >= 0;
    value = value.add(step)
  ) {
    yield value
  }
}

function* times(_: Execution, start: number, stop: number, step: Interval): Generator<Value> {
  const direction = step.span()
  if (direction === 0) zeroStep()
  for (let value = start; direction > 0 ? value <= stop : value >= stop; value = addInterval(value, step)) yield value
}

export const rowFunctions: readonly RowFunction[] = [
  ...[int4Type, int8Type].flatMap(type => [
    { name: 'generate_series', parameters: [type, type], returns: type, rows: integers },
    { name: 'generate_series', parameters: [type, type, type], returns: type, rows: integers },
  ]),
  { name: 'generate_series', parameters: [numericType, numericType], returns: numericType, rows: numerics },
  {
    name: 'generate_series',
    parameters: [numericType, numericType, numericType],
    returns: numericType,
    rows: numerics,
  },
  ...[timestampType, timestamptzType].map(type => ({
    name: 'generate_series',
    parameters: [type, type, intervalType],
    returns: type,
    rows: times,
  })),
]
