// Stories of PostgreSQL's own recovery tests (src/test/recovery/t) that are no lessons.

import { describe, expect, test } from 'vitest'
import { failed, play } from '../playing.ts'

async function plays(text: string): Promise<void> {
  expect(failed(await play('story.drill', `drill "a story"\npostgres 15\n${text}`))).toEqual([])
}

describe('012_subtransactions: more than the 64 that a backend shows', () => {
  const savepoints = (count: number) =>
    Array.from({ length: count }, (_, index) => `savepoint s${index}; insert into t values (${index + 1});`).join(' ')
  const cluster = `node primary { max_prepared_transactions = 10 }
standby s1 of primary { wal_retrieve_retry_interval = 500ms }
setup on primary $$ create table t (id int) $$
`

  test('nobody sees the first or the last of them before their transaction has ended', () =>
    plays(`${cluster}
session many on primary {
  step open $$ begin; ${savepoints(127)} $$
  step commits $$ commit $$
}
at 1s play open
at 3s play commits as commit
at 4s stop primary with fast as loss
at 5s promote s1 as promotion
ends 7s
at commit - 1s expect that query(primary, $$select count(*) from t$$) = 0 and query(s1, $$select count(*) from t$$) = 0
at commit + 500ms expect that query(primary, $$select sum(id) from t$$) = 8128
at commit + 500ms expect that query(s1, $$select sum(id) from t$$) = 8128
at end expect that query(s1, $$select sum(id) from t$$) = 8128`))

  test('prepared they survive a crash and a promotion, and end as one', () =>
    plays(`${cluster}
session many on primary {
  step kept $$ begin; ${savepoints(127)} prepare transaction 'kept' $$
  step unloved $$ begin; ${savepoints(201)} prepare transaction 'unloved' $$
}
session next_xid on primary {
  step other $$ begin; insert into t values (142); rollback $$
}
session heir on s1 {
  step commits $$ commit prepared 'kept' $$
  step rolls_back $$ rollback prepared 'unloved' $$
}
at 1s     play kept
at 1500ms run on primary $$ checkpoint $$
at 2s     play unloved
at 3s     kill checkpointer of primary with KILL as crash
at 6s     play other
at 7s     stop primary with fast as loss
at 8s     promote s1 as promotion
at 10s    play commits
at 11s    play rolls_back
ends 12s
at 6500ms expect that query(primary, $$select count(*) from t$$) = 0 and query(s1, $$select count(*) from t$$) = 0
at 6500ms expect that query(primary, $$select count(*) from pg_prepared_xacts$$) = 2
at 9500ms expect that query(s1, $$select count(*) from t$$) = 0
at 10500ms expect that query(s1, $$select sum(id) from t$$) = 8128
at end expect that query(s1, $$select sum(id) from t$$) = 8128
at end expect that query(s1, $$select count(*) from pg_prepared_xacts$$) = 0`))
})

test('008_fsm_truncation: what is left of a free space map after a truncation sends nobody past the end', () =>
  plays(`node primary { autovacuum = off; wal_log_hints = on; shared_buffers = 1MB }
standby s1 of primary { wal_retrieve_retry_interval = 500ms }
setup on primary $$
  create table roomy (id int, filler text);
  insert into roomy select i, repeat('x', 500) from generate_series(1, 10000) i;
$$
at 1s     run on primary $$ delete from roomy where id > 5000 $$
at 1500ms run on primary $$ vacuum roomy $$
at 2s     run on primary $$ checkpoint $$
at 2500ms run on primary $$ insert into roomy select i, repeat('y', 500) from generate_series(5001, 9000) i $$
at 3s     run on primary $$ delete from roomy where id > 1000 $$
at 3500ms run on primary $$ vacuum roomy $$
at 4500ms run on s1 as read $$ select count(*) from roomy $$
at 5s     restart s1 as rest
at 7s     stop primary with immediate as loss
at 8s     promote s1 as promotion
at promotion.done + 500ms run on s1 as filling $$
  insert into roomy select i, repeat('z', 500) from generate_series(1001, 12000) i
$$
ends 12s
at 4s expect that query(primary, $$select pg_relation_size('roomy')$$) < 1MB
at end expect that query(s1, $$select count(*) from roomy$$) = 12000`))

