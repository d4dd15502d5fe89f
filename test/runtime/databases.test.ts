// Several databases in one cluster, where no lesson tells of it.

import { expect, test } from 'vitest'
import { failed, play } from '../playing.ts'

async function plays(text: string): Promise<void> {
  expect(failed(await play('databases.drill', `drill "databases"\npostgres 15\n${text}`))).toEqual([])
}

test('each has tables, counts and turns of autovacuum of its own', () =>
  plays(`node primary { autovacuum_naptime = 1s }
setup on primary $$ create database shop; create table item (id int) $$
setup on primary { dbname = shop } $$ create table item (id int) $$
at 1s run on primary { dbname = shop } $$ insert into item select i from generate_series(1, 2000) i $$
ends 6s
at 3s expect that query(primary, $$select count(*) from item$$) = 0
at 3s expect that query(primary, $$select count(*) from item$$, 'shop') = 2000
at end expect that query(primary, $$select tup_inserted from pg_stat_database where datname = 'shop'$$) >= 2000
at end expect that query(primary, $$select autovacuum_count > 0 from pg_stat_user_tables$$, 'shop')
at end expect that query(primary, $$select autovacuum_count from pg_stat_user_tables$$) = 0`))

test('a slot decodes the database that it was made in, and is read there alone', () =>
  plays(`node primary { wal_level = logical; autovacuum = off }
setup on primary $$ create database shop; create table item (id int) $$
setup on primary { dbname = shop } $$ create table item (id int) $$
session keeper on primary {
  dbname = shop
  step creates $$ select pg_create_logical_replication_slot('reader', 'test_decoding') $$
  step writes $$ insert into item values (1) $$
  step reads $$ select string_agg(data, ' ') from pg_logical_slot_get_changes('reader', null, null) where data ~ 'INSERT' $$
}
session stranger on primary {
  step elsewhere $$ insert into item values (2) $$
  step peeks $$ select count(*) from pg_logical_slot_peek_changes('reader', null, null) $$
}
at 1s play creates, elsewhere, writes, peeks, reads
ends 3s
at end expect that peeks.sqlstate = '55000'
at end expect that reads.value = 'table public.item: INSERT: id[integer]:1'`))

test('who may come in, and what a name may reach', () =>
  plays(`node primary { autovacuum = off }
session admin on primary {
  step makes $$ create database shop allow_connections = false $$
  step again $$ create database shop $$
  step in_block $$ begin; create database other $$
  step ends_block $$ rollback $$
  step renames $$ alter database shop rename to store $$
  step opens $$ alter database store allow_connections true $$
  step own $$ drop database postgres $$
  step template $$ drop database template0 $$
  step nothing $$ drop database if exists nothing $$
  step crosses $$ select * from store.public.item $$
  step stays $$ select count(*) > 0 from postgres.pg_catalog.pg_class $$
  step strategy $$ create database other strategy slow $$
  step reserved $$ create database other oid = 16000 $$
  step taken $$ create database other oid = 16384 $$
}
at 1s play makes, again, in_block, ends_block
at 2s run on primary { dbname = shop; optional = on } $$ select 1 $$
at 3s play renames, opens, own, template, nothing, crosses, stays, strategy, reserved, taken
at 4s run on primary { dbname = shop; optional = on } $$ select 1 $$
at 5s run on primary { dbname = store } $$ create table item (id int) $$
ends 6s
at end expect that count(log where message = 'database "shop" is not currently accepting connections') = 1
at end expect that count(log where message = 'database "shop" does not exist' and level = 'FATAL') = 1
at end expect that again.sqlstate = '42P04' and in_block.sqlstate = '25001'
at end expect that own.sqlstate = '55006' and template.sqlstate = '42809' and nothing.sqlstate = '00000'
at end expect that crosses.sqlstate = '0A000' and stays.value
at end expect that strategy.sqlstate = '22023' and reserved.sqlstate = '22023' and taken.sqlstate = '22023'`))

test('under wal_level minimal the copy is flushed at the commit, and not logged', () =>
  plays(`node primary { wal_level = minimal; max_wal_senders = 0; autovacuum = off }
setup on primary $$ create table mark (lsn pg_lsn) $$
at 1s run on primary $$ insert into mark values (pg_current_wal_insert_lsn()) $$
at 2s run on primary $$ create database shop $$
at 3s run on primary { dbname = shop } $$ create table item (id int); insert into item values (1) $$
at 4s cut power of primary as loss
at 5s heal power of primary
at 6s start primary
ends 9s
at 2500ms expect that query(primary, $$select pg_current_wal_insert_lsn() - lsn < 1000000 from mark$$)
at end expect that query(primary, $$select count(*) from item$$, 'shop') = 1`))
