// The logger, and the bytes of its files beside those that a real server 15 wrote.

import { describe, expect, test } from 'vitest'
import { hour, minute, second } from '../../../../src/model/units.ts'
import type { Process } from '../../../../src/runtime/simulated/machine/process.ts'
import type { Server } from '../../../../src/runtime/simulated/server.ts'
import { csvLog, jsonLog, textLog } from '../../../../src/runtime/simulated/shared/logging/formats.ts'
import type { LogEntry } from '../../../../src/runtime/simulated/shared/logging/log-entry.ts'
import { linePrefix } from '../../../../src/runtime/simulated/shared/logging/log-line-prefix.ts'
import { fillPattern } from '../../../../src/runtime/simulated/shared/logging/log-time.ts'
import { Client, Play } from './play.ts'

/** What a server said at 2026-11-22 18:24:31.476 UTC, 690 days and a bit after the start of runs. */
const moment = (690 * 24 * 3600 + 18 * 3600 + 24 * 60 + 31) * second
const backend: LogEntry = {
  at: moment + 476_000_000,
  startedAt: moment + 470_000_000,
  pid: 15959,
  backendType: 'client backend',
  session: { user: 'postgres', database: 'postgres', host: '127.0.0.1', port: 48696, activity: 'SELECT' },
  applicationName: 'psql',
  virtualTransaction: '3/2',
  transaction: 0,
  level: 'ERROR',
  sqlstate: '22012',
  hasSqlstate: true,
  message: 'division by zero',
  statement: 'select 1/0',
}
const postmaster: LogEntry = {
  at: moment + 404_000_000,
  startedAt: moment,
  pid: 15950,
  backendType: 'postmaster',
  session: undefined,
  applicationName: '',
  virtualTransaction: '',
  transaction: 0,
  level: 'LOG',
  sqlstate: '00000',
  hasSqlstate: false,
  message: 'background worker "logical replication launcher" (PID 15957) exited with exit code 1',
}
const worker: LogEntry = {
  ...backend,
  pid: 15960,
  backendType: 'parallel worker',
  leader: 15959,
  session: undefined,
  virtualTransaction: '4/3',
}
const arriving: LogEntry = {
  ...backend,
  backendType: 'not initialized',
  session: { user: '', database: '', host: '127.0.0.1', port: 48696, activity: '' },
  applicationName: '',
  virtualTransaction: '',
  level: 'LOG',
  sqlstate: '00000',
  hasSqlstate: false,
  message: 'connection received: host=127.0.0.1 port=48696',
  statement: undefined,
}