test('015_promotion_pages: a crash right after a promotion finds pages of which the WAL before it spoke gone', () =>
  plays(`node primary { autovacuum = off; checkpoint_timeout = 1h }
standby s1 of primary { wal_retrieve_retry_interval = 500ms }
setup on primary $$ create table test2 (a int, b text); create table test1 (a int) $$
at 1s     run on primary $$ checkpoint $$
at 1500ms run on primary $$
  insert into test2 select i, repeat('x', 100) from generate_series(1, 1000) i;
  insert into test1 select generate_series(1, 10000);
$$
at 2s     run on primary $$ truncate test1 $$
at 2500ms run on primary $$ delete from test2 where a > 10 $$
at 3s     run on primary $$ vacuum test2 $$
at 4s     promote s1 as promotion
at promotion.done + 20ms kill checkpointer of s1 with KILL as crash
ends 9s
expect from crash to end that never count(s1.log where level = 'PANIC') > 0
expect within 4s of crash that eventually s1.accepting
expect within 4s of crash
  that count(s1.log where message = 'crash recovery starts in timeline 1 and has target timeline 2') = 1
at end expect that query(s1, $$select count(*) from test1$$) = 0 and query(s1, $$select count(*) from test2$$) = 10`))

test('016_min_consistency: a standby that is stopped remembers how far it had come, pages or no pages', () =>
  plays(`node primary { autovacuum = off }
standby s1 of primary
setup on primary $$ create table t (id int) $$
at 1s    run on primary $$ insert into t select i from generate_series(1, 1000) i; checkpoint $$
at 1300ms run on s1 $$ checkpoint $$
at 1600ms run on primary $$ select pg_create_restore_point('last') $$
at 2s stop primary with immediate
at 3s stop s1 with fast
at 4s start s1 as again
ends again.done + 1s
at again.done expect that query(s1, $$select count(*) from t$$) = 1000
at end expect that query(s1, $$select min_recovery_end_lsn = pg_last_wal_replay_lsn() from pg_control_recovery()$$)`))

test('023_pitr_prepared_xact: a transaction that was prepared before the target is there, and can be ended', () =>
  plays(`node primary { max_prepared_transactions = 5 }
archive vault of primary
setup on primary $$ create table foo (i int) $$
session admin on primary {
  step prepares $$ begin; insert into foo values (1); savepoint a; insert into foo values (2); prepare transaction 'fooinsert' $$
  step marks $$ select pg_create_restore_point('rp') $$
  step goes_on $$ insert into foo values (3) $$
}
at 1s backup primary to vault as base
at base.done + 500ms play prepares
at base.done + 700ms play marks
at base.done + 900ms play goes_on
at base.done + 1s run on primary $$ select pg_switch_wal() $$
at base.done + 3s restore back from vault as past {
  max_prepared_transactions = 5
  recovery_target_name = rp
  recovery_target_action = promote
}
at past.done + 1s run on back as fulfilment $$ commit prepared 'fooinsert' $$
at past.done + 1500ms run on back $$ checkpoint $$
ends past.done + 3s
at past.done + 500ms expect that query(back, $$select count(*) from foo$$) = 0
at past.done + 500ms expect that query(back, $$select gid from pg_prepared_xacts$$) = 'fooinsert'
at end expect that query(back, $$select sum(i) from foo$$) = 3`))

test('026_overwrite_contrecord: a standby skips the record that the crash has torn', () =>
  plays(`node primary { autovacuum = off; wal_keep_size = 64MB; bgwriter_lru_maxpages = 0 }
standby s1 of primary { wal_retrieve_retry_interval = 500ms }
setup on primary $$ create table filler (a int) $$
at 2s     stop s1 with fast as away
at 3s     run on primary $$ insert into filler values (1); select pg_switch_wal(); checkpoint $$
at 3500ms run on primary $$ select pg_switch_wal() $$
at 4s     run on primary $$ select pg_logical_emit_message(true, '', repeat('xyzxz', 5000)) $$
at 5s     stop primary with immediate as crash
at crash.done + 500ms corrupt 000000010000000000000005 of primary { block = 1; kind = zeroed }
at crash.done + 1s    start primary as again
at again.done + 500ms run on primary $$ insert into filler values (2) $$
at again.done + 1s    start s1 as back
at back.done + 2s     stop primary with fast as loss
at loss.done + 500ms  promote s1 as promotion
ends promotion.done + 1s
expect from back to loss that count(s1.log where message ~ '^successfully skipped missing contrecord at 0/5000028, overwritten at ') = 1
expect from back to loss that count(s1.log where context ~ 'XLOG/OVERWRITE_CONTRECORD: lsn 0/5000028; time ') = 1
at loss expect that query(s1, $$select sum(a) from filler$$) = 3
at end expect that query(s1, $$select sum(a) from filler$$) = 3`))

