import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import Run from '../../src/commands/run.ts'
import { eventKinds } from '../../src/model/trace.ts'
import { formats, kindsNeeded, plain, type ReportOptions } from '../../src/report/index.ts'
import { folderWith, runCommand } from '../commands/harness.ts'
import { play } from '../playing.ts'
import { killBackendRun } from './kill-backend.ts'

const options: ReportOptions = { version: '0.1.0', detail: 'lifecycle', styles: plain, width: 100 }

test('NDJSON is one object a line: the run, its events, its verdicts, its end', () => {
  const run = killBackendRun()
  const records = [...formats.ndjson.write([run], options)].map(line => {
    expect(line.endsWith('\n')).toBe(true)
    return JSON.parse(line)
  })
  expect(records[0]).toEqual({
    record: 'run',
    format: 1,
    pgdrill: '0.1.0',
    file: 'kill-backend.drill',
    title: 'A killed backend takes every session down',
    postgres: 17,
    variant: {},
    engine: 'simulated',
    seed: 42,
  })
  const events = records.filter(({ record }) => record === 'event')
  const lifecycle = run.events.filter(({ kind }) => eventKinds[kind].level === 'lifecycle')
  expect(events.map(({ sequence }) => sequence)).toEqual(lifecycle.map(({ sequence }) => sequence))
  expect(events.find(({ kind }) => kind === 'fault.injected')).toMatchObject({ time: 5e9, node: 'primary', hits: 1 })
  const verdicts = records.filter(({ record }) => record === 'verdict')
  expect(verdicts.map(({ outcome, place }) => [outcome, place])).toEqual([
    ['held', 'kill-backend.drill:10'],
    ['failed', 'kill-backend.drill:12'],
    ['held', 'kill-backend.drill:13'],
  ])
  expect(records.at(-1)).toEqual({ record: 'end', endedAt: 10e9, eventCount: 31_408 })
})

test('NDJSON tells finer events if they are asked for', () => {
  const acknowledged = (detail: ReportOptions['detail']) =>
    [...formats.ndjson.write([killBackendRun()], { ...options, detail })].filter(line =>
      line.includes('client.acknowledged'),
    )
  expect(acknowledged('lifecycle')).toHaveLength(0)
  expect(acknowledged('activity')).toHaveLength(7912 + 7801)
})

test('NDJSON keeps to its published schema, at every level', async () => {
  const validate = new Ajv2020({ allErrors: true }).compile(
    JSON.parse(readFileSync('schemas/ndjson.schema.json', 'utf8')),
  )
  const wrong = (line: string) => (validate(JSON.parse(line)) ? [] : [line, validate.errors])
  const runs = await play('scenarios/02-crash/kill-backend.drill', undefined, { detail: 'storage' })
  const lines = [...formats.ndjson.write([killBackendRun(), ...runs], { ...options, detail: 'storage' })]
  const ofEachKind = new Map(lines.map(line => [`${JSON.parse(line).record} ${JSON.parse(line).kind}`, line]))
  expect(ofEachKind.size).toBeGreaterThan(20)
  expect([...ofEachKind.values()].flatMap(wrong)).toEqual([])
  expect(wrong('{"record":"event","time":1,"sequence":1,"kind":"wal.flushed","lsn":"0/1","bytes":1}')).not.toEqual([])
  expect(wrong('{"record":"event","time":1,"sequence":1,"kind":"nothing.known"}')).not.toEqual([])
})

test('JUnit has a case a check, with what failed and where', () => {
  const run = killBackendRun()
  const odd = { ...run.verdicts[1], title: 'a < b & "c"', actual: 'bell \u0007 and line\nbreak' }
  const xml = [...formats.junit.write([{ ...run, verdicts: [run.verdicts[0], odd], wallClock: 91e6 }], options)].join(
    '',
  )
  expect(xml).toContain('tests="2" failures="1" errors="0" file="kill-backend.drill" time="0.091"')
  expect(xml).toContain('<testcase name="the other seven are told"')
  expect(xml).toContain('name="a &lt; b &amp; &quot;c&quot;"')
  expect(xml).toContain('message="bell \uFFFD and line&#10;break"')
  expect(xml).toContain('at: kill-backend.drill:12')
})

