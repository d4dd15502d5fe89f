// ln, exp and pow from additions, multiplications and divisions alone, whose results IEEE 754 fixes to the last bit:
// JavaScript's own differ between engines. Relative errors are below 4e-16 for ln and exp, and below 1e-15 times the
// larger of 1 and |y ln x| for pow, which is plenty to draw random numbers with.

const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10

const view = new DataView(new ArrayBuffer(8))

/** The natural logarithm. */
export function ln(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN
  if (x === 0) return Number.NEGATIVE_INFINITY
  if (x === Number.POSITIVE_INFINITY) return x
  let exponent = 0
  let mantissa = x
  if (mantissa < 2.2250738585072014e-308) {
    mantissa *= 18014398509481984
    exponent = -54
  }
  view.setFloat64(0, mantissa)
  const high = view.getUint32(0)
  exponent += ((high >>> 20) & 0x7ff) - 1023
  view.setUint32(0, (high & 0x000fffff) | 0x3ff00000)
  mantissa = view.getFloat64(0)
  if (mantissa > Math.SQRT2) {
    mantissa /= 2
    exponent++
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), and the argument is at most 0.172.
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 0
  for (let power = 23; power >= 3; power -= 2) sum = (sum + 1 / power) * square
  return exponent * ln2High + (exponent * ln2Low + 2 * s * sum + 2 * s)
}

/** e to the power of `x`. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY
  if (x < -745.2) return 0
  const exponent = Math.round(x / Math.LN2)
  const rest = x - exponent * ln2High - exponent * ln2Low
  let sum = 1
  for (let term = 16; term >= 1; term--) sum = 1 + (sum * rest) / term
  // In two steps, so that results below the smallest normal number are reached.
  const half = Math.trunc(exponent / 2)
  return sum * powerOfTwo(half) * powerOfTwo(exponent - half)
}

/** `x` to the power of `y`, as C's pow. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
  if (Number.isInteger(y) && Math.abs(y) <= 1024) return y > 0 ? wholePower(x, y) : 1 / wholePower(x, -y)
  if (x < 0) {
    if (!Number.isInteger(y)) return Number.NaN
    return y % 2 === 0 ? exp(y * ln(-x)) : -exp(y * ln(-x))
  }
  if (x === 0) return y > 0 ? 0 : Number.POSITIVE_INFINITY
  return exp(y * ln(x))
}

function wholePower(x: number, y: number): number {
  let result = 1
  let square = x
  for (let left = y; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square
    square *= square
  }
  return result
}

function powerOfTwo(exponent: number): number {
  view.setUint32(0, (exponent + 1023) << 20)
  view.setUint32(4, 0)
  return view.getFloat64(0)
}
