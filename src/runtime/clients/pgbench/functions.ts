// The functions of pgbench's expressions, by name: how many arguments they take, and what they give.

import type { Random } from '../../simulated/kernel/random.ts'
import { exp, ln, pow } from '../arithmetic.ts'
import { exponential, gaussian, zipfian } from './random.ts'
import { Double, isDouble, type PgbenchValue, ScriptError, toDouble, toWhole, wholeNumber } from './value.ts'

export interface FunctionContext {
  readonly random: Random
}

export interface PgbenchFunction {
  readonly minimum: number
  readonly maximum: number
  readonly call: (values: readonly PgbenchValue[], context: FunctionContext) => PgbenchValue
}

/** Functions of pgbench that are known and not played. */
export const missingFunctions: Readonly<Record<string, string>> = {
  permute: 'permute() needs whole numbers of 64 bits, which are not played yet',
  hash: 'hash() needs whole numbers of 64 bits, which are not played yet',
  hash_fnv1a: 'hash_fnv1a() needs whole numbers of 64 bits, which are not played yet',
  hash_murmur2: 'hash_murmur2() needs whole numbers of 64 bits, which are not played yet',
  debug: 'debug() prints, and a drill has nowhere to print to',
}

const many = Number.POSITIVE_INFINITY

/** A function that gives null where an argument is null, as all of them but hash do. */
function strict(
  minimum: number,
  maximum: number,
  call: (values: readonly Exclude<PgbenchValue, null>[], context: FunctionContext) => PgbenchValue,
): PgbenchFunction {
  return {
    minimum,
    maximum,
    call: (values, context) =>
      values.includes(null) ? null : call(values as readonly Exclude<PgbenchValue, null>[], context),
  }
}

function bounds(low: PgbenchValue, high: PgbenchValue, name: string): [number, number] {
  const range: [number, number] = [toWhole(low), toWhole(high)]
  if (range[0] > range[1]) throw new ScriptError(`empty range given to ${name}`)
  if (!Number.isSafeInteger(range[1] - range[0])) throw new ScriptError(`${name} range is too large`)
  return range
}

function extreme(better: (a: number, b: number) => boolean): PgbenchFunction {
  return strict(1, many, values => {
    let best = toDouble(values[0])
    for (const value of values) if (better(toDouble(value), best)) best = toDouble(value)
    return values.some(isDouble) ? new Double(best) : wholeNumber(best)
  })
}

const power = strict(2, 2, ([x, y]) => new Double(pow(toDouble(x), toDouble(y))))

export const functions: Readonly<Record<string, PgbenchFunction>> = {
  abs: strict(1, 1, ([x]) => (isDouble(x) ? new Double(Math.abs(toDouble(x))) : Math.abs(toWhole(x)))),
  double: strict(1, 1, ([x]) => new Double(toDouble(x))),
  exp: strict(1, 1, ([x]) => new Double(exp(toDouble(x)))),
  greatest: extreme((a, b) => a > b),
  int: strict(1, 1, ([x]) => toWhole(x)),
  least: extreme((a, b) => a < b),
  ln: strict(1, 1, ([x]) => new Double(ln(toDouble(x)))),
  mod: strict(2, 2, ([x, y]) => {
    if (toWhole(y) === 0) throw new ScriptError('division by zero')
    return wholeNumber(toWhole(x) % toWhole(y))
  }),
  pi: { minimum: 0, maximum: 0, call: () => new Double(Math.PI) },
  pow: power,
  power,
  random: strict(2, 2, ([low, high], { random }) => random.integer(...bounds(low, high, 'random'))),
  random_exponential: strict(3, 3, ([low, high, parameter], { random }) =>
    exponential(random, ...bounds(low, high, 'random_exponential'), toDouble(parameter)),
  ),
  random_gaussian: strict(3, 3, ([low, high, parameter], { random }) =>
    gaussian(random, ...bounds(low, high, 'random_gaussian'), toDouble(parameter)),
  ),
  random_zipfian: strict(3, 3, ([low, high, parameter], { random }) =>
    zipfian(random, ...bounds(low, high, 'random_zipfian'), toDouble(parameter)),
  ),
  sqrt: strict(1, 1, ([x]) => new Double(Math.sqrt(toDouble(x)))),
}