describe('formats', () => {
  test('csv', () => {
    expect(csvLog(backend, 3)).toBe(
      '2026-11-22 18:24:31.476 UTC,"postgres","postgres",15959,"127.0.0.1:48696",6b03335f.3e57,3,"SELECT",2026-11-22 18:24:31 UTC,3/2,0,ERROR,22012,"division by zero",,,,,,"select 1/0",,,"psql","client backend",,0\n',
    )
    expect(csvLog(postmaster, 7)).toBe(
      '2026-11-22 18:24:31.404 UTC,,,15950,,6b03335f.3e4e,7,,2026-11-22 18:24:31 UTC,,0,LOG,00000,"background worker ""logical replication launcher"" (PID 15957) exited with exit code 1",,,,,,,,,"","postmaster",,0\n',
    )
    expect(csvLog({ ...arriving, at: moment + 470_000_000 }, 1)).toBe(
      '2026-11-22 18:24:31.470 UTC,,,15959,"127.0.0.1:48696",6b03335f.3e57,1,"",2026-11-22 18:24:31 UTC,,0,LOG,00000,"connection received: host=127.0.0.1 port=48696",,,,,,,,,"","not initialized",,0\n',
    )
    expect(csvLog(worker, 1)).toBe(
      '2026-11-22 18:24:31.476 UTC,,,15960,,6b03335f.3e58,1,,2026-11-22 18:24:31 UTC,4/3,0,ERROR,22012,"division by zero",,,,,,"select 1/0",,,"psql","parallel worker",15959,0\n',
    )
    const wrong = { message: 'column "x" does not exist', sqlstate: '42703', statement: 'select x', position: 8 }
    expect(csvLog({ ...backend, ...wrong }, 3)).toContain(
      ',ERROR,42703,"column ""x"" does not exist",,,,,,"select x",8,,"psql"',
    )
  })

  test('json', () => {
    expect(jsonLog(backend, 3)).toBe(
      '{"timestamp":"2026-11-22 18:24:31.476 UTC","user":"postgres","dbname":"postgres","pid":15959,"remote_host":"127.0.0.1","remote_port":48696,"session_id":"6b03335f.3e57","line_num":3,"ps":"SELECT","session_start":"2026-11-22 18:24:31 UTC","vxid":"3/2","txid":0,"error_severity":"ERROR","state_code":"22012","message":"division by zero","statement":"select 1/0","application_name":"psql","backend_type":"client backend","query_id":0}\n',
    )
    expect(jsonLog(worker, 1)).toBe(
      '{"timestamp":"2026-11-22 18:24:31.476 UTC","pid":15960,"session_id":"6b03335f.3e58","line_num":1,"session_start":"2026-11-22 18:24:31 UTC","vxid":"4/3","txid":0,"error_severity":"ERROR","state_code":"22012","message":"division by zero","statement":"select 1/0","application_name":"psql","backend_type":"parallel worker","leader_pid":15959,"query_id":0}\n',
    )
    expect(jsonLog({ ...arriving, at: moment + 470_000_000 }, 1)).toBe(
      '{"timestamp":"2026-11-22 18:24:31.470 UTC","pid":15959,"remote_host":"127.0.0.1","remote_port":48696,"session_id":"6b03335f.3e57","line_num":1,"ps":"","session_start":"2026-11-22 18:24:31 UTC","txid":0,"error_severity":"LOG","message":"connection received: host=127.0.0.1 port=48696","backend_type":"not initialized","query_id":0}\n',
    )
  })

  test('text, with every escape of log_line_prefix', () => {
    const pattern =
      '%m [%p] a=%a b=%b u=%u d=%d c=%c P=%P l=%l t=%t n=%n s=%s i=%i r=%r h=%h v=%v x=%x e=%e Q=%Q |%10p|%-10p|%q end '
    expect(linePrefix(pattern, postmaster, 3)).toBe(
      '2026-11-22 18:24:31.404 UTC [15950] a= b=postmaster u= d= c=6b03335f.3e4e P= l=3 t=2026-11-22 18:24:31 UTC n=1795371871.404 s=2026-11-22 18:24:31 UTC i= r= h= v= x=0 e=00000 Q=0 |     15950|15950     |',
    )
    expect(linePrefix(pattern, backend, 3)).toBe(
      '2026-11-22 18:24:31.476 UTC [15959] a=psql b=client backend u=postgres d=postgres c=6b03335f.3e57 P= l=3 t=2026-11-22 18:24:31 UTC n=1795371871.476 s=2026-11-22 18:24:31 UTC i=SELECT r=127.0.0.1(48696) h=127.0.0.1 v=3/2 x=0 e=22012 Q=0 |     15959|15959     | end ',
    )
    expect(linePrefix('a=%a b=%b u=%u P=%P v=%v|%q end', worker, 1)).toBe('a= b=parallel worker u= P=15959 v=4/3|')
    expect(linePrefix('%a %u@%d 100%% ', arriving, 1)).toBe('[unknown] [unknown]@[unknown] 100% ')
  })

  test('text: each part is a line with the prefix, and a line break is followed by a tab', () => {
    let lines = 0
    const options = { prefix: '%l ', verbosity: 'default', nextLine: () => ++lines }
    const entry = { ...backend, detail: 'one\ntwo', hint: 'do it', position: 8, statement: 'select\n1/0' }
    expect(textLog(entry, options)).toBe(
      '1 ERROR:  division by zero at character 8\n2 DETAIL:  one\n\ttwo\n3 HINT:  do it\n4 STATEMENT:  select\n\t1/0\n',
    )
    expect(textLog(entry, { ...options, verbosity: 'terse' })).toBe(
      '5 ERROR:  division by zero at character 8\n6 STATEMENT:  select\n\t1/0\n',
    )
    expect(textLog(postmaster, { ...options, verbosity: 'verbose' })).toMatch(/^7 LOG: {2}00000: background worker/)
  })

  test('names of files are patterns of strftime', () => {
    expect(fillPattern('postgresql-%Y-%m-%d_%H%M%S.log', moment)).toBe('postgresql-2026-11-22_182431.log')
    expect(fillPattern('%a %A %b %B %j %u %w %y %e %I %p %s %% %?', moment)).toBe(
      'Sun Sunday Nov November 326 7 0 26 22 06 PM 1795371871 % %?',
    )
    expect(fillPattern('%F %T %j %a', 59 * 24 * hour)).toBe('2025-03-01 00:00:00 060 Sat')
  })
})

