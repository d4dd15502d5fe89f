// The stories of PostgreSQL's 035_standby_logical_decoding.pl that are no lesson: who reads from a slot that is given up,
// a slot of a cascade, a reader whose standby is promoted, and what each major refuses.

import { expect, test } from 'vitest'
import { failed, play } from '../playing.ts'

const cluster = (major: number) => `drill "a story"
postgres ${major}
node primary { wal_level = logical; autovacuum = off }
standby s1 of primary { hot_standby_feedback = off; wal_retrieve_retry_interval = 500ms }
setup on primary $$ create table t (i int) $$
session maker on s1 {
  step make $$ select pg_create_logical_replication_slot('reader', 'test_decoding') $$
  step peek $$ select count(*) from pg_logical_slot_peek_changes('reader', null, null) $$
}
at 2s    play make
at 2500ms run on primary $$ select pg_log_standby_snapshot() $$
`

async function plays(text: string): Promise<void> {
  expect(failed(await play('story.drill', text))).toEqual([])
}

const access = {
  16: 'can no longer get changes from',
  17: 'can no longer get changes from',
  18: 'can no longer access',
}

for (const major of [16, 17, 18] as const) {
  test(`${major}: rows go that a slot needs: its reader is cancelled, the slot is given up`, () =>
    plays(`${cluster(major)}at 3s receive reader from s1 for 20s { optional = yes }
at 4s run on primary $$ create table passing (i int); drop table passing; vacuum pg_catalog.pg_class $$
at 5s run on primary $$ insert into t values (1) $$
at 7s play peek as late
ends 8s
expect from 4s to 6s that ordered(
  s1.log where message ~ '^terminating process [0-9]+ to release replication slot "reader"$'
    and detail ~ '^The slot conflicted with xid horizon [0-9]+.$',
  s1.log where message = 'canceling statement due to conflict with recovery'
    and detail = 'User was using a logical replication slot that must be invalidated.',
  s1.log where message = 'invalidating obsolete replication slot "reader"'
    and detail ~ '^The slot conflicted with xid horizon [0-9]+.$')
expect from 4s to 6s that count(events where kind = 'action.missed' and reason ~
  'unexpected termination of replication stream: ERROR:  canceling statement due to conflict with recovery') = 1
at end expect that query(s1, $$select confl_active_logicalslot from pg_stat_database_conflicts where datname = 'postgres'$$) = 1
at end expect that query(s1, $$select wal_status from pg_replication_slots where conflicting$$) = 'lost'
expect within 1s of late that eventually count(s1.log where message = '${access[major]} replication slot "reader"') = 1
`))
}

test('a primary whose wal_level is lowered takes the slots with it, until it is raised and they are made anew', () =>
  plays(`${cluster(18)}at 3s receive reader from s1 for 20s { optional = yes }
at 4s restart primary with fast as lowered { wal_level = replica }
session later on s1 {
  step refused $$ select pg_create_logical_replication_slot('next', 'test_decoding') $$
  step made $$ select pg_create_logical_replication_slot('next', 'test_decoding') $$
}
at 8s play refused
at 9s restart primary with fast { wal_level = logical }
at 13s play made
at 14s run on primary $$ select pg_log_standby_snapshot() $$
ends 16s
expect from lowered to 8s that ordered(
  s1.log where message ~ '^terminating process [0-9]+ to release replication slot "reader"$'
    and detail = 'Logical decoding on standby requires "wal_level" >= "logical" on the primary server.',
  s1.log where message = 'canceling statement due to conflict with recovery',
  s1.log where message = 'invalidating obsolete replication slot "reader"')
at 8s expect that query(s1, $$select invalidation_reason from pg_replication_slots where conflicting$$) = 'wal_level_insufficient'
expect within 500ms of 8s
  that eventually count(s1.log where message = 'logical decoding on standby requires "wal_level" >= "logical" on the primary') = 1
at end expect that made.sqlstate = '00000'
`))

test('a reader goes on over the promotion of its standby', () =>
  plays(`${cluster(16)}at 3s receive reader from s1 for 10s with "include-xids=0"
at 4s run on primary $$ insert into t values (1) $$
at 5s stop primary with fast
at 6s promote s1 as promotion
at promotion.done + 500ms run on s1 $$ insert into t values (2) $$
ends 14s
expect that ordered(
  events where kind = 'change.received' and data = 'table public.t: INSERT: i[integer]:1',
  s1.log where message = 'archive recovery complete',
  events where kind = 'change.received' and data = 'table public.t: INSERT: i[integer]:2')
at end expect that query(s1, $$select conflicting from pg_replication_slots$$) = 'f'
`))

test('a standby of a standby decodes, before and after the one above it is promoted', () =>
  plays(`${cluster(18).replace('setup', 'standby s2 of s1 { wal_retrieve_retry_interval = 500ms }\nsetup')}
session below on s2 {
  step make2 $$ select pg_create_logical_replication_slot('cascaded', 'test_decoding') $$
}
at 3s play make2
at 4s run on primary $$ select pg_log_standby_snapshot() $$
at 5s receive cascaded from s2 for 9s with "include-xids=0"
at 6s run on primary $$ insert into t values (1) $$
at 7s stop primary with fast
at 8s promote s1 as promotion
at promotion.done + 1s run on s1 $$ insert into t values (2) $$
ends 15s
expect that ordered(
  events where kind = 'change.received' and data = 'table public.t: INSERT: i[integer]:1',
  s1.log where message = 'archive recovery complete',
  events where kind = 'change.received' and data = 'table public.t: INSERT: i[integer]:2')
`))

test('15 decodes on no standby', () =>
  plays(`drill "a story"
postgres 15
node primary { wal_level = logical; autovacuum = off }
standby s1 of primary
session maker on s1 { step make $$ select pg_create_logical_replication_slot('reader', 'test_decoding') $$ }
at 2s play make
ends 3s
expect that count(s1.log where message = 'logical decoding cannot be used while in recovery') = 1
`))

test('the snapshot is logged by primaries alone, and failover slots are made by them alone', () =>
  plays(`${cluster(17)}
session other on s1 {
  step log_snapshot $$ select pg_log_standby_snapshot() $$
  step failover $$ select pg_create_logical_replication_slot('over', 'test_decoding', false, false, true) $$
}
at 4s play log_snapshot, failover
ends 5s
expect that count(s1.log where message = 'recovery is in progress'
  and hint = 'pg_log_standby_snapshot() cannot be executed during recovery.') = 1
expect that count(s1.log where message = 'cannot enable failover for a replication slot created on the standby') = 1
`))
