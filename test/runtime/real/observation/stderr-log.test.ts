// The log as servers write it to stderr: what a PostgreSQL 15 wrote, in one piece and in any pieces, and what it never
// would have written.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogPiece } from '../../../../src/runtime/real/observation/log-record.ts'
import { StderrLog } from '../../../../src/runtime/real/observation/stderr-log.ts'

const log = readFileSync(join(import.meta.dirname, 'crash-15.log'))

function read(...pieces: readonly (Buffer | string)[]): LogPiece {
  const parser = new StderrLog()
  const gave = pieces.map(piece => parser.feed(Buffer.from(piece)))
  gave.push(parser.settle())
  return { records: gave.flatMap(({ records }) => records), foreign: gave.flatMap(({ foreign }) => foreign) }
}

describe('a real log', () => {
  const { records, foreign } = read(log)

  test('each message is one record', () => {
    expect(foreign).toEqual([])
    expect(records).toHaveLength(38)
    expect(records[0]).toEqual({
      at: 1795368741042,
      pid: 4011,
      remote: '',
      backendType: 'postmaster',
      level: 'LOG',
      message:
        'starting PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit',
    })
  })

  test('STATEMENT, HINT, CONTEXT and lines within a text belong to their message', () => {
    expect(records.find(({ sqlstate }) => sqlstate === '42601')).toEqual({
      at: 1795368742557,
      pid: 4022,
      sqlstate: '42601',
      remote: '127.0.0.1(52812)',
      backendType: 'client backend',
      level: 'ERROR',
      message: 'syntax error at or near "selekt" at character 1',
      statement: 'selekt\n1',
    })
    expect(records.find(({ level }) => level === 'WARNING')).toMatchObject({
      sqlstate: '01000',
      message: 'a\nb',
      hint: 'h1\nh2',
      context: 'PL/pgSQL function inline_code_block line 1 at RAISE',
    })
  })

  test('FATAL has its SQLSTATE, LOG has none', () => {
    expect(records.find(({ level }) => level === 'FATAL')).toMatchObject({
      sqlstate: '28000',
      message: 'role "nobody" does not exist',
    })
    expect(records.filter(({ level, sqlstate }) => level === 'LOG' && sqlstate !== undefined)).toEqual([])
  })

  test("the postmaster's word on a killed backend has its DETAIL", () => {
    expect(records.find(({ detail }) => detail !== undefined)).toMatchObject({
      message: 'server process (PID 4031) was terminated by signal 9: Killed',
      detail: 'Failed process was running: select pg_sleep(5)',
    })
  })
})

describe('what a log can hold besides', () => {
  test("a command's own words stand between messages and are not of them", () => {
    const words = "cp: cannot create regular file '/archive/x': No such file or directory"
    const { records, foreign } = read(
      `pgdrill|1.000|7|00000||archiver| LOG:  archive command failed with exit code 1\npgdrill|1.000|7|00000||archiver| DETAIL:  The failed archive command was: cp\n${words}\npgdrill|2.000|7|00000||archiver| LOG:  next\n`,
    )
    expect(foreign).toEqual([words])
    expect(records.map(({ message, detail }) => [message, detail])).toEqual([
      ['archive command failed with exit code 1', 'The failed archive command was: cp'],
      ['next', undefined],
    ])
  })

  test('before it has read its configuration a postmaster writes the default prefix', () => {
    const { records } = read('2026-11-22 14:42:05.900 GMT [8086] FATAL:  configuration file "x" contains errors\n')
    expect(records).toEqual([
      {
        at: Date.UTC(2026, 10, 22, 14, 42, 5, 900),
        pid: 8086,
        remote: '',
        backendType: 'postmaster',
        level: 'FATAL',
        message: 'configuration file "x" contains errors',
      },
    ])
  })

  test('the line of a zone that only its name tells has no time', () => {
    expect(read('2026-11-22 14:42:05.900 CET [8086] LOG:  x\n').records[0].at).toBeUndefined()
  })

  test('a line that is cut is waited for', () => {
    const parser = new StderrLog()
    const line = 'pgdrill|1.000|7|22012|[local]|client backend| ERROR:  division by zero\n'
    expect(parser.feed(Buffer.from(line)).records).toEqual([])
    expect(parser.feed(Buffer.from('pgdrill|1.000|7|220')).records).toEqual([])
    expect(parser.settle().records).toEqual([])
    expect(parser.feed(Buffer.from('12|[local]|client backend| STATEMENT:  select 1/0\n')).records).toEqual([])
    expect(parser.settle().records).toMatchObject([{ message: 'division by zero', statement: 'select 1/0' }])
  })

  test("another process's DETAIL, or one without a message, is of nothing", () => {
    const { records } = read(
      'pgdrill|1.000|7|00000||x| DETAIL:  lost\npgdrill|1.000|7|00000||x| LOG:  a\npgdrill|1.000|8|00000||x| DETAIL:  b\n',
    )
    expect(records).toMatchObject([{ message: 'a' }])
    expect(records[0]).not.toHaveProperty('detail')
  })
})

describe('any bytes, cut anywhere, read as in one piece', () => {
  const lines = log.toString('utf8').split('\n')
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...lines).map(line => Buffer.from(`${line}\n`)) },
    fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
    fc
      .constantFrom('\n', '\t', '\tä€\n', 'pgdrill|', 'pgdrill|1.000|7|00000||x| QUERY:  q\n', '\0', '\r\n')
      .map(Buffer.from),
  )

  test('a file', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 20 }), (pieces, places) => {
        const bytes = Buffer.concat(pieces)
        const cuts = places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b)
        const parts = [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length))
        expect(read(...parts)).toEqual(read(bytes))
      }),
    )
  })

  test('the real log, byte by byte', () => {
    expect(read(...[...log].map(byte => Buffer.from([byte])))).toEqual(read(log))
  })
})

test('a line that a full disk has torn is lost, and not the one that follows it', () => {
  const line = (pid: number, text: string) => `pgdrill|1795386534.879|${pid}|00000|w|client backend| LOG:  ${text}`
  const { records, foreign } = read(`${line(1, 'statement: insert into en')}${line(2, 'statement: select 1')}\n`)
  expect(foreign).toEqual([])
  expect(records.map(({ pid, message }) => [pid, message])).toEqual([[2, 'statement: select 1']])
})
