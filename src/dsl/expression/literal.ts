// Numbers with units, and quoted texts.

import type { Expression } from '../../model/scenario.ts'
import type { Span } from '../../model/source.ts'
import { sizeUnits, timeUnits } from '../../model/units.ts'

export interface Quantity {
  readonly dimension: 'number' | 'duration' | 'size' | 'bandwidth' | 'percent'
  /** Nanoseconds, bytes, bytes per second, 0 to 100. */
  readonly value: number
}

/** What each dimension is written in, for messages. */
export const unitsOf: Readonly<Record<Quantity['dimension'], string>> = {
  number: 'no unit',
  duration: 'ns, us, ms, s, min, h or d',
  size: 'B, kB, MB, GB or TB',
  bandwidth: 'kB/s, MB/s or GB/s',
  percent: '%',
}

/** Undefined where the text is no number; `unit` where it is one of an unknown unit. */
export function quantityOf(text: string): Quantity | { readonly unknown: string } | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?)([A-Za-z]+(?:\/s)?|%)?$/.exec(text)
  if (!match) return undefined
  const [, digits, unit] = match
  const number = Number(digits)
  if (unit === undefined) return { dimension: 'number', value: number }
  if (unit === '%') return { dimension: 'percent', value: number }
  if (Object.hasOwn(timeUnits, unit)) return { dimension: 'duration', value: Math.round(number * timeUnits[unit]) }
  if (Object.hasOwn(sizeUnits, unit)) return { dimension: 'size', value: Math.round(number * sizeUnits[unit]) }
  const perSecond = unit.endsWith('/s') ? unit.slice(0, -2) : ''
  if (!Object.hasOwn(sizeUnits, perSecond)) return { unknown: unit }
  return { dimension: 'bandwidth', value: Math.round(number * sizeUnits[perSecond]) }
}

/** A number of an unknown unit is a number whose unit the resolver complains about: the value is not a number. */
export function literalOf(image: string, span: Span): Expression {
  const quantity = quantityOf(image)
  if (!quantity || 'unknown' in quantity) return { kind: 'literal', dimension: 'number', value: Number.NaN, span }
  return { kind: 'literal', dimension: quantity.dimension, value: quantity.value, span }
}

export function unquoted(image: string): string {
  const quote = image[0]
  return image.slice(1, -1).replaceAll(quote + quote, quote)
}
