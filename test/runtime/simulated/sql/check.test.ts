import { beforeAll, expect, test } from 'vitest'
import { checkSql } from '../../../../src/runtime/simulated/sql/check.ts'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'

beforeAll(loadParser)

/** Each problem as its message and the text from its place on. */
const check = (text: string) =>
  checkSql(text, 17).map(({ message, position }) => `${message}: ${text.slice(position, position + 12)}`)

test('what is played has no problems', () => {
  for (const text of [
    'create table account (id int primary key, balance int not null); insert into account select i, 100 from generate_series(1, 1000) i;',
    'begin; update account set balance = balance - 1 where id = $1; commit;',
    'create table entry (id bigint primary key, at timestamptz default now()); create sequence entry_id;',
    "insert into entry values (nextval('entry_id'));",
    'create table stock (item int primary key, quantity int) with (fillfactor = 90);',
    "insert into event (payload) select repeat('x', 800) from generate_series(1, 100);",
    'begin isolation level repeatable read; select count(*) from stock;',
    "select pg_create_restore_point('before_mistake');",
    'insert into payment (cents) values (100) on conflict do nothing',
    "set work_mem = $1; select date_trunc('hour', now()) - interval '1 day'",
    'vacuum (analyze) t; checkpoint; truncate t; lock table t in share mode',
    "create publication p for table t with (publish = 'insert'); alter publication p drop table t; drop publication p",
    "create subscription s connection 'host=p' publication p with (copy_data = off, binary = false); drop subscription s",
    'begin; declare c no scroll cursor for select 1; fetch forward all in c; move 2 in c; close c; close all; commit',
    '',
    '-- nothing',
  ]) {
    expect(checkSql(text, 17)).toEqual([])
  }
})

test('syntax errors stand where PostgreSQL puts them, whatever the characters before', () => {
  expect(check("select 'é🐘' frm, t t t")).toEqual(['syntax error at or near "t": t'])
  expect(check('selct 1')).toEqual(['syntax error at or near "selct": selct 1'])
  expect(check('select 1 +')).toEqual(['syntax error at end of input: '])
})

test('a catalog or view that is not played is known by its name, from the major on that has it', () => {
  expect(check('select * from pg_stat_slru, pg_catalog.pg_proc, mine.pg_proc')).toEqual([
    'pg_stat_slru is not played yet: pg_stat_slru',
    'pg_proc is not played yet: pg_catalog.p',
  ])
  expect(check('select * from information_schema.tables')).toEqual(['tables is not played yet: information_'])
  expect(checkSql('select * from pg_aios', 17)).toEqual([])
  expect(checkSql('select * from pg_aios', 18)).toHaveLength(1)
})

test('a cursor that does more than go forward is refused by name', () => {
  expect(
    check(
      'declare a scroll cursor with hold for select 1; declare b binary cursor for select v from t for update; fetch -1 from a; move first in a; fetch 0 from b; delete from t where current of b',
    ).map(each => each.replace(/ not played yet: .*/, '')),
  ).toEqual([
    'a SCROLL cursor is',
    'a cursor WITH HOLD is',
    'a BINARY cursor is',
    'a cursor that locks rows is',
    'a FETCH or MOVE that does not go forward is',
    'a FETCH or MOVE that does not go forward is',
    'a FETCH or MOVE that does not go forward is',
    'WHERE CURRENT OF is',
  ])
})

test('all that is not played yet is found at once', () => {
  expect(
    check(
      "select 'é', row_number() over () from a full join b on true; \n-- x\n create function f() returns int language sql as 'select 1';",
    ),
  ).toEqual([
    'a window function is not played yet: row_number()',
    'function row_number is not played yet: row_number()',
    'FULL JOIN is not played yet: b on true; \n',
    'CREATE FUNCTION is not played yet: create funct',
  ])
  expect(check('create table t (a int references x, b jsonb)')).toEqual([
    'a foreign key is not played yet: references x',
    'type jsonb is not played yet: jsonb)',
  ])
  expect(check("set work_mem = '1MB'; set timezone = 'Asia/Tokyo'; alter system set enable_sort = off")).toEqual([
    "timezone is not played yet: 'Asia/Tokyo'",
    'enable_sort is not played yet: alter system',
  ])
  expect(
    check("set timezone = 'utc'; set enable_sort = on; set nosuch = 1; set default_transaction_isolation = 'x'"),
  ).toEqual([])
  expect(check('explain select 1')).toEqual(['EXPLAIN is not played yet: explain sele'])
  expect(check('with recursive r as (select 1) select * from r')).toEqual([
    'WITH RECURSIVE is not played yet: with recursi',
  ])
})

test('what publications and subscriptions have and is not played yet', () => {
  expect(check('create publication p for table t (a), u where (a > 1)')).toEqual([
    'a column list of a publication is not played yet: create publi',
    'a row filter of a publication is not played yet: u where (a >',
  ])
  expect(check('create publication p for tables in schema public')).toEqual([
    'FOR TABLES IN SCHEMA is not played yet: public',
  ])
  expect(
    check("create subscription s connection 'x=y' publication p with (binary = on, two_phase, streaming = off)"),
  ).toEqual([
    'the option "binary" of a subscription is not played yet: create subsc',
    'the option "two_phase" of a subscription is not played yet: create subsc',
  ])
  expect(check('alter subscription s set (origin = none)')).toEqual([
    'the option "origin" of a subscription is not played yet: alter subscr',
  ])
})