test('030_stats_cleanup_replica: a standby counts for itself, keeps that in a restart, and forgets it in a crash', () =>
  plays(`node primary
standby s1 of primary { wal_retrieve_retry_interval = 500ms }
setup on primary $$ create table kept (id int); create table dropped (id int) $$
at 1s  run on s1 $$ select count(*) from kept; select count(*) from dropped $$
at 3s  run on primary $$ drop table dropped $$
at 4s  restart s1 with fast as maintenance
at maintenance.done + 2s stop s1 with immediate as crash
at crash + 1s start s1 as return
ends return.done + 2s
at 2900ms expect that query(s1, $$select sum(seq_scan) from pg_stat_user_tables$$) = 2
at 2900ms expect that query(primary, $$select sum(seq_scan) from pg_stat_user_tables$$) = 0
at 3800ms expect that query(s1, $$select sum(seq_scan) from pg_stat_user_tables$$) = 1
at maintenance.done + 1s expect that query(s1, $$select sum(seq_scan) from pg_stat_user_tables$$) = 1
at end expect that query(s1, $$select sum(seq_scan) from pg_stat_user_tables$$) = 0`))

describe('031_recovery_conflict: a cursor on a standby stands on a page that vacuum cleans', () => {
  const cluster = `node primary { max_prepared_transactions = 10; autovacuum = off }
standby s1 of primary {
  max_standby_streaming_delay = 10s
  deadlock_timeout = 500ms
  log_recovery_conflict_waits = on
  max_prepared_transactions = 10
}
setup on primary $$ create table t (a int); create table u (a int); insert into t values (1) $$
session reader on s1 {
  step opens $$ begin; declare c cursor for select a from t; fetch c; $$
  step nests $$ savepoint s; select 1 $$
  step waits $$ select * from u $$
  step again $$ select 1 $$
  step ends $$ rollback $$
}
session dba on primary {
  step gives_up $$ begin; insert into t select generate_series(1, 100); rollback $$
  step locks $$ begin; lock table u; prepare transaction 'lock' $$
  step vacuums $$ vacuum t $$
}
at 1s play gives_up
`
  const conflicts = 'from pg_stat_database_conflicts where datname = current_database()'

  test('and waits for a lock that replay holds: that is a deadlock', () =>
    plays(`${cluster}
at 2s play locks
at 3s play opens
at 4s play waits
at 5s play vacuums as vacuum
at 7s play ends
ends 9s
expect within 1500ms of vacuum that count(s1.log where message ~ 'canceling statement due to conflict with recovery' and detail = 'User transaction caused buffer deadlock with recovery.') = 1
at end expect that waits.sqlstate = '40001'
at end expect that query(s1, $$select confl_deadlock ${conflicts}$$) = 1
at end expect that query(s1, $$select confl_bufferpin ${conflicts}$$) = 0
at end expect that query(primary, $$select count(*) from pg_stat_replication where replay_lsn < sent_lsn$$) = 0`))

  test('and goes on to wait for a lock that replay holds already', () =>
    plays(`${cluster}
at 2s play locks
at 3s play opens
at 4s play vacuums as vacuum
at 4300ms play waits
ends 6s
at end expect that waits.sqlstate = '40P01' and waits.took < 100ms`))

  test('and does nothing: it loses its connection', () =>
    plays(`${cluster}
at 3s play opens
at 5s play vacuums as vacuum
at 17s play again
ends 18s
expect from vacuum to vacuum + 9s that count(s1.log where message ~ 'conflict with recovery') = 0
expect within 11s of vacuum that count(s1.log where message = 'terminating connection due to conflict with recovery' and detail = 'User was holding shared buffer pin for too long.') = 1
at end expect that query(primary, $$select count(*) from pg_stat_replication where replay_lsn < sent_lsn$$) = 0
at end expect that query(s1, $$select confl_bufferpin ${conflicts}$$) = 1`))

  test('in a subtransaction there is nothing to cancel that would help', () =>
    plays(`${cluster}
at 3s play opens
at 4s play nests
at 5s play vacuums as vacuum
ends 18s
expect within 11s of vacuum that count(s1.log where message = 'terminating connection due to conflict with recovery') = 1
at end expect that query(s1, $$select confl_bufferpin ${conflicts}$$) = 1`))
})