function started(settings: Record<string, string> = {}): { play: Play; server: Server } {
  const play = new Play()
  const server = play.primary(15, { logging_collector: 'on', log_line_prefix: '[%b] ', ...settings })
  server.start()
  play.until(second)
  return { play, server }
}

function files(server: Server): Record<string, string> {
  const { data } = server.environment
  const text = (path: string) => new TextDecoder().decode(data.peek(path))
  return Object.fromEntries(data.list('log/').map(path => [path.slice('log/'.length), text(path)]))
}

const loggerOf = (server: Server): Process => server.processesAlive().find(({ type }) => type === 'logger')!

const first = 'postgresql-2025-01-01_000000'

describe('the logger', () => {
  test('is forked first, and collects all but the word that it does so', () => {
    const { play, server } = started()
    expect(play.forks().slice(0, 3)).toEqual(['postmaster', 'logger', 'checkpointer'])
    expect(loggerOf(server).title).toBe('postgres: logger ')
    expect(play.log().slice(0, 3)).toEqual([
      '[postmaster] LOG: redirecting log output to logging collector process',
      '[postmaster] HINT: Future log output will appear in directory "log".',
      '[postmaster] LOG: starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, 64-bit',
    ])
    expect(Object.keys(files(server))).toEqual([`${first}.log`])
    expect(files(server)[`${first}.log`]).toBe(
      [
        '[postmaster] LOG:  starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, 64-bit',
        '[postmaster] LOG:  listening on IPv4 address "0.0.0.0", port 5432',
        '[postmaster] LOG:  listening on Unix socket "/tmp/.s.PGSQL.5432"',
        '[startup] LOG:  database system was shut down at 2025-01-01 00:00:00 UTC',
        '[postmaster] LOG:  database system is ready to accept connections',
        '',
      ].join('\n'),
    )
  })

  test('writes three formats side by side, and current_logfiles names them', () => {
    const { server } = started({ log_destination: 'csvlog, jsonlog,stderr' })
    expect(Object.keys(files(server))).toEqual([`${first}.csv`, `${first}.json`, `${first}.log`])
    expect(files(server)[`${first}.csv`].split('\n')).toHaveLength(6)
    expect(new TextDecoder().decode(server.environment.data.peek('current_logfiles'))).toBe(
      `stderr log/${first}.log\ncsvlog log/${first}.csv\njsonlog log/${first}.json\n`,
    )
  })

  test('without stderr the text log has one last word', () => {
    const { server } = started({ log_destination: 'csvlog' })
    expect(files(server)[`${first}.log`]).toBe(
      '[postmaster] LOG:  ending log output to stderr\n[postmaster] HINT:  Future log output will go to log destination "csvlog".\n',
    )
    expect(files(server)[`${first}.csv`]).toContain(',1,,2025-01-01 00:00:00 UTC,,0,LOG,00000,"ending log output')
  })

  test('killed, it is replaced, and nobody else notices', () => {
    const { play, server } = started()
    const from = play.trace.sequence
    const { pid } = loggerOf(server)
    server.environment.host.kill(pid, 'KILL')
    play.until(2 * second)
    expect(play.forks(from)).toEqual(['logger'])
    expect(play.log('primary', from)).toEqual([
      `[postmaster] LOG: system logger process (PID ${pid}) was terminated by signal 9: Killed`,
    ])
    expect(files(server)[`${first}.log`]).toContain(`LOG:  system logger process (PID ${pid}) was terminated`)
  })

  test('goes last, with every line written', () => {
    const { play, server } = started()
    server.postmaster?.signal('INT')
    play.until(2 * second)
    expect(server.processesAlive()).toEqual([])
    expect(play.events.at(-1)).toMatchObject({ kind: 'process.exited', type: 'logger', code: 0 })
    expect(files(server)[`${first}.log`]).toMatch(/database system is shut down\n$/)
    server.start()
    play.until(4 * second)
    expect(Object.keys(files(server))).toEqual([`${first}.log`, 'postgresql-2025-01-01_000002.log'])
  })

  test('lives through a crash cycle', () => {
    const { play, server } = started()
    const before = loggerOf(server)
    server.environment.host.kill(server.processesAlive().find(({ type }) => type === 'bgwriter')!.pid, 'KILL')
    play.until(2 * second)
    expect(loggerOf(server)).toBe(before)
    expect(files(server)[`${first}.log`]).toMatch(/reinitializing\n(.*\n)*.*ready to accept connections\n$/)
  })

  test('begins new files by age, at full multiples of it, by size, and when told to', () => {
    const { play, server } = started({ log_rotation_age: '1min', log_rotation_size: '1kB' })
    play.until(minute - second)
    expect(Object.keys(files(server))).toHaveLength(1)
    play.until(minute + second)
    expect(Object.keys(files(server)).at(-1)).toBe('postgresql-2025-01-01_000100.log')
    for (let count = 0; count < 20; count++) server.environment.log.log(server.postmaster!, 'x'.repeat(100))
    play.until(minute + 10 * second)
    expect(Object.keys(files(server)).at(-1)).toBe('postgresql-2025-01-01_000101.log')
    loggerOf(server).signal('USR1')
    play.until(minute + 20 * second)
    expect(Object.keys(files(server)).at(-1)).toBe('postgresql-2025-01-01_000110.log')
  })

  test('a reload changes names and formats at once', () => {
    const { play, server } = started()
    const changes = { log_filename: 'primary-%a.log', log_destination: 'jsonlog' }
    server.environment.settings.files.edit(new Map(Object.entries(changes)))
    server.postmaster?.signal('HUP')
    play.until(2 * second)
    expect(Object.keys(files(server))).toEqual([`${first}.log`, 'primary-Wed.json', 'primary-Wed.log'])
    expect(new TextDecoder().decode(server.environment.data.peek('current_logfiles'))).toBe(
      'jsonlog log/primary-Wed.json\n',
    )
  })

  test('where it can write nothing lines are lost, and nobody else notices', () => {
    const { play, server } = started()
    const { data, log, settings } = server.environment
    data.failing.add('write')
    log.log(server.postmaster!, 'this is lost')
    settings.files.edit(new Map([['log_filename', 'other.log']]))
    server.postmaster?.signal('HUP')
    play.until(2 * second)
    expect(new TextDecoder().decode(data.peek('current_logfiles'))).toBe(`stderr log/${first}.log\n`)
    data.failing.clear()
    log.log(server.postmaster!, 'this is kept')
    play.until(3 * second)
    expect(files(server)['other.log']).toMatch(/^\[postmaster\] LOG: {2}this is kept\n$/)
    expect(Object.values(files(server)).join('')).not.toContain('this is lost')
  })
})

