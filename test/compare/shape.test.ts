import { describe, expect, it } from 'vitest'
import { plainOf, shapeOf } from '../../src/compare/shape.ts'

describe('the shape of a message', () => {
  it.each([
    // What a real 15 says, what the simulation says, what they share.
    [
      'starting PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14+deb12u1) 12.2.0, 64-bit',
      'starting PostgreSQL 15.13 on x86_64-pc-linux-gnu, 64-bit',
      'starting PostgreSQL 15',
    ],
    [
      'listening on IPv4 address "127.0.0.1", port 47111',
      'listening on IPv4 address "0.0.0.0", port 5432',
      'listening on IPv4 address <address>, port #',
    ],
    [
      'listening on Unix socket "/var/run/postgresql/.s.PGSQL.5477"',
      'listening on Unix socket "/tmp/.s.PGSQL.5432"',
      'listening on Unix socket <path>',
    ],
    [
      'database system was shut down at 2026-11-22 14:42:05 UTC',
      'database system was shut down at 2024-12-31 23:00:00 CET',
      'database system was shut down at <time>',
    ],
    [
      'last completed transaction was at log time 2026-11-22 17:30:59.715314+00',
      'last completed transaction was at log time 2025-01-01 00:00:07.998455+05:30',
      'last completed transaction was at log time <time>',
    ],
    [
      'server process (PID 8086) was terminated by signal 9: Killed',
      'server process (PID 107) was terminated by signal 9: Killed',
      'server process (PID #) was terminated by signal 9: Killed',
    ],
    [
      'temporary file: path "base/pgsql_tmp/pgsql_tmp22874.0", size 4726784',
      'temporary file: path "base/pgsql_tmp/pgsql_tmp107.0", size 4743168',
      'temporary file: path "base/pgsql_tmp/pgsql_tmp<pid>.#", size #',
    ],
    ['redo starts at 0/1500790', 'redo starts at 1A/FF', 'redo starts at <lsn>'],
    [
      'redo done at 0/15CF7B0 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.01 s',
      'redo done at 0/1637BE8 system usage: CPU: user: 0.01 s, system: 0.00 s, elapsed: 12.01 s',
      'redo done at <lsn> system usage: CPU: user: # s, system: # s, elapsed: # s',
    ],
    [
      'checkpoint complete: wrote 55 buffers (0.3%); distance=828 kB, estimate=828 kB; lsn=0/1637C10, redo lsn=0/1637C10',
      'checkpoint complete: wrote 9 buffers (12%); distance=1 kB, estimate=0 kB; lsn=0/7, redo lsn=0/8',
      'checkpoint complete: wrote # buffers (#%); distance=# kB, estimate=# kB; lsn=<lsn>, redo lsn=<lsn>',
    ],
    [
      'invalid magic number 0000 in log segment 000000010000000000000001, offset 6701056',
      'invalid magic number 0000 in log segment 00000001000000000000000A, offset 8192',
      'invalid magic number # in log segment <segment>, offset #',
    ],
    [
      'could not open file "pg_wal/000000010000000000000002": No such file or directory',
      'could not open file "pg_wal/0000000100000000000000FF": No such file or directory',
      'could not open file "pg_wal/<segment>": No such file or directory',
    ],
    [
      'could not receive data from WAL stream: server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally',
      'could not receive data from WAL stream: server closed the connection unexpectedly This probably means the server terminated abnormally',
      'could not receive data from WAL stream: server closed the connection unexpectedly This probably means the server terminated abnormally',
    ],
    [
      'process 8112 still waiting for ShareLock on transaction 742 after 1000.123 ms',
      'process 12 still waiting for ShareLock on transaction 9 after 1000 ms',
      'process # still waiting for ShareLock on transaction # after # ms',
    ],
    [
      'while updating tuple (0,12) in relation "account2"',
      'while updating tuple (14,1) in relation "account2"',
      'while updating tuple (#,#) in relation "account2"',
    ],
    [
      'connection received: host=teller[3](54321)',
      'connection received: host=teller[0](1)',
      'connection received: host=<client>(#)',
    ],
    [
      'restored log file "000000010000000000000003" from archive, cp /srv/archive/x pg_wal/y',
      'restored log file "000000010000000000000004" from archive, cp /tmp/pgdrill-1/x pg_wal/y',
      'restored log file "<segment>" from archive, cp <path> pg_wal/y',
    ],
  ])('%s', (real, simulated, shape) => {
    expect(shapeOf(real)).toBe(shape)
    expect(shapeOf(simulated)).toBe(shape)
  })

  it.each([
    ['selected new timeline ID: 2', 'selected new timeline ID: 3'],
    ['new target timeline is 2', 'new target timeline is 3'],
    ['restarted WAL streaming at 0/4000000 on timeline 2', 'restarted WAL streaming at 0/4000000 on timeline 1'],
    ['server process (PID 1) was terminated by signal 9: Killed', 'server process (PID 1) was terminated by signal 11'],
    ['background worker (PID 1) exited with exit code 1', 'background worker (PID 1) exited with exit code 2'],
    ['standby "s1" is now a synchronous standby', 'standby "s2" is now a synchronous standby'],
    ['starting PostgreSQL 15.1 on x', 'starting PostgreSQL 16.1 on x'],
    ['invalid record length at 0/1: wanted 24, got 0', 'invalid record length at 0/1: expected at least 24, got 0'],
  ])('keeps apart: %s, %s', (one, other) => {
    expect(shapeOf(one)).not.toBe(shapeOf(other))
  })

  it('is its own shape', () => {
    for (const message of ['redo starts at 0/1500790', 'port 5432', 'at 2026-11-22 14:42:05.900 UTC', 'a 1.2.3.4 b']) {
      expect(shapeOf(shapeOf(message))).toBe(shapeOf(message))
    }
  })

  it('keeps the numbers of answers, and takes out places and times', () => {
    expect(plainOf('1000')).toBe('1000')
    expect(plainOf('0/15CF7B0')).toBe('<lsn>')
    expect(plainOf('2026-11-22 17:30:59.715314+00')).toBe('<time>')
  })
})
