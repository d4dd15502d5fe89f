// The postmaster's course, compared line by line with the logs of real servers 15 to 18.

import { describe, expect, test } from 'vitest'
import { millisecond, second } from '../../../../src/model/units.ts'
import type { Server } from '../../../../src/runtime/simulated/server.ts'
import { Client, Play } from './play.ts'

function started(version: 15 | 16 | 17 | 18, settings: Record<string, string> = {}): { play: Play; server: Server } {
  const play = new Play()
  const server = play.primary(version, settings)
  server.start()
  play.until(second)
  return { play, server }
}

function pidOf(server: Server, type: string): number {
  return server.processesAlive().find(process => process.type === type)!.pid
}

const serves = '[postmaster] LOG: database system is ready to accept connections'
const endOfCrash = [
  '[postmaster] LOG: terminating any other active server processes',
  '[postmaster] LOG: all server processes terminated; reinitializing',
  '[startup] LOG: database system was interrupted; last known up at 2025-01-01 00:00:00 UTC',
  '[startup] LOG: database system was not properly shut down; automatic recovery in progress',
  '[startup] LOG: invalid record length at 0/1500790: wanted 24, got 0',
  '[startup] LOG: redo is not required',
  '[checkpointer] LOG: checkpoint starting: end-of-recovery immediate wait',
  '[checkpointer] LOG: checkpoint complete: wrote 1 buffers (0.0%); 0 WAL file(s) added, 0 removed, 0 recycled; write=0.001 s, sync=0.001 s, total=0.002 s; sync files=1, longest=0.001 s, average=0.001 s; distance=0 kB, estimate=0 kB',
  serves,
]

describe('start', () => {
  test('forks checkpointer, background writer, startup, and the others when startup has succeeded', () => {
    const { play, server } = started(15)
    expect(play.forks()).toEqual([
      'postmaster',
      'checkpointer',
      'bgwriter',
      'startup',
      'walwriter',
      'autovacuum launcher',
      'logical replication launcher',
    ])
    expect(play.log()).toEqual([
      '[postmaster] LOG: starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, 64-bit',
      '[postmaster] LOG: listening on IPv4 address "0.0.0.0", port 5432',
      '[postmaster] LOG: listening on Unix socket "/tmp/.s.PGSQL.5432"',
      '[startup] LOG: database system was shut down at 2025-01-01 00:00:00 UTC',
      serves,
    ])
    expect(server.processesAlive().map(process => process.title)).toEqual([
      '/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/primary',
      'postgres: checkpointer ',
      'postgres: background writer ',
      'postgres: walwriter ',
      'postgres: autovacuum launcher ',
      'postgres: logical replication launcher ',
    ])
  })

  test('18 has io workers before all others', () => {
    const { play } = started(18)
    expect(play.forks().slice(0, 6)).toEqual([
      'postmaster',
      'io worker',
      'io worker',
      'io worker',
      'checkpointer',
      'bgwriter',
    ])
  })

  test('cluster_name stands in the titles', () => {
    const { server } = started(17, { cluster_name: 'north', autovacuum: 'off', max_logical_replication_workers: '0' })
    expect(server.processesAlive().map(process => process.title)).toEqual([
      '/usr/lib/postgresql/17/bin/postgres -D /var/lib/postgresql/17/primary',
      'postgres: north: checkpointer ',
      'postgres: north: background writer ',
      'postgres: north: walwriter ',
    ])
  })
})

