// pgbench's distributions: whole numbers from `low` to `high`, both included. The shapes are those of its manual; the
// sequence of draws is our own.

import type { Random } from '../../simulated/kernel/random.ts'
import { exp, ln, pow } from '../arithmetic.ts'
import { ScriptError } from './value.ts'

/** The larger `parameter`, the more often the lowest values are drawn. */
export function exponential(random: Random, low: number, high: number, parameter: number): number {
  if (!(parameter > 0)) throw new ScriptError('exponential parameter must be greater than zero')
  const cut = exp(-parameter)
  const uniform = 1 - random.fraction()
  const fraction = -ln(cut + (1 - cut) * uniform) / parameter
  return within(low, high, fraction)
}

/** A bell over the middle; `parameter` says how many standard deviations lie between the middle and either end. */
export function gaussian(random: Random, low: number, high: number, parameter: number): number {
  if (!(parameter >= 2)) throw new ScriptError('gaussian parameter must be at least 2')
  let deviation: number
  do deviation = normal(random)
  while (deviation < -parameter || deviation >= parameter)
  return within(low, high, (deviation + parameter) / (parameter * 2))
}

/** The k-th value is drawn with a likelihood in proportion to 1 / k ^ parameter. Rejection, after Devroye (1986), X.6. */
export function zipfian(random: Random, low: number, high: number, parameter: number): number {
  if (!(parameter >= 1.001 && parameter <= 1000)) {
    throw new ScriptError('zipfian parameter must be in range [1.001, 1000]')
  }
  const count = high - low + 1
  if (count <= 1) return low
  const exponent = parameter - 1
  const b = pow(2, exponent)
  for (;;) {
    const u = 1 - random.fraction()
    const v = random.fraction()
    const x = Math.floor(pow(u, -1 / exponent))
    if (x > count) continue
    const t = pow(1 + 1 / x, exponent)
    if ((v * x * (t - 1)) / (b - 1) <= t / b) return low + x - 1
  }
}

/** Marsaglia's polar method, which needs no sine. */
function normal(random: Random): number {
  for (;;) {
    const x = 2 * random.fraction() - 1
    const y = 2 * random.fraction() - 1
    const square = x * x + y * y
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * ln(square)) / square)
  }
}

function within(low: number, high: number, fraction: number): number {
  return Math.min(high, low + Math.floor((high - low + 1) * fraction))
}
