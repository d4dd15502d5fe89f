// The log as the logging collector of a PostgreSQL 15 wrote it for log_destination = jsonlog.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonLog } from '../../../../src/runtime/real/observation/json-log.ts'

const log = readFileSync(join(import.meta.dirname, 'json-15.log'))

test('each line is a record with all that it says', () => {
  const { records, foreign } = new JsonLog().feed(log)
  expect(foreign).toEqual([])
  expect(records).toHaveLength(log.toString('utf8').trimEnd().split('\n').length)
  expect(records.find(({ level }) => level === 'WARNING')).toEqual({
    at: Date.UTC(2026, 10, 22, 17, 47, 42, 15),
    pid: 15447,
    level: 'WARNING',
    sqlstate: '01000',
    remote: '127.0.0.1(56272)',
    backendType: 'client backend',
    message: 'a\nb',
    detail: 'Dä',
    hint: 'h1',
    context: 'PL/pgSQL function inline_code_block line 1 at RAISE',
  })
})

test("an error's position stands in its message, as stderr has it", () => {
  const { records } = new JsonLog().feed(log)
  expect(records.find(({ sqlstate }) => sqlstate === '42601')).toMatchObject({
    message: 'syntax error at or near "selekt" at character 1',
    statement: 'selekt\n1',
  })
})

test('what is no record is no reason to stumble', () => {
  const lines = ['{', '[]', 'null', '1', '"x"', '{"pid":1}', '{"pid":"1","error_severity":"LOG"}']
  const { records, foreign } = new JsonLog().feed(Buffer.from(`${lines.join('\n')}\n`))
  expect(records).toEqual([])
  expect(foreign).toEqual(lines)
})

test('cut anywhere it reads as in one piece', () => {
  const whole = new JsonLog().feed(log)
  fc.assert(
    fc.property(fc.nat({ max: log.length }), fc.nat({ max: log.length }), (one, other) => {
      const [first, second] = one < other ? [one, other] : [other, one]
      const parser = new JsonLog()
      const parts = [log.subarray(0, first), log.subarray(first, second), log.subarray(second)]
      expect(parts.flatMap(part => parser.feed(part).records)).toEqual(whole.records)
    }),
  )
})
