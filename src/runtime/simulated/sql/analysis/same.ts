// Whether two expressions say the same, wherever they were written.

import { childrenOf, type Expression } from '../expressions/expression.ts'

export function isSame(a: Expression, b: Expression): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.type !== b.type || a.modifier !== b.modifier) return false
  switch (a.kind) {
    case 'constant':
      return b.kind === 'constant' && sameValue(a, b)
    case 'parameter':
      return b.kind === 'parameter' && a.number === b.number
    case 'column':
      return b.kind === 'column' && a.depth === b.depth && a.slot === b.slot
    case 'subquery':
      return false
    case 'call':
      if (b.kind !== 'call' || a.name !== b.name) return false
      break
    case 'aggregate':
      if (b.kind !== 'aggregate' || a.name !== b.name || a.distinct !== b.distinct || !a.filter !== !b.filter)
        return false
      break
    case 'test':
      if (b.kind !== 'test' || a.is !== b.is || a.negated !== b.negated) return false
      break
    case 'array test':
      if (b.kind !== 'array test' || a.quantifier !== b.quantifier || a.compare !== b.compare) return false
  }
  const children = childrenOf(a)
  const others = childrenOf(b)
  return children.length === others.length && children.every((child, index) => isSame(child, others[index]))
}

function sameValue(a: Expression & { kind: 'constant' }, b: Expression & { kind: 'constant' }): boolean {
  if (a.value === b.value) return true
  if (a.value === null || b.value === null) return false
  return a.type.output(a.value) === a.type.output(b.value)
}
