// wal_level minimal: what a transaction does to relations that it has made is not in the WAL, and there after a crash all
// the same. The story of PostgreSQL's 018_wal_optimize.pl, under both levels.

import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { TestServer } from './server.ts'

beforeAll(loadParser)

/** Loses the page cache as well. */
function cutPower({ server, run }: { server: TestServer['server']; run: () => void }): void {
  const { environment } = server
  for (const process of server.processesAlive()) environment.host.kill(process.pid, 'KILL')
  run()
  for (const volume of new Set([environment.data, environment.pgWal])) volume.losePageCache('power')
  server.start()
  run()
}

class Story {
  readonly test: TestServer

  constructor(level: string, version: 15 | 18, settings: Record<string, string> = {}) {
    this.test = new TestServer(version, {
      wal_level: level,
      max_wal_senders: '0',
      max_prepared_transactions: '1',
      wal_log_hints: 'on',
      wal_skip_threshold: '0',
      ...settings,
    })
  }

  play(sql: string): void {
    const errors = this.test
      .connect()
      .query(sql)
      .filter(message => message.kind === 'error')
    if (errors.length > 0) throw new Error(JSON.stringify(errors))
  }

  crash(): void {
    cutPower({ server: this.test.server, run: () => this.test.run(5) })
  }

  after(sql: string, question: string): (string | null)[][] {
    this.play(sql)
    this.crash()
    return this.test.connect().rows(question)
  }
}

const levels = ['minimal', 'replica'].flatMap(level => ([15, 18] as const).map(version => ({ level, version })))

