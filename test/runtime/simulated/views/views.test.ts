// System views: their columns and rows are those of real servers 15 to 18, apart from columns that are left out.

import { beforeAll, describe, expect, test } from 'vitest'
import { isKnownRelation } from '../../../../src/runtime/simulated/sql/known-relations.ts'
import { loadParser } from '../../../../src/runtime/simulated/sql/parser.ts'
import { systemViews } from '../../../../src/runtime/simulated/views/views.ts'
import { TestServer, type TestSession } from '../sql/server.ts'

beforeAll(loadParser)

function columnsOf(session: TestSession, view: string): string[] | string {
  const messages = session.query(`select * from ${view}`)
  const error = messages.find(message => message.kind === 'error')
  if (error?.kind === 'error') return error.message
  const rows = messages.find(message => message.kind === 'rows')
  return rows?.kind === 'rows' ? rows.columns.map(column => column.name) : []
}

const many = `create table page (id int primary key, words text);
  insert into page select i, repeat('x', 1000) from generate_series(1, 2000) i; checkpoint`

describe('columns by major', () => {
  const until16 =
    'checkpoints_timed checkpoints_req checkpoint_write_time checkpoint_sync_time buffers_checkpoint buffers_clean maxwritten_clean buffers_backend buffers_backend_fsync buffers_alloc'
  const wal15 = 'wal_records wal_fpi wal_bytes wal_buffers_full wal_write wal_sync wal_write_time wal_sync_time'
  const io16 =
    'backend_type object context reads read_time writes write_time extends extend_time op_bytes hits evictions reuses fsyncs fsync_time'

  test.each([
    [15, 'pg_stat_bgwriter', until16],
    [17, 'pg_stat_bgwriter', 'buffers_clean maxwritten_clean buffers_alloc'],
    [
      17,
      'pg_stat_checkpointer',
      'num_timed num_requested restartpoints_timed restartpoints_req restartpoints_done write_time sync_time buffers_written',
    ],
    [
      18,
      'pg_stat_checkpointer',
      'num_timed num_requested num_done restartpoints_timed restartpoints_req restartpoints_done write_time sync_time buffers_written slru_written',
    ],
    [17, 'pg_stat_wal', wal15],
    [18, 'pg_stat_wal', 'wal_records wal_fpi wal_bytes wal_buffers_full'],
    [16, 'pg_stat_io', io16],
    [
      18,
      'pg_stat_io',
      'backend_type object context reads read_bytes read_time writes write_bytes write_time extends extend_bytes extend_time hits evictions reuses fsyncs fsync_time',
    ],
    [15, 'pg_ls_waldir()', 'name size'],
  ] as const)('%i: %s', (version, view, columns) => {
    expect(columnsOf(new TestServer(version).connect(), view)).toEqual(columns.split(' '))
  })

  test('a view of a later major does not exist', () => {
    const session = new TestServer(15).connect()
    expect(columnsOf(session, 'pg_stat_checkpointer')).toBe('relation "pg_stat_checkpointer" does not exist')
    expect(columnsOf(session, 'pg_stat_io')).toBe('relation "pg_stat_io" does not exist')
  })
})