describe('crash cycle', () => {
  test('a killed backend: the others are told, and the server recovers, startup first', () => {
    const { play, server } = started(15)
    const [victim, witness] = [new Client(play, 'primary'), new Client(play, 'primary')]
    play.until(2 * second)
    const from = play.trace.sequence
    server.environment.host.kill(pidOf(server, 'backend'), 'KILL')
    play.until(3 * second)
    expect(play.log('primary', from)).toEqual([
      '[postmaster] LOG: server process (PID 107) was terminated by signal 9: Killed',
      ...endOfCrash,
    ])
    expect(play.forks(from).slice(0, 3)).toEqual(['startup', 'checkpointer', 'bgwriter'])
    expect([victim.ending, victim.messages.at(-1)?.kind]).toEqual(['end of file', 'ready'])
    expect([witness.ending, witness.messages.at(-1)]).toMatchObject([
      'end of file',
      {
        kind: 'notice',
        level: 'WARNING',
        sqlstate: '57P02',
        message: 'terminating connection because of crash of another server process',
        hint: 'In a moment you should be able to reconnect to the database and repeat your command.',
      },
    ])
  })

  test.each([
    ['checkpointer', 'checkpointer process (PID 101) was terminated by signal 9: Killed'],
    ['bgwriter', 'background writer process (PID 102) was terminated by signal 9: Killed'],
    ['walwriter', 'WAL writer process (PID 104) was terminated by signal 9: Killed'],
    ['autovacuum launcher', 'autovacuum launcher process (PID 105) was terminated by signal 9: Killed'],
    [
      'logical replication launcher',
      'background worker "logical replication launcher" (PID 106) was terminated by signal 9: Killed',
    ],
  ])('a killed %s', (type, line) => {
    const { play, server } = started(15)
    const from = play.trace.sequence
    server.environment.host.kill(pidOf(server, type), 'KILL')
    play.until(2 * second)
    expect(play.log('primary', from)).toEqual([`[postmaster] LOG: ${line}`, ...endOfCrash])
  })

  test('SIGQUIT by hand is told, and is a crash', () => {
    const { play, server } = started(18)
    const client = new Client(play, 'primary')
    play.until(2 * second)
    const from = play.trace.sequence
    const pid = pidOf(server, 'backend')
    server.environment.host.kill(pid, 'QUIT')
    play.until(3 * second)
    expect(play.log('primary', from).slice(0, 3)).toEqual([
      '[backend] WARNING: terminating connection because of unexpected SIGQUIT signal',
      `[postmaster] LOG: client backend (PID ${pid}) exited with exit code 2`,
      '[postmaster] LOG: terminating any other active server processes',
    ])
    expect(client.messages.at(-1)).toMatchObject({ sqlstate: '57P01' })
  })

  test('SIGTERM to the background writer is an orderly exit: it is started again without a word', () => {
    const { play, server } = started(15)
    const from = play.trace.sequence
    for (const type of ['bgwriter', 'walwriter', 'autovacuum launcher']) {
      server.environment.host.kill(pidOf(server, type), 'TERM')
    }
    play.until(2 * second)
    expect(play.log('primary', from)).toEqual([])
    expect(play.forks(from)).toEqual(['bgwriter', 'walwriter', 'autovacuum launcher'])
  })

  test('a background worker that ends is told of, and comes back after five seconds', () => {
    const { play, server } = started(15)
    const from = play.trace.sequence
    server.environment.host.kill(pidOf(server, 'logical replication launcher'), 'TERM')
    play.until(5 * second)
    expect(play.log('primary', from)).toEqual([
      '[postmaster] LOG: background worker "logical replication launcher" (PID 106) exited with exit code 1',
    ])
    expect(play.forks(from)).toEqual([])
    play.until(7 * second)
    expect(play.forks(from)).toEqual(['logical replication launcher'])
  })

  test('a stopped child is killed after five seconds', () => {
    const { play, server } = started(15)
    const stopped = pidOf(server, 'walwriter')
    server.environment.host.kill(stopped, 'STOP')
    const from = play.trace.sequence
    server.environment.host.kill(pidOf(server, 'bgwriter'), 'KILL')
    play.until(8 * second)
    expect(play.log('primary', from).slice(0, 4)).toEqual([
      '[postmaster] LOG: background writer process (PID 102) was terminated by signal 9: Killed',
      '[postmaster] LOG: terminating any other active server processes',
      '[postmaster] LOG: issuing SIGKILL to recalcitrant children',
      '[postmaster] LOG: all server processes terminated; reinitializing',
    ])
  })

  test.each([
    [16, 'restart_after_crash'],
    [17, '"restart_after_crash"'],
  ] as const)('restart_after_crash = off takes a node of %i down', (version, setting) => {
    const { play, server } = started(version, { restart_after_crash: 'off' })
    server.environment.host.kill(pidOf(server, 'bgwriter'), 'KILL')
    play.until(2 * second)
    expect(play.log().slice(-2)).toEqual([
      `[postmaster] LOG: shutting down because ${setting} is off`,
      '[postmaster] LOG: database system is shut down',
    ])
    expect(server.processesAlive()).toEqual([])
    expect(play.events.filter(event => event.kind === 'node.down')).toHaveLength(1)
  })
})

