// What log lines mean that a test against one short-lived server does not see.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { Names } from '../../../../src/runtime/real/names.ts'
import { Lifecycle } from '../../../../src/runtime/real/observation/lifecycle.ts'
import type { LogRecord } from '../../../../src/runtime/real/observation/log-record.ts'
import { Processes } from '../../../../src/runtime/real/observation/processes.ts'
import { type Recorder, recorder } from './recorder.ts'

const dataFolder = mkdtempSync(join(tmpdir(), 'pgdrill-test-'))
mkdirSync(join(dataFolder, 'global'))
mkdirSync(join(dataFolder, 'pg_wal'))
// The fields of pg_control that are read: redo and timeline of the last checkpoint.
const control = Buffer.alloc(8192)
control.writeBigUInt64LE(0x3000028n, 40)
control.writeUInt32LE(7, 48)
writeFileSync(join(dataFolder, 'global/pg_control'), control)
writeFileSync(
  join(dataFolder, 'pg_wal/00000008.history'),
  '6\t0/2000000\tno recovery target specified\n\n7\t1/3000148\tno recovery target specified\n',
)
afterAll(() => rmSync(dataFolder, { recursive: true }))

let story: Recorder
let say: (message: string, level?: string) => void

beforeEach(() => {
  story = recorder('checkpoint.started', 'checkpoint.completed', 'vacuum.finished')
  const names = new Names()
  const processes = new Processes({ node: 's1', teller: story, names, isObserver: () => false })
  const lifecycle = new Lifecycle({ node: 's1', dataFolder, teller: story, processes })
  say = (message, level = 'LOG') => {
    const record: LogRecord = { at: 1, pid: 5, remote: '', backendType: 'startup', level, message }
    lifecycle.before(record)
    lifecycle.after(record, 0)
  }
})

function told(): readonly object[] {
  return story.events.map(({ time: _time, sequence: _sequence, at: _at, node: _node, pid: _pid, ...rest }) => rest)
}

test('a promotion: redo ends, and a timeline begins where the history file says', () => {
  say('redo starts at 0/3000028')
  say('received promote request')
  say('redo done at 0/3000110 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 1.00 s')
  say('selected new timeline ID: 8')
  expect(story.of('timeline.switched')).toEqual([])
  say('archive recovery complete')
  expect(told()).toEqual([
    { kind: 'recovery.started', redo: 0x3000028, timeline: 7 },
    { kind: 'recovery.redo_done', lsn: 0x3000110, timeline: 7 },
    { kind: 'timeline.switched', timeline: 8, from: 7, lsn: 0x1_0300_0148 },
  ])
})

test('recovery comes to a newer timeline from the archive, if it gets behind where that one begins', () => {
  say('redo starts at 0/3000028')
  say('restored log file "000000080000000100000003" from archive')
  say('redo done at 1/3000100 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 1.00 s')
  expect(story.of('timeline.switched')).toEqual([])
  say('redo starts at 0/3000028')
  say('restored log file "000000080000000100000003" from archive')
  say('redo done at 1/3000200 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 1.00 s')
  expect(told().slice(-2)).toEqual([
    { kind: 'timeline.switched', timeline: 8, from: 7, lsn: 0x1_0300_0148 },
    { kind: 'recovery.redo_done', lsn: 0x1_0300_0200, timeline: 8 },
  ])
})

test('a standby follows its primary to a new timeline', () => {
  say('new target timeline is 8')
  expect(told()).toEqual([{ kind: 'timeline.switched', timeline: 8, from: 7, lsn: 0x1_0300_0148 }])
})

test('a standby that knew of the new timeline when it began comes to it where its stream goes on', () => {
  say('redo starts at 0/3000028')
  say('started streaming WAL from primary at 0/3000000 on timeline 7')
  expect(story.of('timeline.switched')).toEqual([])
  say('restarted WAL streaming at 1/3000000 on timeline 8')
  expect(story.of('timeline.switched')).toMatchObject([{ timeline: 8, from: 7, lsn: 0x1_0300_0148 }])
})

test('a timeline without a history file is not told of', () => {
  say('new target timeline is 9')
  expect(told()).toEqual([])
})

test('the WAL ends where the server complains of it', () => {
  say('redo starts at 0/3000028')
  say('invalid record length at 0/3000140: wanted 24, got 0')
  say('redo done at 0/3000110 system usage: …')
  expect(story.of('recovery.redo_done')[0].lsn).toBe(0x3000140)
})

test('checkpoints: the reason stands in the first line, what was done in the last', () => {
  say('restartpoint starting: time')
  say(
    'restartpoint complete: wrote 16 buffers (0.1%), wrote 2 SLRU buffers; 0 WAL file(s) added, 0 removed, 0 recycled; write=0.001 s, sync=0.001 s, total=0.104 s; sync files=4, longest=0.001 s, average=0.001 s; distance=17 kB, estimate=747 kB; lsn=0/3000060, redo lsn=0/3000028',
  )
  expect(told()).toEqual([
    { kind: 'checkpoint.started', reason: 'time' },
    { kind: 'checkpoint.completed', reason: 'time', redo: 0x3000028, buffers: 16, total: 104_000_000 },
  ])
})

test("autovacuum's own report", () => {
  say(
    'automatic vacuum of table "postgres.public.t": index scans: 0\npages: 0 removed, 9 remain, 9 scanned (100.00% of total)\ntuples: 1000 removed, 1001 remain, 0 are dead but not yet removable',
  )
  expect(told()).toEqual([{ kind: 'vacuum.finished', relation: 't', removed: 1000, remaining: 1001, pages: 9 }])
})

test.each([
  [['received fast shutdown request'], 'it was shut down'],
  [
    ['received fast shutdown request', 'abnormal database system shutdown'],
    'it was shut down while it recovered from a crash',
  ],
  [['aborting startup due to startup process failure'], 'the startup process failed'],
  [['shutting down due to startup process failure'], 'the startup process failed'],
  [['shutting down because restart_after_crash is off'], 'restart_after_crash is off'],
  [[], 'its postmaster has ended'],
])('%j and then down: %s', (lines, reason) => {
  say('starting PostgreSQL 17.10 on x86_64-pc-linux-gnu')
  for (const line of lines) say(line)
  say('database system is shut down')
  say('database system is shut down')
  expect(story.of('node.down').map(event => event.reason)).toEqual([reason])
})

test('a server refuses only after it has accepted', () => {
  say('starting PostgreSQL 17.10 on x86_64-pc-linux-gnu')
  say('received smart shutdown request')
  say('database system is ready to accept read-only connections')
  say('received immediate shutdown request')
  say('received immediate shutdown request')
  expect(told().slice(1)).toEqual([
    { kind: 'node.accepting', writable: false },
    { kind: 'node.refusing', reason: 'immediate shutdown' },
  ])
})

test("a client's error that reads like one of the server's own lines means nothing", () => {
  say('database system is ready to accept connections', 'WARNING')
  expect(told()).toEqual([])
})