describe('a stopped logger', () => {
  test('holds up whoever logs once the pipe is full, and all lines are there when it goes on', () => {
    const { play, server } = started()
    const { host, log } = server.environment
    loggerOf(server).signal('STOP')
    let written = 0
    host.fork(
      'talker',
      function* (me) {
        for (; written < 2000; written++) {
          log.log(me, `line ${written} ${'x'.repeat(90)}`)
          me.charge(1000)
          yield* me.pause()
        }
      },
      { parent: server.postmaster! },
    )
    play.until(2 * second)
    const size = '[talker] LOG:  line 100 \n'.length + 90 + 9
    expect(Math.abs(written - (64 * 1024) / size)).toBeLessThan(12)
    const held = written
    const visitor = new Client(play, 'primary')
    play.until(5 * second)
    expect(written).toBe(held)
    // Who logs nothing is let in.
    expect(visitor.messages.at(-1)?.kind).toBe('ready')
    loggerOf(server).signal('CONT')
    play.until(6 * second)
    expect(written).toBe(2000)
    expect(files(server)[`${first}.log`].match(/line \d+/g)).toEqual(
      Array.from({ length: 2000 }, (_, index) => `line ${index}`),
    )
  })

  test('one that is held up can be killed, and then what it was writing is not written', () => {
    const { play, server } = started()
    const { host, log } = server.environment
    loggerOf(server).signal('STOP')
    const talker = host.fork(
      'talker',
      function* (me) {
        for (;;) {
          log.log(me, 'x'.repeat(2000))
          yield* me.sleep(1000, 'Test')
        }
      },
      { parent: server.postmaster! },
    )
    talker.on('TERM', () => {})
    play.until(2 * second)
    talker.signal('TERM')
    play.until(3 * second)
    expect(talker.alive).toBe(true)
    talker.signal('KILL')
    loggerOf(server).signal('CONT')
    play.until(4 * second)
    expect(server.accepting).toBe('writes')
    expect(files(server)[`${first}.log`].match(/x{2000}/g)).toHaveLength(32)
  })
})