describe('shutdown', () => {
  test.each([15, 16, 17, 18] as const)('fast, of %i', version => {
    const { play, server } = started(version)
    const client = new Client(play, 'primary')
    play.until(2 * second)
    const from = play.trace.sequence
    server.environment.host.kill(100, 'INT')
    play.until(3 * second)
    const launcher = version === 18 ? 109 : 106
    expect(play.log('primary', from).map(line => line.replace(/complete: .*/, 'complete'))).toEqual([
      '[postmaster] LOG: received fast shutdown request',
      '[postmaster] LOG: aborting any active transactions',
      '[backend] FATAL: terminating connection due to administrator command',
      `[postmaster] LOG: background worker "logical replication launcher" (PID ${launcher}) exited with exit code 1`,
      '[checkpointer] LOG: shutting down',
      '[checkpointer] LOG: checkpoint starting: shutdown immediate',
      '[checkpointer] LOG: checkpoint complete',
      '[postmaster] LOG: database system is shut down',
    ])
    expect(client.messages.at(-1)).toMatchObject({ kind: 'error', sqlstate: '57P01' })
    expect(server.processesAlive()).toEqual([])
    server.start()
    play.until(4 * second)
    expect(play.log('primary', from).slice(-2)).toEqual([
      '[startup] LOG: database system was shut down at 2025-01-01 00:00:02 UTC',
      serves,
    ])
  })

  test('smart waits for the clients that are there, and lets no more in', () => {
    const { play, server } = started(15)
    const client = new Client(play, 'primary')
    play.until(2 * second)
    const from = play.trace.sequence
    server.environment.host.kill(100, 'TERM')
    play.until(3 * second)
    const late = new Client(play, 'primary')
    play.until(4 * second)
    expect(play.log('primary', from)).toEqual([
      '[postmaster] LOG: received smart shutdown request',
      '[backend] FATAL: the database system is shutting down',
    ])
    expect(late.messages).toMatchObject([{ kind: 'error', sqlstate: '57P03' }])
    client.socket!.send({ kind: 'terminate', size: 5 } as never)
    play.until(5 * second)
    expect(play.log('primary', from).at(-1)).toBe('[postmaster] LOG: database system is shut down')
  })

  test('immediate says two lines, and the next start recovers', () => {
    const { play, server } = started(15)
    const client = new Client(play, 'primary')
    play.until(2 * second)
    const from = play.trace.sequence
    server.environment.host.kill(100, 'QUIT')
    play.until(3 * second)
    expect(play.log('primary', from)).toEqual([
      '[postmaster] LOG: received immediate shutdown request',
      '[postmaster] LOG: database system is shut down',
    ])
    expect(client.messages.at(-1)).toMatchObject({
      message: 'terminating connection due to immediate shutdown command',
    })
    server.start()
    play.until(4 * second)
    expect(play.log('primary', from).slice(5)).toEqual(endOfCrash.slice(2))
    expect(play.forks(from).slice(0, 4)).toEqual(['postmaster', 'checkpointer', 'bgwriter', 'startup'])
  })

  test('fast overtakes smart, and immediate kills whoever is stopped', () => {
    const { play, server } = started(15)
    const client = new Client(play, 'primary')
    play.until(2 * second)
    const from = play.trace.sequence
    const { host } = server.environment
    host.kill(100, 'TERM')
    play.until(3 * second)
    host.kill(pidOf(server, 'backend'), 'STOP')
    host.kill(100, 'TERM')
    host.kill(100, 'INT')
    play.until(4 * second)
    expect(server.isUp).toBe(true)
    host.kill(100, 'QUIT')
    play.until(20 * second)
    expect(play.log('primary', from)).toEqual([
      '[postmaster] LOG: received smart shutdown request',
      '[postmaster] LOG: received fast shutdown request',
      '[postmaster] LOG: aborting any active transactions',
      '[postmaster] LOG: background worker "logical replication launcher" (PID 106) exited with exit code 1',
      '[postmaster] LOG: received immediate shutdown request',
      '[postmaster] LOG: issuing SIGKILL to recalcitrant children',
      '[postmaster] LOG: database system is shut down',
    ])
    expect(client.messages.at(-1)?.kind).toBe('ready')
  })

  test('a crash while smart waits for clients ends in an abnormal shutdown', () => {
    const { play, server } = started(15)
    new Client(play, 'primary')
    play.until(2 * second)
    const from = play.trace.sequence
    server.environment.host.kill(100, 'TERM')
    play.until(3 * second)
    server.environment.host.kill(pidOf(server, 'checkpointer'), 'KILL')
    play.until(4 * second)
    expect(play.log('primary', from)).toEqual([
      '[postmaster] LOG: received smart shutdown request',
      '[postmaster] LOG: checkpointer process (PID 101) was terminated by signal 9: Killed',
      '[postmaster] LOG: terminating any other active server processes',
      '[postmaster] LOG: abnormal database system shutdown',
      '[postmaster] LOG: database system is shut down',
    ])
  })

  test.each([
    ['INT', 'fast'],
    ['TERM', 'smart'],
  ] as const)(
    '%s while the server starts: the startup process is told to end, and no checkpoint is made',
    (signal, mode) => {
      const { play, server } = started(15)
      server.environment.host.kill(100, 'QUIT')
      play.until(2 * second)
      server.start()
      play.until(2 * second + 30 * millisecond)
      const from = play.trace.sequence
      server.postmaster!.signal(signal)
      const late = new Client(play, 'primary')
      play.until(3 * second)
      expect(play.log('primary', from)).toEqual([
        `[postmaster] LOG: received ${mode} shutdown request`,
        '[backend] FATAL: the database system is shutting down',
        '[checkpointer] LOG: shutting down',
        '[postmaster] LOG: database system is shut down',
      ])
      expect(late.messages).toMatchObject([{ kind: 'error', sqlstate: '57P03' }])
    },
  )

  test('nobody is left behind when a shutdown meets a crash', () => {
    const { play, server } = started(15)
    server.environment.host.kill(100, 'INT')
    server.environment.host.kill(pidOf(server, 'checkpointer'), 'KILL')
    play.until(3 * second)
    expect(play.log().slice(-2)).toEqual([
      '[postmaster] LOG: abnormal database system shutdown',
      '[postmaster] LOG: database system is shut down',
    ])
    expect(server.processesAlive()).toEqual([])
  })
})