describe.each(levels)('a crash right after the commit, wal_level $level, $version', ({ level, version }) => {
  const story = () => new Story(level, version)

  test('TRUNCATE of an empty table', () => {
    const sql = 'begin; create table trunc (id serial primary key); truncate trunc; commit'
    expect(story().after(sql, 'select count(*) from trunc')).toEqual([['0']])
  })

  test('TRUNCATE with rows before and behind it', () => {
    const insert = 'insert into trunc_ins values (default)'
    const sql = `begin; create table trunc_ins (id serial primary key); ${insert}; truncate trunc_ins; ${insert}; commit`
    expect(story().after(sql, 'select count(*), min(id) from trunc_ins')).toEqual([['1', '2']])
  })

  test('the same, prepared', () => {
    const insert = 'insert into twophase values (default)'
    const sql = `begin; create table twophase (id serial primary key); ${insert}; truncate twophase; ${insert};
      prepare transaction 't'`
    const it = story()
    it.play(sql)
    expect(it.after("commit prepared 't'", 'select count(*), min(id) from twophase')).toEqual([['1', '2']])
  })

  test('pages in the WAL in place of a flush', () => {
    const sql = `set wal_skip_threshold = '1GB'; begin; create table noskip (id serial primary key, v int);
      insert into noskip (v) select a from generate_series(1, 20000) a; commit`
    const it = story()
    expect(it.after(sql, 'select count(*), sum(v) from noskip')).toEqual([['20000', '200010000']])
    expect(it.test.connect().rows('select v from noskip where id = 777')).toEqual([['777']])
  })

  test('a TRUNCATE that a savepoint takes back', () => {
    const sql = `begin; create table spc (id serial primary key, v int); insert into spc (v) values (1), (2);
      savepoint s; truncate spc; insert into spc (v) values (3); rollback to s; insert into spc (v) values (4); commit`
    expect(story().after(sql, 'select v from spc order by v')).toEqual([['1'], ['2'], ['4']])
  })

  test('a TRUNCATE in a savepoint that is released', () => {
    const sql = `begin; create table spc (id serial primary key, v int); insert into spc (v) values (1), (2);
      savepoint s; truncate spc; insert into spc (v) values (3); release s; truncate spc;
      insert into spc (v) values (4); commit`
    expect(story().after(sql, 'select v from spc order by v')).toEqual([['4']])
  })

  test('a table that was there is emptied, and filled in a savepoint', () => {
    const it = story()
    it.play('create table old (v int); create index on old (v); insert into old select generate_series(1, 500)')
    const sql = `begin; truncate old; savepoint a; insert into old values (1); rollback to a; savepoint b;
      insert into old values (2); release b; commit; insert into old values (3)`
    expect(it.after(sql, 'select v from old where v > 0 order by v')).toEqual([['2'], ['3']])
  })

  test('SET TABLESPACE, with hint bits, taken back by a savepoint and not', () => {
    const it = story()
    it.play('create table moved (id int); insert into moved values (1)')
    it.play('create table hint (id int); insert into hint values (1)')
    const place = it.test.connect()
    place.query('set allow_in_place_tablespaces = on')
    place.query("create tablespace other location ''")
    it.play(`begin; alter table moved set tablespace other; create table originated (id int);
      insert into originated values (1); create unique index on originated (id) tablespace other; commit`)
    it.play(`begin; create table abort (id int); insert into abort values (1); truncate abort; savepoint s;
      alter table abort set tablespace other; rollback to s; insert into abort values (2); commit`)
    it.play(`begin; create table release (id int); insert into release values (1); truncate release; savepoint s;
      alter table release set tablespace other; release s; insert into release values (2); commit`)
    const sql = `begin; alter table hint set tablespace other; checkpoint; select * from hint;
      insert into hint values (2); commit`
    expect(it.after(sql, 'select count(*) from hint')).toEqual([['2']])
    const after = it.test.connect()
    expect(after.rows('select id from moved')).toEqual([['1']])
    expect(after.rows('select id from abort')).toEqual([['2']])
    expect(after.rows('select id from release')).toEqual([['2']])
    const upsert =
      'insert into originated values (1) on conflict (id) do update set id = originated.id + 1 returning id'
    expect(after.rows(upsert)).toEqual([['2']])
  })

  test('the hint bit of an index entry, and what it hides', () => {
    const it = story()
    const sql = `begin; create table idx_hint (c int primary key); savepoint q; insert into idx_hint values (1);
      rollback to q; checkpoint; insert into idx_hint values (1); insert into idx_hint values (2); commit`
    expect(it.after(sql, 'select c from idx_hint order by c')).toEqual([['1'], ['2']])
    expect(it.test.connect().query('insert into idx_hint values (2)')).toMatchObject([{ sqlstate: '23505' }])
  })

  test('an UPDATE that touches two pages for one row, and a DELETE', () => {
    const sql = `begin; create table upd (id serial primary key, id2 int);
      insert into upd (id2) select generate_series(1, 10000); update upd set id2 = id2 + 1; delete from upd; commit`
    expect(story().after(sql, 'select count(*) from upd')).toEqual([['0']])
  })

  test('what comes later is in the WAL', () => {
    const sql = `begin; create table later (id serial primary key, v int); insert into later (v) values (1); commit;
      insert into later (v) values (2); update later set v = 10 where v = 1; create index on later (v)`
    expect(story().after(sql, 'select id, v from later where v > 0 order by v')).toEqual([
      ['2', '2'],
      ['1', '10'],
    ])
  })

  test('no file is left of what was rolled back, dropped or replaced', () => {
    const it = story()
    it.play('create table keeps (id serial primary key); insert into keeps default values')
    it.play('begin; create table no (id serial primary key); insert into no default values; rollback')
    it.play('begin; create table no (id serial primary key); drop table no; commit')
    it.play(
      'begin; create table yes (v int); savepoint s; create index on yes (v); truncate yes; rollback to s; commit',
    )
    it.play('create table gone (id serial primary key); drop table gone; truncate keeps')
    it.crash()
    const named = it.test
      .connect()
      .rows(`select pg_relation_filepath(oid) from pg_class where relkind in ('r', 'i', 'S') and oid >= 16384`)
    const { data } = it.test.server.environment
    const there = data.list('base/5/').filter(path => /\/\d{5,}$/.test(path) && Number(path.slice(7)) >= 16384)
    expect(there.sort()).toEqual(named.map(([path]) => path).sort())
  })
})

test('minimal logs little of what a new table gets, and everything of an old one', () => {
  const bytes = (level: string, threshold: string, sql: string) => {
    const it = new Story(level, 15, { wal_skip_threshold: threshold })
    it.play('create table old (v int)')
    const { wal } = it.test.server.shared
    const before = wal.insertLsn
    it.play(sql)
    return wal.insertLsn - before
  }
  const fresh = 'begin; create table t (v int); insert into t select generate_series(1, 10000); commit'
  const old = 'insert into old select generate_series(1, 10000)'
  expect(bytes('replica', '0', fresh)).toBeGreaterThan(590_000)
  expect(bytes('minimal', '0', fresh)).toBeLessThan(12_000)
  // 45 pages of the table and 2 of its free space map, whole.
  expect(bytes('minimal', '2MB', fresh)).toBeGreaterThan(47 * 8192)
  expect(bytes('minimal', '2MB', fresh)).toBeLessThan(47 * 8192 + 12_000)
  expect(bytes('minimal', '0', old)).toBeGreaterThan(590_000)
})