describe('pg_stat_io', () => {
  test('has the rows of a real 16, and null where it has null', () => {
    const rows = new TestServer(16)
      .connect()
      .rows(
        'select backend_type, object, context, reads, writes, extends, hits, evictions, reuses, fsyncs from pg_stat_io',
      )
    const shown = rows.map(([backend, object, context, ...counts]) => {
      const can = counts.map((count, index) => (count === null ? '-' : 'rwehvuf'[index])).join('')
      return `${backend} ${object} ${context} ${can}`
    })
    expect(shown.sort()).toEqual([
      'autovacuum launcher relation bulkread rw-hvu-',
      'autovacuum launcher relation normal rw-hv-f',
      'autovacuum worker relation bulkread rw-hvu-',
      'autovacuum worker relation normal rwehv-f',
      'autovacuum worker relation vacuum rwehvu-',
      'background worker relation bulkread rw-hvu-',
      'background worker relation bulkwrite rwehvu-',
      'background worker relation normal rwehv-f',
      'background worker relation vacuum rwehvu-',
      'background worker temp relation normal rwehv--',
      'background writer relation normal -w----f',
      'checkpointer relation normal -w----f',
      'client backend relation bulkread rw-hvu-',
      'client backend relation bulkwrite rwehvu-',
      'client backend relation normal rwehv-f',
      'client backend relation vacuum rwehvu-',
      'client backend temp relation normal rwehv--',
      'standalone backend relation bulkread rw-hvu-',
      'standalone backend relation bulkwrite rwehvu-',
      'standalone backend relation normal rwehv-f',
      'standalone backend relation vacuum rwehvu-',
      'startup relation bulkread rw-hvu-',
      'startup relation bulkwrite rwehvu-',
      'startup relation normal rwehv-f',
      'startup relation vacuum rwehvu-',
      'walsender relation bulkread rw-hvu-',
      'walsender relation bulkwrite rwehvu-',
      'walsender relation normal rwehv-f',
      'walsender relation vacuum rwehvu-',
      'walsender temp relation normal rwehv--',
    ])
  })

  test('agrees with the figures of the checkpointer', () => {
    const session = new TestServer(16).connect()
    session.query(many)
    const [[writes, fsyncs]] = session.rows(
      "select writes, fsyncs from pg_stat_io where backend_type = 'checkpointer' and context = 'normal'",
    )
    const [[written, requested]] = session.rows('select buffers_checkpoint, checkpoints_req from pg_stat_bgwriter')
    expect(Number(writes)).toBeGreaterThan(200)
    expect([writes, requested]).toEqual([written, '1'])
    expect(Number(fsyncs)).toBeGreaterThan(1)
  })
})

describe('pg_stat_wal and pg_ls_waldir()', () => {
  test('count the WAL that is written, and the files that hold it', () => {
    const session = new TestServer(17).connect()
    const bytes = () => Number(session.rows('select wal_bytes from pg_stat_wal')[0][0])
    const before = bytes()
    session.query(many)
    expect(bytes() - before).toBeGreaterThan(2_000_000)
    const files = session.rows('select name, size from pg_ls_waldir() order by name')
    expect(files[0]).toEqual(['000000010000000000000001', '16777216'])
    expect(session.rows('select count(*) from pg_ls_waldir() w where w.size = 16777216')).toEqual([
      [String(files.length)],
    ])
  })
})

describe('pg_control', () => {
  test('says what a real 15 says of a cluster that initdb has made', () => {
    const session = new TestServer(15).connect()
    expect(
      session.rows(
        'select redo_wal_file, timeline_id, prev_timeline_id, full_page_writes, oldest_active_xid, oldest_xid_dbid, oldest_multi_xid from pg_control_checkpoint()',
      ),
    ).toEqual([['000000010000000000000001', '1', '1', 't', '0', '1', '1']])
    expect(session.rows('select * from pg_control_recovery()')).toEqual([['0/0', '0', '0/0', '0/0', 'f']])
    expect(session.rows('select pg_control_version, catalog_version_no from pg_control_system()')).toEqual([
      ['1300', '202209061'],
    ])
    expect(session.rows('select * from pg_control_init()')).toEqual([
      ['8', '8192', '131072', '8192', '16777216', '64', '32', '1996', '2048', 't', '0'],
    ])
  })

  test('goes on with checkpoints, and 18 has checksums', () => {
    const session = new TestServer(18).connect()
    const [[before]] = session.rows('select checkpoint_lsn from pg_control_checkpoint()')
    session.query('create table t (id int); checkpoint')
    expect(
      session.rows(
        `select checkpoint_lsn > '${before}', redo_lsn <= checkpoint_lsn, next_xid = '0:' || txid_current() from pg_control_checkpoint()`,
      ),
    ).toEqual([['t', 't', 't']])
    expect(session.rows('select data_page_checksum_version, default_char_signedness from pg_control_init()')).toEqual([
      ['1', 't'],
    ])
  })
})