/** What Jenkins's junit-10.xsd lets stand: the attributes that an element must have and may have, and its children. */
const junitSchema: Readonly<Record<string, { must: string[]; may: string[]; children: string[] }>> = {
  testsuites: { must: [], may: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
  testsuite: {
    must: ['name', 'tests', 'failures', 'errors'],
    may: 'group time skipped timestamp hostname id package file log url'.split(' '),
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
  },
  testcase: {
    must: ['name'],
    may: ['time', 'classname', 'group'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  failure: { must: [], may: ['type', 'message'], children: [] },
}

test("JUnit keeps to the schema of Jenkins's plugin", () => {
  const run = killBackendRun()
  const xml = [...formats.junit.write([run, { ...run, permutation: 'a <b> "c"', wallClock: 12e9 }], options)].join('')
  const open: string[] = []
  const seen = new Map<string, number>()
  for (const [, closing, name, attributes, alone] of xml.matchAll(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g)) {
    if (closing) {
      expect(open.pop()).toBe(name)
      continue
    }
    const { must, may } = junitSchema[name]
    if (open.length > 0) expect(junitSchema[open[open.length - 1]].children).toContain(name)
    const names = [...attributes.matchAll(/ ([a-z]+)=/g)].map(([, each]) => each)
    expect(names).toEqual(expect.arrayContaining(must))
    expect(names.filter(each => !must.includes(each) && !may.includes(each))).toEqual([])
    if (!alone) open.push(name)
    seen.set(name, (seen.get(name) ?? 0) + 1)
  }
  expect(open).toEqual([])
  expect(Object.fromEntries(seen)).toEqual({ testsuites: 1, testsuite: 2, testcase: 6, failure: 2 })
  // What is no element, attribute or reference holds no letter that would begin one.
  expect(xml.replaceAll(/<[^<>]*>/g, '').replaceAll(/&(amp|lt|gt|quot|#10);/g, '')).not.toMatch(/[<>&]/)
})

test('TAP 14 counts its points, says why one failed, and escapes what would be a directive', () => {
  const run = killBackendRun()
  const odd = { ...run.verdicts[1], title: 'half # TODO \\ of it' }
  const lines = [...formats.tap.write([{ ...run, verdicts: [run.verdicts[0], odd] }], options)].join('').split('\n')
  expect(lines.slice(0, 5)).toEqual([
    'TAP version 14',
    '1..2',
    'ok 1 - A killed backend takes every session down: the other seven are told',
    'not ok 2 - A killed backend takes every session down: half \\# TODO \\\\ of it',
    '  ---',
  ])
  const block = parse(lines.slice(5, lines.indexOf('  ...')).join('\n'))
  expect(block).toMatchObject({ outcome: 'failed', at: 'kill-backend.drill:12', expected: odd.expected })
  expect([...formats.tap.write([{ ...run, verdicts: [] }], options)].at(-1)).toBe('1..0 # SKIP there are no checks\n')
})

test('GitHub is told of what failed, at its line, in one line', () => {
  const run = killBackendRun()
  const odd = { ...run.verdicts[1], title: '100%, or: not', actual: 'two\nlines' }
  const lines = [...formats.github.write([{ ...run, verdicts: [run.verdicts[0], odd] }], options)]
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(
    /^::error file=kill-backend\.drill,line=12,endLine=12,col=\d+,endColumn=\d+,title=100%25%2C or%3A not::expected: /,
  )
  expect(lines[0]).toMatch(/%0Aactual: two%0Alines\n$/)
  expect(lines[1]).toMatch(/^1 of 2 checks failed/)
})

test('GitHub is told of what is wrong with a scenario, where it is', async () => {
  const folder = folderWith({ 'bad.drill': 'drill "bad"\nnode primary { shared_bufers = 1GB }\n' })
  const { out, status } = await runCommand(Run, join(folder, 'bad.drill'), '--format', 'github')
  expect(status).toBe(2)
  expect(out).toMatch(
    /^::error file=.*bad\.drill,line=2,endLine=2,col=16,endColumn=29,title=unknown-setting::.*%0A.*shared_buffers.*\n$/,
  )
})

test('CSV has a row an interval and node, and its sums are those of the run', async () => {
  const runs = await play('scenarios/02-crash/kill-backend.drill', undefined, { wants: formats.csv.needs })
  const [head, ...rows] = [...formats.csv.write(runs, options)].map(line => line.trimEnd().split(','))
  expect(rows).toHaveLength(100)
  expect(new Set(rows.map(row => row.length))).toEqual(new Set([head.length]))
  const column = (name: string) => rows.map(row => row[head.indexOf(name)])
  const sum = (name: string) => column(name).reduce((total, value) => total + Number(value), 0)
  const told = (kind: string) => runs[0].events.filter(event => event.kind === kind)
  expect(sum('commits')).toBe(told('client.acknowledged').length)
  expect(sum('wal_flushed_bytes')).toBeGreaterThan(1_000_000)
  expect(sum('checkpoints')).toBe(1)
  // The crash is at 5 s: in its interval fewer commits, and nobody is connected at its end.
  expect(column('from_s').slice(49, 52)).toEqual(['4.9', '5', '5.1'])
  expect(Number(column('commits')[50])).toBeLessThan(Number(column('commits')[49]) / 2)
  expect(column('connections')[49]).toBe('8')
  expect(column('connections')[50]).toBe('0')
  expect(column('connections')[99]).toBe('8')
})

test('a report asks for its level and for the commits that it counts', () => {
  expect(kindsNeeded('lifecycle').has('client.acknowledged')).toBe(true)
  expect(kindsNeeded('lifecycle').has('transaction.committed')).toBe(false)
  expect(kindsNeeded('activity').has('transaction.committed')).toBe(true)
  expect([...kindsNeeded('samples')]).toEqual(Object.keys(eventKinds))
})
