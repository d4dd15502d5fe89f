// The bytes of values, there and back; and the laws of numeric against integers of any size.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { int4ArrayType, textArrayType } from '../../../../src/runtime/simulated/catalog/types/array.ts'
import { floatOutput } from '../../../../src/runtime/simulated/catalog/types/float.ts'
import { int8Type } from '../../../../src/runtime/simulated/catalog/types/integer.ts'
import { inetType } from '../../../../src/runtime/simulated/catalog/types/network.ts'
import { Numeric, numericType } from '../../../../src/runtime/simulated/catalog/types/numeric.ts'
import { compareText, nameType, textSize, textType } from '../../../../src/runtime/simulated/catalog/types/text.ts'
import { dateFromDays, daysFromDate } from '../../../../src/runtime/simulated/catalog/types/timestamp.ts'
import type { Type, Value } from '../../../../src/runtime/simulated/catalog/types/type.ts'

/** Writes the value as a tuple would have it, and reads it back. */
function store(type: Type, value: Value): Value {
  if (type.length < 0) return type.fromBytes!(type.toBytes!(value)) as Value
  const view = new DataView(new ArrayBuffer(type.length + 8))
  type.write!(view, 8, value)
  return type.read!(view, 8) as Value
}

const numeric = fc
  .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 30 }))
  .map(([coefficient, scale]) => new Numeric(coefficient, scale))

test('numeric survives its bytes, digit by digit', () => {
  fc.assert(
    fc.property(numeric, value => {
      expect(String(store(numericType, value))).toBe(String(value))
    }),
  )
})

test('numeric has the size that PostgreSQL gives it', () => {
  const size = (text: string) => numericType.toBytes!(Numeric.parse(text)!).length
  expect(['0', '1', '100.00', '12345.67', '-0.0001', '123456789012345678901234567890'].map(size)).toEqual([
    2, 4, 4, 8, 4, 18,
  ])
})

test('numeric arithmetic is exact', () => {
  fc.assert(
    fc.property(numeric, numeric, (a, b) => {
      expect(a.add(b).subtract(b).compare(a)).toBe(0)
      expect(a.compare(b)).toBe(-b.compare(a) + 0)
      if (b.coefficient !== 0n) {
        const error = a.subtract(a.divide(b).multiply(b))
        const magnitude = error.compare(Numeric.of(0)) < 0 ? error.negate() : error
        const allowed = b.compare(Numeric.of(0)) < 0 ? b.negate() : b
        // Half a unit of the quotient's last digit, times the divisor.
        expect(magnitude.compare(allowed)).toBeLessThanOrEqual(0)
      }
    }),
  )
})

test('an address survives its bytes, and is ordered by its numbers', () => {
  expect(store(inetType, inetType.input('10.0.0.9/32'))).toBe('10.0.0.9')
  expect(inetType.compare!('10.0.0.9', '10.0.0.10')).toBeLessThan(0)
  expect(() => inetType.input('10.0.0.256')).toThrow('networks and IPv6 in inet are not played yet')
  expect(() => inetType.input('ten')).toThrow('invalid input syntax for type inet: "ten"')
})

test('int8 keeps all 64 bits, and equal values are identical', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), value => {
      const read = int8Type.input(String(value))
      expect(store(int8Type, read)).toBe(read)
      expect(String(read)).toBe(String(value))
    }),
  )
})

test('texts survive their bytes, and are ordered by them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      expect(store(textType, a)).toBe(a)
      expect(textSize(a)).toBe(Buffer.byteLength(a))
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }),
  )
})

test('names are cut to 63 bytes', () => {
  expect(nameType.input('ü'.repeat(40))).toBe('ü'.repeat(31))
  expect(store(nameType, 'account')).toBe('account')
})

test('arrays survive their bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), values => {
      expect(store(int4ArrayType, values)).toEqual(values)
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.string()), values => {
      expect(store(textArrayType, values)).toEqual(values)
    }),
  )
})

test('dates go there and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -700000, max: 2_000_000 }), days => {
      const { year, month, day } = dateFromDays(days)
      expect(daysFromDate(year, month, day)).toBe(days)
    }),
  )
})

test('floats print the shortest digits that read back', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), value => {
      expect(Number(floatOutput(value))).toBe(value)
    }),
  )
})
