// The literals that a client put into a template: what they are by themselves, as the grammar would read them.

import { booleanType } from '../catalog/types/boolean.ts'
import { type Int8, int4Type, int8Type, narrow } from '../catalog/types/integer.ts'
import { Numeric, numericType } from '../catalog/types/numeric.ts'
import { unknownType } from '../catalog/types/text.ts'
import type { Type, Value } from '../catalog/types/type.ts'

export interface Literal {
  readonly type: Type
  readonly value: Value
}

/** Undefined if it is more than one literal: then it can only be put in as text. */
export function readLiteral(text: string): Literal | undefined {
  if (/^-?\d+$/.test(text)) return readInteger(text)
  if (/^'(?:[^'\\]|'')*'$/.test(text)) {
    return { type: unknownType, value: text.slice(1, -1).replaceAll("''", "'") }
  }
  if (/^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return { type: numericType, value: Numeric.parse(text)! }
  if (/^null$/i.test(text)) return { type: unknownType, value: null }
  if (/^(?:true|false)$/i.test(text)) return { type: booleanType, value: text.toLowerCase() === 'true' }
  return undefined
}

/** An integer is an int4 if it fits, else an int8, else numeric. A sign belongs to the operator: -2147483648 is an int8. */
function readInteger(text: string): Literal {
  const value: Int8 = text.length < 16 ? Number(text) : narrow(BigInt(text))
  const magnitude = value < 0 ? -value : value
  if (magnitude <= 2147483647) return { type: int4Type, value: value === 0 ? 0 : value }
  if (magnitude <= 9223372036854775807n) return { type: int8Type, value }
  return { type: numericType, value: Numeric.of(BigInt(text)) }
}