describe('connections', () => {
  test('take about 2.3 ms, and are told of where log_connections asks for it', () => {
    const { play } = started(17, { log_connections: 'on', log_disconnections: 'on' })
    const from = play.trace.sequence
    const client = new Client(play, 'primary')
    play.until(second + 2 * millisecond)
    expect(client.messages).toEqual([])
    play.until(second + 3 * millisecond)
    expect(client.messages.map(message => message.kind)).toEqual(['authenticated', 'ready'])
    client.socket!.send({ kind: 'terminate', size: 5 } as never)
    play.until(2 * second)
    expect(play.log('primary', from)).toEqual([
      '[backend] LOG: connection received: host=client port=32875',
      '[backend] LOG: connection authenticated: user="postgres" method=trust (/var/lib/postgresql/17/primary/pg_hba.conf:1)',
      '[backend] LOG: connection authorized: user=postgres database=postgres application_name=test',
      expect.stringMatching(/disconnection: session time: 0:00:00.\d{3} user=postgres database=postgres host=client/),
    ])
  })

  test('while the server starts, recovers, or has no room they are refused', () => {
    const play = new Play()
    const server = play.primary(16, {
      max_connections: '4',
      superuser_reserved_connections: '1',
      reserved_connections: '1',
    })
    server.start()
    play.until(8 * millisecond)
    const early = new Client(play, 'primary')
    play.until(second)
    const clients = ['ann', 'bob', 'cid', 'postgres', 'postgres', 'postgres'].map(user => {
      const client = new Client(play, 'primary', 5432, { user })
      play.until(play.kernel.now + second)
      return client
    })
    server.environment.host.kill(pidOf(server, 'bgwriter'), 'KILL')
    play.until(play.kernel.now + 30 * millisecond)
    const late = new Client(play, 'primary')
    play.until(20 * second)
    const answers = [early, ...clients, late].map(client => {
      const message = client.messages.find(each => each.kind === 'error')
      return message?.kind === 'error' ? `${message.level} ${message.sqlstate} ${message.message}` : 'let in'
    })
    expect(answers).toEqual([
      'FATAL 57P03 the database system is starting up',
      'let in',
      'let in',
      'FATAL 53300 remaining connection slots are reserved for roles with privileges of the "pg_use_reserved_connections" role',
      'let in',
      'let in',
      'FATAL 53300 sorry, too many clients already',
      'FATAL 57P03 the database system is in recovery mode',
    ])
  })
})

