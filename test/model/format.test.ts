import { describe, expect, test } from 'vitest'
import { formatCount, formatLsn, formatMoment, formatSeconds, formatSize } from '../../src/model/format.ts'

describe('numbers with units', () => {
  test.each([
    [0, '0 ns'],
    [999, '999 ns'],
    [1000, '1 µs'],
    [160_000, '160 µs'],
    [3_400_000, '3.4 ms'],
    [10_000_000, '10 ms'],
    [99_999_000, '100 ms'],
    [100_000_000, '100 ms'],
    [5_020_000_000, '5.02 s'],
    [99_999_000_000, '100 s'],
    [119_000_000_000, '119 s'],
    [120_000_000_000, '2 min'],
    [9_000_000_000_000, '2.5 h'],
  ])('%d ns is %s', (nanoseconds, text) => {
    expect(formatSeconds(nanoseconds)).toBe(text)
  })

  test.each([
    [512, '512 B'],
    [16 * 1024 ** 2, '16 MB'],
    [100 * 1024 ** 2, '100 MB'],
    [1_932_735_283, '1.8 GB'],
  ])('%d B is %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })

  test.each([
    [7, '7'],
    [7912, '7,912'],
    [1_234_567, '1,234,567'],
    [1234.5678, '1,234.5678'],
  ])('%d is %s', (count, text) => {
    expect(formatCount(count)).toBe(text)
  })

  test('moments have their digits in threes', () => {
    expect([0, 412_000, 5_000_031_999, 600_000_000_000].map(formatMoment)).toEqual([
      '0.000 000',
      '0.000 412',
      '5.000 031',
      '600.000 000',
    ])
  })

  test('LSNs are written as PostgreSQL does', () => {
    expect([0x1500028, 0x1_0000_0000 + 255].map(formatLsn)).toEqual(['0/1500028', '1/FF'])
  })
})
