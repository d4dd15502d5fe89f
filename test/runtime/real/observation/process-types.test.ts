// What a process is called, from the titles and types that PostgreSQL 15 to 18 give.

import { expect, test } from 'vitest'
import { ofLog, ofTitle } from '../../../../src/runtime/real/observation/process-types.ts'

test.each([
  ['postgres: checkpointer ', 'checkpointer'],
  ['postgres: background writer ', 'bgwriter'],
  ['postgres: walwriter ', 'walwriter'],
  ['postgres: startup recovering 000000010000000000000001', 'startup'],
  ['postgres: walreceiver streaming 0/3000148', 'walreceiver'],
  ['postgres: archiver last was 000000010000000000000001', 'archiver'],
  ['postgres: autovacuum launcher ', 'autovacuum launcher'],
  ['postgres: autovacuum worker postgres', 'autovacuum worker'],
  ['postgres: logical replication launcher ', 'logical replication launcher'],
  ['postgres: logger ', 'logger'],
  ['postgres: io worker 2', 'io worker'],
  ['postgres: parallel worker for PID 4711 ', 'parallel worker'],
  ['postgres: main: checkpointer ', 'checkpointer'],
  ['postgres: startup postgres 127.0.0.1(54321) idle', 'backend'],
  ['postgres: main: postgres postgres [local] idle', 'backend'],
  ['postgres: walsender postgres 127.0.0.1(54321) streaming 0/3000148', 'walsender'],
  ['postgres: main: walsender postgres 127.0.0.1(54321) idle', 'walsender'],
])('%s is a %s', (title, type) => {
  expect(ofTitle(title)?.type).toBe(type)
})

test('a session stands once its backend has something to do or nothing', () => {
  const session = (activity: string) => ofTitle(`postgres: postgres postgres 127.0.0.1(54321) ${activity}`)
  expect(session('authentication')).toEqual({ type: 'backend', remote: '127.0.0.1(54321)', isOpen: false })
  expect(session('')?.isOpen).toBe(false)
  expect(session('initializing')?.isOpen).toBe(false)
  expect(session('idle')?.isOpen).toBe(true)
  expect(session('SELECT waiting')?.isOpen).toBe(true)
})

test("a child that still has its postmaster's title is nobody yet", () => {
  expect(ofTitle('/usr/lib/postgresql/15/bin/postgres')).toBeUndefined()
  expect(ofTitle('postgres: lib/postgresql/15/bin/postgres')).toBeUndefined()
})

test('as the log names them', () => {
  expect(ofLog('client backend', '127.0.0.1(1)')).toBe('backend')
  expect(ofLog('not initialized', '127.0.0.1(1)')).toBe('backend')
  expect(ofLog('not initialized', '')).toBeUndefined()
  expect(ofLog('', '')).toBeUndefined()
  expect(ofLog('background writer', '')).toBe('bgwriter')
  expect(ofLog('walsender', '127.0.0.1(1)')).toBe('walsender')
  expect(ofLog('checkpointer', '')).toBe('checkpointer')
})
