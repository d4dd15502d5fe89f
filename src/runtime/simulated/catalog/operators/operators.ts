// All operators by name; the analysis chooses among those of one name by the types of the operands.

import type { Operator } from '../callable.ts'
import { comparisonOperators } from './comparison.ts'
import { decimalOperators } from './decimal.ts'
import { integerOperators } from './integer.ts'
import { textOperators } from './text.ts'
import { timeOperators } from './time.ts'

const byName = new Map<string, Operator[]>()
for (const operator of [
  ...integerOperators,
  ...decimalOperators,
  ...comparisonOperators,
  ...textOperators,
  ...timeOperators,
]) {
  const operators = byName.get(operator.name)
  if (operators) operators.push(operator)
  else byName.set(operator.name, [operator])
}

export function operatorsNamed(name: string): readonly Operator[] {
  return byName.get(name === '!=' ? '<>' : name) ?? []
}