test('043_vacuum_horizon_floor: a standby that comes back with an older horizon does not hold a vacuum that runs', () =>
  plays(`node primary { wal_sender_timeout = 1s; autovacuum = off }
standby s1 of primary {
  hot_standby_feedback = on
  wal_receiver_status_interval = 1s
  wal_receiver_timeout = 1s
  wal_retrieve_retry_interval = 200ms
  max_standby_streaming_delay = 5s
}
setup on primary $$ create table t (id int); create index on t (id) $$
session reader on s1 {
  step begins $$ begin isolation level repeatable read; select count(*) from t $$
  step looks_again $$ select count(*) from t $$
}
session cursor on primary {
  step opens $$ begin; declare c cursor for select * from t where id + 0 = 1; fetch c; $$
  step goes_on $$ fetch c $$
  step commits $$ commit $$
}
session dba on primary {
  step changes $$ insert into t values (99); update t set id = 100 where id = 99; $$
  step vacuums $$ vacuum (freeze, verbose) t $$
}
at 1s     run on primary $$ insert into t select generate_series(1, 5000); delete from t where id > 1; insert into t values (1) $$
at 3s     play begins
at 5s     cut link between primary, s1 as partition
at 8s     play changes
at 8500ms play opens
at 9s     play vacuums as vacuum
at 10s    heal link between primary, s1 as healing
at 14s    play goes_on as progress
at 16s    play commits as commit
at 25s    play looks_again
ends 26s
at 8s expect that query(primary, $$select count(*) from pg_stat_replication$$) = 0
at 10s expect that query(primary, $$select count(*) from pg_stat_activity where wait_event = 'BufferPin' and query like 'vacuum%'$$) = 1
at 13500ms expect that query(primary, $$select count(*) from pg_stat_replication where backend_xmin is not null$$) = 1
at 15900ms expect that query(primary, $$select count(*) from pg_stat_activity where wait_event = 'BufferPin' and query like 'vacuum%'$$) = 1
at end expect that vacuums.sqlstate = '00000' and vacuums.took > 7s
at end expect that count(vacuums.notices where message ~ '3 remain, 0 are dead but not yet removable') = 1
at end expect that query(primary, $$select vacuum_count from pg_stat_user_tables where relname = 't'$$) = 1
at end expect that looks_again.sqlstate = '40001' or looks_again.sqlstate = '25P02'
at end expect that query(s1, $$select count(*) from t$$) = 3`))

describe('034_create_database and 037_invalid_database', () => {
  test('a standby copies the files as well, and what its own redo had not written yet', () =>
    plays(`node primary { autovacuum = off }
standby s1 of primary { wal_retrieve_retry_interval = 500ms }
setup on primary { dbname = template1 } $$ create table of_everybody (id int) $$
at 1s run on primary { dbname = template1 } $$ insert into of_everybody values (1), (2) $$
at 2s run on primary $$ create database copied strategy file_copy $$
at 3s run on primary { dbname = copied } $$ insert into of_everybody values (3) $$
at 4s kill checkpointer of s1 with KILL as crash
at 7s promote s1 as promotion
ends 9s
at 3500ms expect that query(s1, $$select sum(id) from of_everybody$$, 'copied') = 6
at end expect that query(s1, $$select sum(id) from of_everybody$$, 'copied') = 6
at end expect that query(s1, $$select sum(id) from of_everybody$$, 'template1') = 3`))

  test('a DROP DATABASE that is cancelled in the midst of it leaves a database that can only be dropped', () =>
    plays(`node primary { autovacuum = off; log_checkpoints = on }
setup on primary $$ create database shop $$
session admin on primary {
  step drops $$ drop database shop $$
  step again $$ drop database shop $$
}
at 1s play drops
at 5s play again
when count(primary.log where message = 'checkpoint starting: immediate force wait') = 1 then
  kill backend of admin with INT
ends 7s
at 3s expect that drops.sqlstate = '57014'
at 3s expect that query(primary, $$select datconnlimit from pg_database where datname = 'shop'$$) = -2
at end expect that again.sqlstate = '00000'
at end expect that query(primary, $$select count(*) from pg_database where datname = 'shop'$$) = 0`))

  test('a copy that fails leaves nothing behind, and its disk space is free again', () =>
    plays(`node primary { autovacuum = off }
volume data of primary { size = 25MB }
volume pg_wal of primary
at 1s run on primary { optional = on } $$ create database big strategy file_copy $$
ends 4s
at 3s expect that query(primary, $$select count(*) from pg_database where datname = 'big'$$) = 0
at 3s expect that count(primary.log where message ~ 'could not write to file "base/16384/.*No space left on device') = 1`))
})