describe('pg_buffercache', () => {
  const errorOf = (session: TestSession, sql: string) => session.query(sql).find(({ kind }) => kind === 'error')

  test('comes and goes with its extension, as on a real 15', () => {
    const session = new TestServer(15).connect()
    expect(columnsOf(session, 'pg_buffercache')).toBe('relation "pg_buffercache" does not exist')
    session.query('create table a (i int); create extension pg_buffercache; create table b (i int)')
    expect(
      session.rows('select oid, relname, relkind, relfilenode from pg_class where oid >= 16384 order by 1'),
    ).toEqual([
      ['16384', 'a', 'r', '16384'],
      ['16389', 'pg_buffercache', 'v', '0'],
      ['16393', 'b', 'r', '16393'],
    ])
    expect(session.rows('select oid, extname, extnamespace, extrelocatable, extversion from pg_extension')).toEqual([
      ['13559', 'plpgsql', '11', 'f', '1.0'],
      ['16387', 'pg_buffercache', '2200', 't', '1.3'],
    ])
    expect(errorOf(session, 'create extension pg_buffercache')).toMatchObject({
      sqlstate: '42710',
      message: 'extension "pg_buffercache" already exists',
    })
    expect(errorOf(session, 'create extension plpgsql')).toMatchObject({ sqlstate: '42710' })
    expect(errorOf(session, 'create table pg_buffercache (i int)')).toMatchObject({ sqlstate: '42P07' })
    expect(errorOf(session, 'drop table pg_buffercache')).toMatchObject({
      message: '"pg_buffercache" is not a table',
      hint: 'Use DROP VIEW to remove a view.',
    })
    expect(errorOf(session, 'insert into pg_buffercache values (1)')).toMatchObject({
      sqlstate: '55000',
      message: 'cannot insert into view "pg_buffercache"',
    })
    expect(errorOf(session, 'truncate pg_buffercache')).toMatchObject({ sqlstate: '42809' })
    session.query('drop extension pg_buffercache')
    expect(errorOf(session, 'drop extension pg_buffercache')).toMatchObject({
      sqlstate: '42704',
      message: 'extension "pg_buffercache" does not exist',
    })
    expect(columnsOf(session, 'pg_buffercache')).toBe('relation "pg_buffercache" does not exist')
  })

  test('shows which pages are in memory, and what a checkpoint leaves of them', () => {
    const session = new TestServer(17, { shared_buffers: '1MB' }).connect()
    session.query(`create extension pg_buffercache; ${many.replace('; checkpoint', '')}`)
    const shown = () =>
      session.rows(
        "select count(*), count(*) filter (where isdirty), max(usagecount), max(pinning_backends) from pg_buffercache where relforknumber = 0 and relfilenode = (select relfilenode from pg_class where relname = 'page')",
      )[0]
    const [pages, dirty] = shown()
    expect(Number(pages)).toBeGreaterThan(20)
    expect(Number(dirty)).toBeGreaterThan(20)
    session.query('checkpoint')
    expect(shown()).toEqual([pages, '0', expect.anything(), '0'])
    expect(session.rows('select count(*), min(bufferid), max(bufferid) from pg_buffercache')).toEqual([
      ['128', '1', '128'],
    ])
    const [[used, unused, , pinned]] = session.rows('select * from pg_buffercache_summary()')
    expect([Number(used) + Number(unused), pinned]).toEqual([128, '0'])
    const counts = session.rows('select usage_count, buffers from pg_buffercache_usage_counts()')
    expect(counts.map(([usage]) => usage)).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(counts.reduce((sum, [, buffers]) => sum + Number(buffers), 0)).toBe(128)
  })

  test('its functions are of 16 and later', () => {
    const session = new TestServer(15).connect()
    session.query('create extension pg_buffercache')
    expect(errorOf(session, 'select * from pg_buffercache_summary()')).toMatchObject({ sqlstate: '42883' })
  })
})