describe('authentication_timeout', () => {
  test('who connects and says nothing is sent away without a word', () => {
    const { play } = started(15, { authentication_timeout: '2s', log_connections: 'on' })
    const from = play.trace.sequence
    const socket = play.network.connect('mute', 'primary', 5432)
    if (socket === undefined || socket === 'refused') throw new Error('not connected')
    play.until(4 * second)
    expect(socket.ending).toBe('end of file')
    expect(play.log('primary', from)).toEqual([expect.stringMatching(/^\[backend\] LOG: connection received:/)])
    expect(play.events.at(-1)).toMatchObject({ kind: 'process.exited', type: 'backend', code: 1 })
  })
})

describe('reload', () => {
  const file = '/var/lib/postgresql/15/primary/postgresql.conf'

  test('tells what has changed, what needs a restart, and what is wrong, as a real server does', () => {
    const { play, server } = started(15)
    const from = play.trace.sequence
    const { files } = server.environment.settings
    const reload = (settings: Record<string, string>) => {
      files.edit(new Map(Object.entries(settings)))
      server.environment.host.kill(100, 'HUP')
      play.until(play.kernel.now + second)
    }
    files.alter('wal_keep_size', '16MB')
    reload({ work_mem: '8MB', max_connections: '55', checkpoint_timeout: '10', log_disconnections: 'on' })
    files.alter('wal_keep_size', undefined)
    reload({ max_connections: '100', checkpoint_timeout: '5min', nonsense: '3' })
    reload({ 'my.thing': 'x' })
    expect(play.log('primary', from)).toEqual([
      '[postmaster] LOG: received SIGHUP, reloading configuration files',
      '[postmaster] LOG: parameter "max_connections" cannot be changed without restarting the server',
      '[postmaster] LOG: parameter "work_mem" changed to "8MB"',
      '[postmaster] LOG: 10 s is outside the valid range for parameter "checkpoint_timeout" (30 .. 86400)',
      '[postmaster] LOG: parameter "log_disconnections" changed to "on"',
      '[postmaster] LOG: parameter "wal_keep_size" changed to "16MB"',
      `[postmaster] LOG: configuration file "${file}" contains errors; unaffected changes were applied`,
      '[postmaster] LOG: received SIGHUP, reloading configuration files',
      `[postmaster] LOG: unrecognized configuration parameter "nonsense" in file "${file}" line 819`,
      `[postmaster] LOG: configuration file "${file}" contains errors; no changes were applied`,
      '[postmaster] LOG: received SIGHUP, reloading configuration files',
      `[postmaster] LOG: unrecognized configuration parameter "nonsense" in file "${file}" line 819`,
      `[postmaster] LOG: configuration file "${file}" contains errors; no changes were applied`,
    ])
  })
})

describe("the postmaster's death", () => {
  test('auxiliaries vanish, an idle backend says so, and a new start must wait for it', () => {
    const { play, server } = started(15)
    const client = new Client(play, 'primary')
    const held = new Client(play, 'primary')
    play.until(2 * second)
    const stopped = server.processesAlive().filter(process => process.type === 'backend')[1]
    stopped.signal('STOP')
    const from = play.trace.sequence
    server.environment.host.kill(100, 'KILL')
    play.until(3 * second)
    expect(play.log('primary', from)).toEqual([
      '[backend] FATAL: terminating connection due to unexpected postmaster exit',
    ])
    expect(client.messages.at(-1)).toMatchObject({ kind: 'error', sqlstate: '57P01' })
    expect(server.processesAlive()).toEqual([stopped])
    server.start()
    play.until(4 * second)
    expect(play.log('primary', from).slice(1)).toEqual([
      '[postmaster] FATAL: pre-existing shared memory block (key 1054008, ID 1) is still in use',
      '[postmaster] HINT: Terminate any old server processes associated with data directory "/var/lib/postgresql/15/primary".',
    ])
    stopped.signal('CONT')
    play.until(5 * second)
    expect(held.messages.at(-1)).toMatchObject({ kind: 'error', sqlstate: '57P01' })
    server.start()
    play.until(6 * second)
    expect(play.log('primary', from).at(-1)).toBe(serves)
  })

  test('a second start says that the lock file is there', () => {
    const { play, server } = started(15)
    const from = play.trace.sequence
    server.start()
    play.until(2 * second)
    expect(play.log('primary', from)).toEqual([
      '[postmaster] FATAL: lock file "postmaster.pid" already exists',
      '[postmaster] HINT: Is another postmaster (PID 100) running in data directory "/var/lib/postgresql/15/primary"?',
    ])
    expect([server.isUp, server.accepting]).toEqual([true, 'writes'])
  })
})
