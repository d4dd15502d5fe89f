import { expect, test } from 'vitest'
import { eventKinds } from '../../src/model/trace.ts'
import { formats, kindsNeeded, plain, type ReportOptions } from '../../src/report/index.ts'
import { killBackendRun } from './kill-backend.ts'

const options: ReportOptions = { version: '0.1.0', detail: 'lifecycle', styles: plain, width: 100 }

test('NDJSON is one object a line: the run, its events, its verdicts, its end', () => {
  const run = killBackendRun()
  const records = [...formats.ndjson([run], options)].map(line => {
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
    [...formats.ndjson([killBackendRun()], { ...options, detail })].filter(line => line.includes('client.acknowledged'))
  expect(acknowledged('lifecycle')).toHaveLength(0)
  expect(acknowledged('activity')).toHaveLength(7912 + 7801)
})

test('JUnit has a case a check, with what failed and where', () => {
  const run = killBackendRun()
  const odd = { ...run.verdicts[1], title: 'a < b & "c"', actual: 'bell \u0007 and line\nbreak' }
  const xml = [...formats.junit([{ ...run, verdicts: [run.verdicts[0], odd], wallClock: 91e6 }], options)].join('')
  expect(xml).toContain('tests="2" failures="1" time="0.091"')
  expect(xml).toContain('<testcase name="the other seven are told"')
  expect(xml).toContain('file="kill-backend.drill" line="10"/>')
  expect(xml).toContain('name="a &lt; b &amp; &quot;c&quot;"')
  expect(xml).toContain('message="bell \uFFFD and line&#10;break"')
})

test('a report asks for its level and for the commits that it counts', () => {
  expect(kindsNeeded('lifecycle').has('client.acknowledged')).toBe(true)
  expect(kindsNeeded('lifecycle').has('transaction.committed')).toBe(false)
  expect(kindsNeeded('activity').has('transaction.committed')).toBe(true)
  expect([...kindsNeeded('storage')]).toEqual(Object.keys(eventKinds))
})
