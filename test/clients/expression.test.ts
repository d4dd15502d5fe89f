import { describe, expect, it } from 'vitest'
import { compileExpression, ExpressionError } from '../../src/runtime/clients/pgbench/expression.ts'
import { type PgbenchValue, textOf } from '../../src/runtime/clients/pgbench/value.ts'
import { Random } from '../../src/runtime/simulated/kernel/random.ts'

function evaluate(text: string, variables: Record<string, PgbenchValue> = {}): string {
  const environment = { random: new Random(1), variables: new Map(Object.entries(variables)) }
  return textOf(compileExpression(text, 0, text.length)(environment))
}

describe("pgbench's expressions", () => {
  // What pgbench 15 gives for `\set x <expression>` and `SELECT :x`.
  it.each([
    ['1 + 2 * 3', '7'],
    ['(1 + 2) * 3', '9'],
    ['5 / 2', '2'],
    ['-5 / 2', '-2'],
    ['5 / 2.0', '2.5'],
    ['5 % 3', '2'],
    ['-5 % 3', '-2'],
    ['4.0', '4'],
    ['1e3', '1000'],
    ['1.0 / 3', '0.333333333333333'],
    ['- - 2', '2'],
    ['~5', '-6'],
    ['~1 + 1', '-3'],
    ['6 & 3 | 8', '10'],
    ['6 # 3', '5'],
    ['1 << 4', '16'],
    ['-16 >> 2', '-4'],
    ['1 < 2 and not 2 < 1', 'true'],
    ['null or true', 'true'],
    ['null and true', 'NULL'],
    ['null is null', 'true'],
    ['1 isnull', 'false'],
    ['1 notnull', 'true'],
    ['(1 = 1) is not false', 'true'],
    ['case when 1 > 2 then 10 when true then 20 else 30 end', '20'],
    ['case when false then 1 end', 'NULL'],
    ['abs(-17)', '17'],
    ['abs(-1.5)', '1.5'],
    ['greatest(1, 5, 3)', '5'],
    ['least(1, 0.5)', '0.5'],
    ['mod(17, 5)', '2'],
    ['int(5.5)', '6'],
    ['int(4.5)', '4'],
    ['double(5)', '5'],
    ['sqrt(2.0)', '1.4142135623731'],
    ['pow(2, 10)', '1024'],
    ['pi()', '3.14159265358979'],
    ['exp(1.0)', '2.71828182845905'],
    ['ln(10)', '2.30258509299405'],
    ['1 <> 2', 'true'],
    ['1 != 1', 'false'],
  ])('%s is %s', (text, wanted) => expect(evaluate(text)).toBe(wanted))

  it('takes variables', () => {
    expect(evaluate(':a * :b', { a: 6, b: 7 })).toBe('42')
    expect(evaluate(':a + 1', { a: '41' })).toBe('42')
    expect(() => evaluate(':nobody')).toThrow('undefined variable "nobody"')
  })

  it.each([
    ['1 / 0', 'division by zero'],
    ['9007199254740991 + 1', 'bigint out of range'],
    ['not 1', 'cannot coerce int to boolean'],
    ['random(2, 1)', 'empty range given to random'],
    ['random_gaussian(1, 2, 1)', 'gaussian parameter must be at least 2'],
    ['random_zipfian(1, 2, 1)', 'zipfian parameter must be in range [1.001, 1000]'],
    ['random_exponential(1, 2, 0)', 'exponential parameter must be greater than zero'],
  ])('%s fails when it runs: %s', (text, message) => expect(() => evaluate(text)).toThrow(message))

  it.each([
    ['1 +', 3],
    ['1 2', 2],
    ['(1', 2],
    ['randon(1, 2)', 0],
    ['random(1)', 0],
    ['hash(1)', 0],
    ['1 < 2 < 3', 6],
    ['case 1 end', 5],
    ['abc', 0],
    ['1 ? 2', 2],
  ])('%s is refused at offset %i', (text, start) => {
    try {
      compileExpression(text, 0, text.length)
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError)
      expect((error as ExpressionError).start).toBe(start)
      return
    }
    expect.unreachable()
  })

  it('refuses what is too deep or too long', () => {
    expect(() => evaluate('('.repeat(200))).toThrow('nested too deeply')
    expect(() => evaluate(`${'1+'.repeat(2000)}1`)).toThrow('too long')
  })

  it('says what may have been meant', () => {
    expect(() => evaluate('randon(1, 2)')).toThrow(expect.objectContaining({ help: 'did you mean random()?' }))
  })
})

describe("pgbench's distributions", () => {
  const draws = 20_000
  function histogram(text: string, low: number, high: number): number[] {
    const random = new Random(7)
    const compiled = compileExpression(text, 0, text.length)
    const counts = new Array<number>(high - low + 1).fill(0)
    for (let draw = 0; draw < draws; draw++) counts[(compiled({ random, variables: new Map() }) as number) - low]++
    return counts.map(count => count / draws)
  }

  it('random is even', () => {
    for (const share of histogram('random(1, 10)', 1, 10)) expect(share).toBeCloseTo(0.1, 1)
  })

  it('random_gaussian has the share in the middle that its manual gives', () => {
    // "67% of values are drawn from the middle 1 / 2.5 of the interval" for a parameter of 2.5 or more: 4.0 gives the middle quarter 68 %.
    const counts = histogram('random_gaussian(1, 100, 4.0)', 1, 100)
    const middle = counts.slice(37, 63).reduce((sum, share) => sum + share, 0)
    expect(middle).toBeGreaterThan(0.66)
    expect(middle).toBeLessThan(0.74)
  })

  it('random_exponential prefers the low end as its formula says', () => {
    const counts = histogram('random_exponential(1, 10, 5.0)', 1, 10)
    const share = (1 - Math.exp(-5 / 10)) / (1 - Math.exp(-5))
    expect(counts[0]).toBeCloseTo(share, 1)
    expect(counts[9]).toBeLessThan(0.02)
  })

  it('random_zipfian draws k in proportion to 1 / k ^ s', () => {
    const counts = histogram('random_zipfian(1, 1000, 2.0)', 1, 1000)
    expect(counts[0]).toBeCloseTo(0.608, 1)
    expect(counts[0] / counts[1]).toBeCloseTo(4, 0)
  })
})
