// Stories of PostgreSQL's own recovery tests about tablespaces, and about file numbers that are used again.

import { describe, expect, test } from 'vitest'
import { failed, play } from '../playing.ts'

async function plays(text: string): Promise<void> {
  expect(failed(await play('story.drill', `drill "a story"\npostgres 15\n${text}`))).toEqual([])
}

const tablespaces = (...names: readonly string[]) =>
  names.map(name => `setup on primary $$ create tablespace ${name} location '' $$\n`).join('')

describe('032_relfilenode_reuse: a database of the same number, with files of the same numbers', () => {
  const verify = (at: string, value: number) =>
    ['primary', 's1']
      .map(
        node => `at ${at} expect that
  query(${node}, $$select min(b) * 10000 + count(*) from large$$, 'conflict_db') = ${value * 10000 + 400}\n`,
      )
      .join('')

  test('what was in its place is never seen again, on the primary and on a standby', () =>
    plays(`
node primary { allow_in_place_tablespaces = on; full_page_writes = off; shared_buffers = 1MB }
standby s1 of primary
setup on primary $$ create table replace_sb (a int); insert into replace_sb select generate_series(1, 40000); $$
setup on primary $$ create database conflict_template oid 50000 $$
setup on primary { dbname = conflict_template } $$
  create table large (id serial primary key, b int); insert into large (b) select 1 from generate_series(1, 400);
$$
setup on primary $$ create database conflict_db template conflict_template oid 50001 $$
session holder on primary {
  step evict $$ begin; select sum(a) from replace_sb $$
  step again $$ select sum(a) from replace_sb $$
}
at 1s     run on primary { dbname = conflict_db } $$ update large set b = 2 $$
at 1200ms play evict
at 1500ms run on primary $$ drop database conflict_db; create database conflict_db template conflict_template oid 50001 $$
${verify('2800ms', 1)}
at 3s     run on primary { dbname = conflict_db } $$ update large set b = 2 $$
at 3200ms play again
${verify('3800ms', 2)}
at 4s     run on primary $$ create tablespace test_tablespace location ''; alter database conflict_db set tablespace test_tablespace $$
at 4500ms run on primary { dbname = conflict_db } $$ update large set b = 3 $$
at 4800ms run on primary $$ alter database conflict_db set tablespace pg_default $$
${verify('5800ms', 3)}
at 6s     run on primary { dbname = conflict_db } $$ update large set b = 4 $$
at 6200ms run on primary $$ alter database conflict_db set tablespace test_tablespace $$
${verify('6800ms', 4)}
at 7s     run on primary $$ drop database conflict_db; drop tablespace test_tablespace $$
at 7800ms expect that query(s1, $$select count(*) from pg_tablespace$$) = 2
ends 8s`))
})

describe('033_replay_tsp_drops: replay works in folders that were dropped since', () => {
  for (const strategy of ['file_copy', 'wal_log']) {
    test(`of databases that were made with ${strategy}`, () =>
      plays(`
node primary { allow_in_place_tablespaces = on; autovacuum = off }
standby s1 of primary { wal_retrieve_retry_interval = 500ms; log_min_messages = debug1 }
${tablespaces('dropme_ts1', 'dropme_ts2', 'source_ts', 'target_ts')}
setup on primary $$ create database template_db is_template = true $$
at 1s run on primary $$
  create database dropme_db1 tablespace dropme_ts1 strategy = ${strategy};
  create table t (a int) tablespace dropme_ts2;
  create database dropme_db2 tablespace dropme_ts2 strategy = ${strategy};
  create database moveme_db tablespace source_ts strategy = ${strategy};
  alter database moveme_db set tablespace target_ts;
  create database newdb template template_db strategy = ${strategy};
  alter database template_db is_template = false;
  drop database dropme_db1; drop table t; drop database dropme_db2; drop tablespace dropme_ts2;
  drop tablespace source_ts; drop database template_db;
$$
at 4s stop s1 with immediate as loss
at 5s start s1 as again
expect "folders were made for want of them" from again to end
  that count(s1.log where level = 'DEBUG1' and message ~ '^creating missing directory: pg_tblspc/') > 0
expect "and have gone when the data makes sense" from again to end
  that count(s1.log where message ~ '^unexpected directory entry') = 2
at 8s expect that query(s1, $$select count(*) from pg_tablespace$$) = 4
at 8s expect that query(s1, $$select count(*) from pg_database where datname in ('moveme_db', 'newdb')$$) = 2
at 8s expect that query(s1, $$select pg_relation_filepath('pg_class') like 'pg_tblspc/%'$$, 'moveme_db')
ends 9s`))
  }

  test('a standby that may not have tablespaces in place ends where the data makes sense', () =>
    plays(`
node primary { allow_in_place_tablespaces = on }
standby s1 of primary { allow_in_place_tablespaces = off }
${tablespaces('here')}
ends 3s
at 2s expect that count(s1.log where level = 'PANIC' and message ~ '^unexpected directory entry "[0-9]+" found in') = 1
at 2s expect that not s1.up`))
})

