// The functions and columns with which a primary and its standby are asked, and what the wrong one of the two answers.

import { expect, test } from 'vitest'
import { play } from '../playing.ts'

/** What each step answers: its value, or its error. */
async function answers(primary: readonly string[], standby: readonly string[]): Promise<unknown[]> {
  const steps = (name: string, texts: readonly string[]) => texts.map((text, n) => `step ${name}${n} $$ ${text} $$`)
  const [run] = await play(
    'asking.drill',
    `drill "asking"
postgres 15
node primary
standby replica of primary
setup on primary $$ create table t (v int) $$
session p on primary {
  ${steps('p', primary).join('\n  ')}
}
session s on replica {
  ${steps('s', standby).join('\n  ')}
}
at 1s play ${[...primary.keys()].map(n => `p${n}`).join(', ')}
at 2s play ${[...standby.keys()].map(n => `s${n}`).join(', ')}
ends 4s`,
  )
  return run!.events.flatMap(event =>
    event.kind === 'step.finished' ? [event.message === undefined ? event.value : event.message] : [],
  )
}

test('who replays nothing can neither pause, nor be promoted', async () => {
  const asked = ['pg_wal_replay_pause()', 'pg_wal_replay_resume()', 'pg_is_wal_replay_paused()', 'pg_promote()']
  const told = await answers(
    [...asked, 'pg_get_wal_replay_pause_state()'].map(call => `select ${call}`),
    ['select 1'],
  )
  expect(told).toEqual([...new Array(5).fill('recovery is not in progress'), '1'])
})

test('who only replays writes nothing', async () => {
  const told = await answers(
    ['select pg_last_wal_receive_lsn() is null and pg_last_wal_replay_lsn() is null'],
    [
      'select pg_switch_wal()',
      "select pg_create_restore_point('here')",
      "select pg_walfile_name('0/3000000')",
      'select pg_current_wal_lsn()',
      "select pg_logical_emit_message(true, 'a', 'b')",
      "select pg_logical_emit_message(false, 'a', 'b')",
      'select pg_current_xact_id()',
      'insert into t values (1)',
      'begin isolation level serializable',
    ],
  )
  expect(told).toEqual([
    't',
    ...new Array(4).fill('recovery is in progress'),
    'cannot assign TransactionIds during recovery',
    'cannot make new WAL entries during recovery',
    'cannot execute pg_current_xact_id() during recovery',
    'cannot execute INSERT in a read-only transaction',
    'cannot use serializable mode in a hot standby',
  ])
})

test('each command that writes is refused by its own name', async () => {
  const commands = {
    'create database shop': 'CREATE DATABASE',
    'drop database template1': 'DROP DATABASE',
    'alter database postgres connection limit 5': 'ALTER DATABASE',
    'alter database postgres rename to other': 'ALTER DATABASE',
    "create tablespace attic location ''": 'CREATE TABLESPACE',
    'drop table t': 'DROP TABLE',
    'drop index i': 'DROP INDEX',
    'create table u as select 1': 'CREATE TABLE AS',
    'select 1 into u': 'SELECT INTO',
    'alter table t add column w int': 'ALTER TABLE',
    'alter index i set tablespace attic': 'ALTER INDEX',
    'truncate t': 'TRUNCATE TABLE',
  }
  const told = await answers(['select 1'], [...Object.keys(commands), 'reindex table t', 'vacuum full t'])
  expect(told).toEqual([
    '1',
    ...Object.values(commands).map(tag => `cannot execute ${tag} in a read-only transaction`),
    'cannot execute REINDEX during recovery',
    'cannot execute VACUUM during recovery',
  ])
})

test('a pause is asked for, and then there', async () => {
  const told = await answers(
    ['select 1'],
    [
      'select pg_get_wal_replay_pause_state()',
      'select pg_wal_replay_pause()',
      'select pg_get_wal_replay_pause_state()',
      'select pg_is_wal_replay_paused()',
      'select pg_wal_replay_resume()',
      'select pg_get_wal_replay_pause_state()',
    ],
  )
  expect(told).toEqual(['1', 'not paused', '', 'paused', 't', '', 'not paused'])
})

test('the two ends of a stream have an address, and the same one whenever they come', async () => {
  const told = await answers(
    [
      'select client_addr is not null and client_port > 1024 and client_hostname is null from pg_stat_replication',
      "select count(distinct client_addr) from pg_stat_activity where backend_type in ('client backend', 'walsender')",
      "select count(client_addr) from pg_stat_activity where backend_type = 'checkpointer'",
      "select client_addr < '255.0.0.0' from pg_stat_replication",
    ],
    ["select status || ' ' || sender_host || ' ' || sender_port from pg_stat_wal_receiver"],
  )
  expect(told).toEqual(['t', '2', '0', 't', 'streaming primary 5432'])
})