describe('what is not a view here', () => {
  test('is refused if PostgreSQL has it, and no view is named as such', () => {
    const session = new TestServer(15).connect()
    expect(columnsOf(session, 'pg_stat_slru')).toBe('pg_stat_slru is not played yet')
    const played = [...systemViews.keys()].filter(name => isKnownRelation(name, undefined, 18))
    expect(played).toEqual([])
    const tables = session.rows("select relname from pg_class where relkind = 'r'").flat()
    expect(tables.filter(name => isKnownRelation(name!, undefined, 18))).toEqual([])
  })
})

describe('pg_locks', () => {
  test('has what a real 15 has of an update in a transaction, fast path and virtual id included', () => {
    const session = new TestServer(15).connect()
    session.query('create table account (id int primary key, balance int); insert into account values (1, 1)')
    session.query('begin; update account set balance = 2 where id = 1')
    const rows = session.rows(
      "select locktype, mode, fastpath from pg_locks where locktype <> 'relation' or relation >= 16384 order by locktype, mode",
    )
    expect(rows).toEqual([
      ['relation', 'RowExclusiveLock', 't'],
      ['relation', 'RowExclusiveLock', 't'],
      ['transactionid', 'ExclusiveLock', 'f'],
      ['virtualxid', 'ExclusiveLock', 't'],
    ])
  })
})

describe('pg_stat_activity', () => {
  test.each([
    [15, 'AutoVacuumMain', 'BgWriterMain'],
    [17, 'AutovacuumMain', 'BgwriterMain'],
  ] as const)('names waits as %i does', (version, launcher, writer) => {
    const rows = new TestServer(version)
      .connect()
      .rows('select backend_type, wait_event_type, wait_event, usename from pg_stat_activity order by backend_type')
    expect(rows.filter(([type]) => type !== 'client backend')).toEqual([
      ['autovacuum launcher', 'Activity', launcher, null],
      [
        'background writer',
        'Activity',
        expect.stringMatching(new RegExp(`^(${writer}|${writer.replace('Main', 'Hibernate')})$`)),
        null,
      ],
      ['checkpointer', 'Activity', 'CheckpointerMain', null],
      ['logical replication launcher', 'Activity', 'LogicalLauncherMain', 'postgres'],
      ['walwriter', 'Activity', 'WalWriterMain', null],
    ])
  })
})

describe('pg_terminate_backend and pg_cancel_backend', () => {
  test('auxiliary processes are no backends', () => {
    const session = new TestServer(15).connect()
    const [[pid]] = session.rows("select pid from pg_stat_activity where backend_type = 'checkpointer'")
    expect(session.query(`select pg_terminate_backend(${pid})`)).toMatchObject([
      { kind: 'notice', level: 'WARNING', message: `PID ${pid} is not a PostgreSQL backend process` },
      { kind: 'rows', rows: [['f']] },
      { kind: 'command complete' },
    ])
  })

  test('a stopped backend does not end in time', () => {
    const server = new TestServer(15)
    const [session, victim] = [server.connect(), server.connect()]
    const [[pid]] = victim.rows('select pg_backend_pid()')
    server.server.environment.host.kill(Number(pid), 'STOP')
    expect(session.query(`select pg_terminate_backend(${pid}, 300)`)).toMatchObject([
      { level: 'WARNING', message: `backend with PID ${pid} did not terminate within 300 milliseconds` },
      { rows: [['f']] },
      {},
    ])
    expect(session.query(`select pg_terminate_backend(${pid}, -1)`)).toMatchObject([
      { kind: 'error', sqlstate: '22003', message: '"timeout" must not be negative' },
    ])
  })

  test('statement_timeout counts for each statement of a query string', () => {
    const session = new TestServer(15).connect()
    session.query("set statement_timeout = '100ms'")
    expect(session.rows('select pg_sleep(0.07); select pg_sleep(0.07); select 7')).toEqual([['7']])
    expect(session.query('select pg_sleep(0.07); select pg_sleep(0.2)').at(-1)).toMatchObject({
      sqlstate: '57014',
      message: 'canceling statement due to statement timeout',
    })
  })
})
