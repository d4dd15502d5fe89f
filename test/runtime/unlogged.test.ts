// Unlogged tables, their indexes and sequences, besides what scenarios/10-recovery/unlogged.drill shows of them.

import { describe, expect, test } from 'vitest'
import { failed, play } from '../playing.ts'

async function plays(text: string): Promise<void> {
  expect(failed(await play('unlogged.drill', `drill "unlogged"\npostgres 15\n${text}`))).toEqual([])
}

const filled = `setup on primary $$
  create unlogged table cache (id int primary key, v text);
  insert into cache select i, repeat('x', 500) from generate_series(1, 5000) i;
  create index on cache (v);
$$`

describe('a crash empties', () => {
  test('what was made before the last checkpoint, and after it', () =>
    plays(`node primary
${filled}
at 1s run on primary $$ checkpoint $$
at 2s run on primary $$
  create unlogged sequence ticket start 10 increment 5;
  select nextval('ticket'), nextval('ticket');
  create unlogged table queue (id int generated always as identity primary key, v int);
  insert into queue (v) select generate_series(1, 100);
  truncate queue;
  insert into queue (v) select generate_series(1, 50);
$$
at 3s stop primary with immediate
at 4s start primary as return
at return.done + 1s run on primary as again $$
  insert into cache values (1, 'one');
  insert into queue (v) values (1);
$$
at return.done + 2s cut power of primary as blackout
at blackout + 1s start primary as morning
ends morning.done + 1s
at return.done + 500ms expect that query(primary, $$select count(*) from cache$$) = 0
at return.done + 500ms expect that query(primary, $$select pg_relation_size('cache')$$) = 0
at return.done + 500ms expect that query(primary, $$select nextval('ticket')$$) = 10
at return.done + 1500ms expect that query(primary, $$select v from cache where id = 1$$) = 'one'
at return.done + 1500ms expect that query(primary, $$select id from queue$$) = 1
at end expect that query(primary, $$select count(*) from cache$$) = 0
at end expect that query(primary, $$select count(*) from queue$$) = 0`))

  test('nothing that was rolled back or dropped', () =>
    plays(`node primary
${filled}
at 1s run on primary $$ begin; create unlogged table never (id int primary key); rollback; drop table cache; $$
at 2s crash primary as crash
at crash + 1s start primary as return
ends return.done + 1s
at end expect that query(primary, $$select count(*) from pg_class where relpersistence = 'u'$$) = 0`))
})

describe('nothing waits for it', () => {
  test('a commit waits neither for the disk nor for a standby', () =>
    plays(`node primary
volume pg_wal of primary { fsync = 200ms }
setup on primary $$ create unlogged table cache (id int) $$
at 500ms reload primary { synchronous_standby_names = nobody }
client writer on primary every 10ms from 1s { transactions = 20 } $$ insert into cache values (1) $$
ends 3s
at end expect that count(writer.commits) = 20 and max(writer.commits, latency) < 20ms`))

  test('a checkpoint leaves its pages out, but for the one of a shutdown', () =>
    plays(`node primary
setup on primary $$ create unlogged table cache (id int, v text) $$
at 1s run on primary $$ insert into cache select i, repeat('x', 500) from generate_series(1, 5000) i $$
at 3s run on primary $$ checkpoint $$
at 4s restart primary as maintenance
ends maintenance.done + 1s
expect from 3s to 3900ms that count(primary.log where message ~ 'checkpoint complete: wrote [0-9] buffers') = 1
expect from 4s to maintenance.done that count(primary.log where message ~ 'checkpoint complete: wrote 3[0-9][0-9] buffers') = 1
at end expect that query(primary, $$select count(*) from cache$$) = 5000`))
})

describe('a standby', () => {
  test('reads and changes none of it, and fills no table from it', () =>
    plays(`node primary
standby s1 of primary
${filled}
session reader on s1 {
  step read $$ select count(*) from cache $$
  step change $$ update cache set v = '' $$
  step copy $$ insert into cache select id + 1, v from cache $$
  step put $$ insert into cache values (1, '') $$
  step next $$ select nextval('ticket') $$
}
at 1s run on primary $$ create unlogged sequence ticket $$
at 2s play read, change, copy, put, next
ends 3s
at end expect that read.sqlstate = '0A000' and change.sqlstate = '0A000' and copy.sqlstate = '0A000'
at end expect that put.sqlstate = '25006' and next.sqlstate = '25006'
at end expect that query(s1, $$select pg_relation_size('cache')$$) = 0`))

  // Redo of a sequence's init fork leaves it in memory, and what becomes of it after the promotion is copied from the
  // file: so do 15.18, 16.14, 17.10 and 18.4.
  test('that is promoted has broken sequences, if they were made while it streamed', () =>
    plays(`node primary
standby s1 of primary
at 1s run on primary $$ create unlogged table cache (id serial primary key, v int); insert into cache (v) values (7) $$
at 3s promote s1 as promotion
session heir on s1 {
  step given $$ insert into cache values (5, 5) $$
  step numbered $$ insert into cache (v) values (1) $$
}
at promotion + 1s play given, numbered
ends promotion + 2s
at end expect that given.sqlstate = '00000' and numbered.sqlstate = 'XX000'
at end expect that count(s1.log where message = 'bad magic number in sequence "cache_id_seq": 00000000') = 1
at end expect that query(s1, $$select v from cache where id = 5$$) = 5`))
})
