import { describe, expect, it } from 'vitest'
import { exp, ln, pow } from '../../src/runtime/clients/arithmetic.ts'

const relative = (actual: number, wanted: number) => Math.abs(actual - wanted) / Math.max(Math.abs(wanted), 1e-300)

describe('arithmetic without transcendental functions', () => {
  it('ln is as good as the one of the machine', () => {
    for (const x of [1e-300, 1e-5, 0.1, 0.5, 0.75, 0.999999, 1.5, 2, Math.E, 10, 12345.678, 1e20, 1e300]) {
      expect(relative(ln(x), Math.log(x)), `ln ${x}`).toBeLessThan(4e-16)
    }
    expect(ln(1)).toBe(0)
    expect(ln(0)).toBe(Number.NEGATIVE_INFINITY)
    expect(ln(-1)).toBeNaN()
    expect(relative(ln(5e-324), Math.log(5e-324))).toBeLessThan(4e-16)
  })

  it('exp is as good as the one of the machine', () => {
    for (const x of [-700, -20, -1, -1e-10, 0.3, 0.5, 1, 2.5, 10, 100, 700]) {
      expect(relative(exp(x), Math.exp(x)), `exp ${x}`).toBeLessThan(4e-16)
    }
    expect(exp(0)).toBe(1)
    expect(exp(1000)).toBe(Number.POSITIVE_INFINITY)
    expect(exp(-1000)).toBe(0)
  })

  it('pow is good enough, and exact where the result is whole', () => {
    for (const [x, y] of [
      [2, 0.5],
      [10, -0.25],
      [0.3, 7.5],
      [1.0001, 10000.5],
      [1e-3, 1.07],
    ]) {
      expect(relative(pow(x, y), x ** y), `${x} ^ ${y}`).toBeLessThan(1e-15 * Math.max(1, Math.abs(y * Math.log(x))))
    }
    expect(pow(2, 10)).toBe(1024)
    expect(pow(-2, 3)).toBe(-8)
    expect(pow(2, -1)).toBe(0.5)
    expect(pow(0, 0)).toBe(1)
    expect(pow(-8, 1 / 3)).toBeNaN()
  })
})
