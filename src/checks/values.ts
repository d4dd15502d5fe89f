// The values of expressions and how their dimensions go together: what may be added, multiplied, compared, and how a
// value is written in a verdict. Missing values are null and logic has three values, as in SQL.

import { formatCount, formatLsn, formatMoment, formatSeconds, formatSize } from '../model/format.ts'
import type { BinaryOperator } from '../model/scenario.ts'
import type { Dimension } from '../model/vocabulary.ts'
import type { Scalar } from './monitor.ts'

export type Arithmetic = '+' | '-' | '*' | '/'
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>='

export function isArithmetic(operator: BinaryOperator): operator is Arithmetic {
  return operator === '+' || operator === '-' || operator === '*' || operator === '/'
}

export function isComparison(operator: BinaryOperator): operator is Comparison {
  return ['=', '<>', '<', '<=', '>', '>='].includes(operator)
}

/** What comes out of a sum, difference, product or quotient of these dimensions; undefined where there is none. */
export function dimensionOf(operator: Arithmetic, left: Dimension, right: Dimension): Dimension | undefined {
  if (left === 'any' || right === 'any') return operator === '*' || operator === '/' ? 'any' : other(left, right)
  return operator === '+' || operator === '-' ? sumOf(operator, left, right) : productOf(operator, left, right)
}

function other(left: Dimension, right: Dimension): Dimension | undefined {
  const known = left === 'any' ? right : left
  return known === 'text' || known === 'boolean' || known === 'thing' ? undefined : known
}

const scalable: readonly Dimension[] = ['number', 'duration', 'size', 'bandwidth', 'percent']

function sumOf(operator: '+' | '-', left: Dimension, right: Dimension): Dimension | undefined {
  if (left === right && scalable.includes(left)) return left
  if (left === 'moment' && right === 'duration') return 'moment'
  if (left === 'lsn' && right === 'size') return 'lsn'
  if (operator === '+' && left === 'duration' && right === 'moment') return 'moment'
  if (operator === '+' && left === 'size' && right === 'lsn') return 'lsn'
  if (operator === '-' && left === 'moment' && right === 'moment') return 'duration'
  if (operator === '-' && left === 'lsn' && right === 'lsn') return 'size'
  return undefined
}

function productOf(operator: '*' | '/', left: Dimension, right: Dimension): Dimension | undefined {
  if (!scalable.includes(left) || !scalable.includes(right)) return undefined
  if (operator === '/') {
    if (left === right) return 'number'
    if (right === 'number') return left
    return left === 'size' && right === 'duration' ? 'bandwidth' : undefined
  }
  if (left === 'number' || (left === 'percent' && right !== 'number')) return right
  if (right === 'number' || right === 'percent') return left
  const pair = [left, right]
  return pair.includes('bandwidth') && pair.includes('duration') ? 'size' : undefined
}

/** Percentages count 0 to 100 and bandwidths bytes per second, so products with them carry a factor. */
export function factorOf(operator: '*' | '/', left: Dimension, right: Dimension): number {
  if (operator === '/') return left === 'size' && right === 'duration' ? 1_000_000_000 : 1
  if (left === 'percent' && right === 'percent') return 0.01
  if ((left === 'percent' && right !== 'number') || (right === 'percent' && left !== 'number')) return 0.01
  const pair = [left, right]
  return pair.includes('bandwidth') && pair.includes('duration') ? 1e-9 : 1
}

/** Whether values of these dimensions can be compared. A duration stands for a moment since the start. */
export function comparable(left: Dimension, right: Dimension): boolean {
  if (left === right || left === 'any' || right === 'any') return true
  const pair = [left, right]
  return (pair.includes('text') && pair.includes('thing')) || (pair.includes('moment') && pair.includes('duration'))
}

/** SQL's comparison: null if either side is. A text that came from SQL is read as a number beside a number. */
export function compare(operator: Comparison, left: Scalar, right: Scalar): boolean | null {
  if (left === null || right === null) return null
  const order = orderOf(left, right)
  if (order === null) return null
  switch (operator) {
    case '=':
      return order === 0
    case '<>':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

function orderOf(left: string | number | boolean, right: string | number | boolean): number | null {
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  const difference = asNumber(left) - asNumber(right)
  return Number.isNaN(difference) ? null : difference
}

function asNumber(value: string | number | boolean): number {
  if (typeof value !== 'string') return Number(value)
  if (value === 't' || value === 'true') return 1
  if (value === 'f' || value === 'false') return 0
  return value.trim() === '' ? Number.NaN : Number(value)
}

/** A value as arithmetic takes it: null where it is missing or no number. */
export function numberOf(value: Scalar): number | null {
  if (value === null) return null
  const number = asNumber(value)
  return Number.isNaN(number) ? null : number
}

/** A value as logic takes it: true, false or unknown. */
export function truthOf(value: Scalar): boolean | null {
  if (typeof value === 'boolean' || value === null) return value
  if (value === 't' || value === 'true') return true
  return value === 'f' || value === 'false' ? false : null
}

/** A value as a verdict writes it. */
export function formatValue(value: Scalar, dimension: Dimension): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    const bare = dimension === 'thing' || (dimension === 'any' && numberOf(value) !== null)
    return bare ? value : `'${value.replaceAll("'", "''")}'`
  }
  switch (dimension) {
    case 'duration':
      return value === 0 ? '0 s' : formatSeconds(value)
    case 'size':
      return formatSize(value)
    case 'bandwidth':
      return `${formatSize(value)}/s`
    case 'percent':
      return `${formatCount(value)} %`
    case 'moment':
      return formatMoment(value)
    case 'lsn':
      return formatLsn(value)
    default:
      return formatCount(value)
  }
}