describe('a relation in a tablespace', () => {
  test('is emptied by a crash if it is unlogged, and whole if it is not', () =>
    plays(`
node primary { allow_in_place_tablespaces = on }
standby s1 of primary
${tablespaces('here')}
setup on primary $$
  create unlogged table u (a int primary key) tablespace here; insert into u select generate_series(1, 500);
  create table t (a int primary key) tablespace here; insert into t select generate_series(1, 500);
$$
at 1s run on primary $$
  truncate t; insert into t select generate_series(1, 300); alter table t set tablespace pg_default;
  alter table t set tablespace here; insert into t values (1000);
  alter table u set tablespace pg_default; alter table u set tablespace here;
$$
at 2s kill checkpointer of primary with KILL as crash
at 4s expect that query(primary, $$select count(*) from u$$) = 0 and query(primary, $$select count(*) from t$$) = 301
at 4s expect that query(primary, $$select pg_relation_filepath('t') like 'pg_tblspc/%'$$)
at 5s promote s1
at 7s expect that query(s1, $$select count(*) from u$$) = 0 and query(s1, $$select count(*) from t$$) = 301
ends 8s`))

  test('has its errors', () =>
    plays(`
node primary { allow_in_place_tablespaces = on }
${tablespaces('here')}
session s on primary {
  step reserved $$ create tablespace pg_fast location '' $$
  step relative $$ create tablespace fast location 'rel' $$
  step missing $$ create tablespace fast location '/nowhere' $$
  step twice $$ create tablespace here location '' $$
  step nowhere $$ set default_tablespace = nowhere $$
  step unknown $$ create table u (a int) tablespace nowhere $$
  step shared $$ create table u (a int) tablespace pg_global $$
  step pinned $$ drop tablespace pg_default $$
}
at 1s play reserved, relative, missing, twice, nowhere, unknown, shared, pinned
ends 3s
at end expect that reserved.sqlstate = '42939' and relative.sqlstate = '42P17' and missing.sqlstate = '58P01'
at end expect that twice.sqlstate = '42710' and nowhere.sqlstate = '22023' and unknown.sqlstate = '42704'
at end expect that shared.sqlstate = '22023' and pinned.sqlstate = '42501'`))
})

test('an unlogged table that moves is one there too: the WAL tells nothing of its rows, and a crash empties it', () =>
  plays(`
node primary { allow_in_place_tablespaces = on; full_page_writes = off }
standby s1 of primary
${tablespaces('attic')}
setup on primary $$ create unlogged table draft (a int primary key); insert into draft select generate_series(1, 500) $$
at 1s run on primary $$ alter table draft set tablespace attic $$
at 2s run on primary $$ update draft set a = a + 1000 $$
at 3s expect that query(primary, $$select min(a) from draft$$) = 1001
at 3s expect that count(s1.log where level = 'PANIC') = 0
at 4s stop primary with immediate
at 5s start primary
ends 7s
at end expect that query(primary, $$select count(*) from draft$$) = 0
at end expect that query(primary, $$select pg_relation_filepath('draft') like 'pg_tblspc/%'$$) = 't'`))
