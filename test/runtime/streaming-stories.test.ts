// The stories of PostgreSQL's recovery tests (src/test/recovery/t) that are about streaming and slots.

import { describe, expect, test } from 'vitest'
import { failed, play } from '../playing.ts'

async function plays(text: string): Promise<void> {
  expect(failed(await play('story.drill', `drill "a story"\npostgres 15\n${text}`))).toEqual([])
}

describe('001_stream_rep', () => {
  test('slots of a cascade hold back rows while there is feedback, and a standby follows another server without a restart', () => {
    const xmins = (is: string) =>
      ['primary', 's1']
        .map(node => `query(${node}, $$select xmin is ${is} and catalog_xmin is null from pg_replication_slots$$)`)
        .join(' and ')
    return plays(`node primary { autovacuum = off }
standby s1 of primary via of_s1 { wal_receiver_status_interval = 1s }
standby s2 of s1 via of_s2 { wal_receiver_status_interval = 1s; wal_retrieve_retry_interval = 500ms }
setup on primary $$ create table tab_int (a int); insert into tab_int select generate_series(1, 1002) $$
session writer on s1 { step writes $$ insert into tab_int values (1) $$ }
at 2s play writes
at 3s reload s1 { hot_standby_feedback = on }
at 3s reload s2 { hot_standby_feedback = on }
at 6s reload s1 { hot_standby_feedback = off }
at 6s reload s2 { hot_standby_feedback = off }
at 9s follow s2 of primary
at 9s stop s1
at 10s run on primary $$ insert into tab_int values (3000) $$
ends 12s
at 2s expect that query(s1, $$select count(*) from tab_int$$) = 1002 and query(s2, $$select count(*) from tab_int$$) = 1002
at end expect that writes.sqlstate = '25006'
at 2900ms expect "none without feedback" that ${xmins('null')}
at 5900ms expect "one with feedback, of rows and not of the catalog" that ${xmins('not null')}
at 8900ms expect "none when it is switched off" that ${xmins('null')}
at end expect that query(s2, $$select count(*) from tab_int where a = 3000$$) = 1`)
  })

  test('a slot is moved on, backwards not and no further than the WAL; a restart keeps where it is', () =>
    plays(`node primary { wal_level = logical; autovacuum = off; min_wal_size = 32MB; max_wal_size = 48MB }
setup on primary $$ create table t (id int primary key) $$
session anna on primary {
  step unreserved $$ select pg_create_physical_replication_slot('idle', false) $$
  step reserved $$ select pg_create_physical_replication_slot('phys', true) $$
  step too_early $$ select pg_replication_slot_advance('idle', '0/3000000') $$
  step backwards $$ select pg_replication_slot_advance('phys', '0/1000000') $$
  step invalid $$ select pg_replication_slot_advance('phys', '0/0') $$
  step logical $$ select pg_create_logical_replication_slot('log', 'test_decoding') $$
  step skipped $$ insert into t values (1) $$
  step skips $$ select pg_replication_slot_advance('log', pg_current_wal_lsn()) $$
  step seen $$ insert into t values (2) $$
  step sees $$ select string_agg(data, ' ') from pg_logical_slot_get_changes('log', null, null) where data ~ 'INSERT' $$
  step logical_backwards $$ select pg_replication_slot_advance('log', '0/1000000') $$
  step fill $$ select pg_switch_wal() $$
  step beyond $$ select pg_replication_slot_advance('phys', 'FFFFFFFF/0') $$
  step reached $$ select restart_lsn = pg_current_wal_flush_lsn() from pg_replication_slots where slot_name = 'phys' $$
}
at 1s play unreserved, reserved, too_early, backwards, invalid
at 2s play logical, skipped, skips, seen, sees, logical_backwards
at 3s play fill, beyond, reached
at 4s restart primary as again
ends again.done + 1s
expect that too_early.sqlstate = '55000' and backwards.sqlstate = '55000' and logical_backwards.sqlstate = '55000'
expect that invalid.sqlstate = 'XX000'
expect "what it was moved over is not handed out" that sees.value = 'table public.t: INSERT: id[integer]:2'
expect that reached.value
at end expect that query(primary, $$
  select pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) < 10000 from pg_replication_slots where slot_name = 'phys'$$)`))
})

test('005_replay_delay: a pause holds replay and not the stream, and a promotion ends it', () =>
  plays(`node primary
standby s1 of primary
setup on primary $$ create table t (id int) $$
session dba on s1 {
  step pause $$ select pg_wal_replay_pause() $$
  step resume $$ select pg_wal_replay_resume() $$
  step pause_again $$ select pg_wal_replay_pause() $$
}
at 1s play pause
at 2s run on primary $$ insert into t values (1) $$
at 4s play resume
at 5s play pause_again
at 6s run on primary $$ insert into t values (2) $$
at 7s promote s1 as promotion
ends promotion.done + 1s
at 900ms expect that query(s1, $$select pg_get_wal_replay_pause_state()$$) = 'not paused'
at 3s expect "paused" that query(s1, $$select pg_get_wal_replay_pause_state()$$) = 'paused'
at 3s expect "it receives" that query(s1, $$select pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()$$)
at 3s expect that query(s1, $$select count(*) from t$$) = 0
at 4900ms expect that query(s1, $$select count(*) from t$$) = 1
at 6900ms expect that query(s1, $$select count(*) from t$$) = 1
at end expect "promoted with all it had" that s1.writable and query(s1, $$select count(*) from t$$) = 2`))

test('007_sync_rep: who is synchronous under every spelling of the names', () => {
  const states = (at: string, title: string, expected: string) => `at ${at} expect "${title}" that query(primary, $$
  select string_agg(s, ' ') from (select sync_priority || sync_state as s from pg_stat_replication order by application_name) x
$$) = '${expected}'`
  const names = (at: string, text: string) => `at ${at} reload primary { synchronous_standby_names = "${text}" }`
  return plays(`node primary
standby s1 of primary
standby s2 of primary
standby s3 of primary
standby s4 of primary
at 500ms stop s4
${names('1s', 's1,s2')}
${states('1500ms', 'the old syntax', '1sync 2potential 0async')}
${names('2s', '*')}
${states('2500ms', 'an asterisk', '1sync 1potential 1potential')}
at 3s stop s1
at 3s stop s2
at 3s stop s3
at 4s start s2
at 4500ms start s3
${names('5s', '2(s1,s2,s3)')}
${states('6s', 'two', '2sync 3sync')}
at 6s start s1
at 6500ms start s4
${states('7900ms', 'two, one potential, one asynchronous', '1sync 2sync 3potential 0async')}
${names('8s', '6(s4,s0,s3,s2)')}
${states('8500ms', 'more than there are', '0async 4sync 3sync 1sync')}
${names('9s', '2(s1,*,s2)')}
${states('9500ms', 'an asterisk before a name', '1sync 2sync 2potential 2potential')}
${names('10s', '2(*)')}
${states('10500ms', 'the same priority', '1potential 1sync 1sync 1potential')}
at 11s stop s3
${states('11500ms', 'one that connected earlier moves up', '1sync 1sync 1potential')}
${names('12s', 'FIRST 2(s1, s2)')}
${states('12500ms', 'FIRST', '1sync 2sync 0async')}
${names('13s', 'ANY 2(s1, s2)')}
${states('13500ms', 'ANY', '1quorum 1quorum 0async')}
at 14s start s3
${names('14s', 'ANY 2(*)')}
${states('15s', 'ANY of all', '1quorum 1quorum 1quorum 1quorum')}
ends 16s`)
})
