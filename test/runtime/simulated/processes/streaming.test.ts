// Standbys: how they begin, follow, lose their primary, and take over. The log lines are those of real servers 15 to 17.

import { beforeEach, describe, expect, test } from 'vitest'
import type { TraceEvent } from '../../../../src/model/trace.ts'
import { second } from '../../../../src/model/units.ts'
import type { Topology } from '../../../../src/runtime/engine.ts'
import { Cluster } from '../../../../src/runtime/simulated/cluster.ts'
import { Kernel } from '../../../../src/runtime/simulated/kernel/kernel.ts'
import { text } from '../../../../src/runtime/simulated/recovery/timelines.ts'
import { Trace } from '../../../../src/runtime/trace.ts'

let kernel: Kernel
let events: TraceEvent[]
let cluster: Cluster

function open(version: 15 | 16 | 17 | 18, nodes: Topology['nodes'], more: Partial<Topology> = {}): void {
  kernel = new Kernel(1)
  events = []
  const trace = new Trace(
    () => kernel.now,
    [],
    event => events.push(event),
  )
  const topology: Topology = {
    postgres: version,
    hosts: nodes.map(({ name }) => ({ name })),
    nodes,
    volumes: [],
    slots: nodes.flatMap(({ slot, upstream }) => (slot && upstream ? [{ name: slot, node: upstream }] : [])),
    archives: [],
    links: [],
    endpoints: [],
    setups: [],
    ...more,
  }
  cluster = new Cluster(topology, { kernel, trace, catalogs: [], views: new Map() })
  cluster.prepare(() => undefined)
  events = []
  cluster.start()
}

/** Writes records of 424 bytes and flushes each, as a backend that commits does. */
function write(node: string, count: number): void {
  const { environment, shared } = cluster.node(node).server
  environment.host.fork('writer', function* (me) {
    for (let i = 0; i < count; i++) {
      const record = shared.wal.begin(0, 0x20, 0)
      for (let j = 0; j < 50; j++) record.data.u64(j)
      yield* shared.wal.flush(me, shared.wal.insert(me, record))
    }
  })
}

/** Fills so many segments. */
function fill(node: string, segments: number): void {
  const { environment, shared } = cluster.node(node).server
  environment.host.fork('writer', function* (me) {
    const until = shared.wal.insertLsn + segments * 16 * 1024 * 1024
    while (shared.wal.insertLsn < until) {
      const record = shared.wal.begin(0, 0x20, 0)
      for (let j = 0; j < 2000; j++) record.data.u64(j)
      yield* shared.wal.flush(me, shared.wal.insert(me, record))
      yield* me.sleep(1_000_000, 'test')
    }
  })
}

function log(node: string): string[] {
  return events.flatMap(event =>
    event.kind === 'log.line' && event.node === node
      ? [`[${event.process}] ${event.level}: ${event.message}${event.detail ? ` | ${event.detail}` : ''}`]
      : [],
  )
}

function until(time: number): void {
  kernel.run(time)
}

function shared(node: string) {
  return cluster.node(node).server.shared
}

const lost =
  '[walreceiver] FATAL: could not receive data from WAL stream: server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.'

describe('a primary and a standby', () => {
  beforeEach(() => {
    open(15, [
      { name: 'p', host: 'p', settings: {} },
      { name: 's1', host: 's1', settings: {}, upstream: 'p', slot: 's1_slot' },
    ])
    until(second)
  })

  test('the standby begins from its base backup, becomes consistent, and streams', () => {
    expect(log('s1').slice(3)).toEqual([
      '[startup] LOG: database system was interrupted; last known up at 2024-12-31 23:00:00 UTC',
      '[startup] LOG: entering standby mode',
      '[startup] LOG: starting backup recovery with redo LSN 0/2000028, checkpoint LSN 0/2000060, on timeline ID 1',
      '[startup] LOG: redo starts at 0/2000028',
      '[startup] LOG: completed backup recovery with redo LSN 0/2000028 and end LSN 0/2000100',
      '[startup] LOG: consistent recovery state reached at 0/2000100',
      '[postmaster] LOG: database system is ready to accept read-only connections',
      '[walreceiver] LOG: started streaming WAL from primary at 0/3000000 on timeline 1',
    ])
    expect(
      cluster
        .node('s1')
        .server.processesAlive()
        .map(process => process.title),
    ).toEqual([
      '/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/s1',
      'postgres: checkpointer ',
      'postgres: background writer ',
      'postgres: startup recovering 000000010000000000000003',
      'postgres: walreceiver streaming 0/30000A0',
    ])
    expect(
      cluster
        .node('p')
        .server.processesAlive()
        .find(process => process.type === 'walsender')?.title,
    ).toMatch(/^postgres: walsender postgres s1\(\d+\) streaming 0\/30000A0$/)
  })

  test('what the primary flushes is flushed and replayed there, and the slot moves on', () => {
    write('p', 100)
    until(2 * second)
    const end = shared('p').wal.flushedLsn
    expect(end - 0x3000000).toBeGreaterThan(42_000)
    expect(shared('s1').walReceiver.flushed).toBe(end)
    expect(shared('s1').recovery.replayedEnd).toBe(end)
    expect(shared('p').walSenders.list[0]).toMatchObject({ phase: 'streaming', sent: end, flushed: end, applied: end })
    expect(shared('p').slots.find('s1_slot')?.restartLsn).toBe(end)
    const both = ['p', 's1'].map(node =>
      cluster
        .node(node)
        .server.environment.pgWal.peek('pg_wal/000000010000000000000003')
        .subarray(0, end - 0x3000000),
    )
    expect(both[1]).toEqual(both[0])
  })

  test('a killed WAL receiver is a crash of the standby', () => {
    write('p', 10)
    until(2 * second)
    events = []
    cluster.node('s1').signal({ role: 'walreceiver' }, 'KILL')
    until(3 * second)
    expect(log('s1')).toEqual([
      '[postmaster] LOG: WAL receiver process (PID 104) was terminated by signal 9: Killed',
      '[postmaster] LOG: terminating any other active server processes',
      '[postmaster] LOG: all server processes terminated; reinitializing',
      '[startup] LOG: database system was interrupted while in recovery at log time 2024-12-31 23:00:00 UTC',
      '[startup] LOG: entering standby mode',
      '[startup] LOG: redo starts at 0/2000028',
      '[startup] LOG: consistent recovery state reached at 0/2000100',
      '[postmaster] LOG: database system is ready to accept read-only connections',
      '[startup] LOG: invalid record length at 0/3001180: wanted 24, got 0',
      '[walreceiver] LOG: started streaming WAL from primary at 0/3000000 on timeline 1',
    ])
    expect(log('p')).toEqual(['[walsender] LOG: unexpected EOF on standby connection'])
  })

  test('a WAL receiver that is told to end is replaced quietly', () => {
    events = []
    cluster.node('s1').signal({ role: 'walreceiver' }, 'TERM')
    until(2 * second)
    expect(log('s1')).toEqual([
      '[walreceiver] FATAL: terminating walreceiver process due to administrator command',
      '[startup] LOG: invalid record length at 0/30000A0: wanted 24, got 0',
      '[walreceiver] LOG: started streaming WAL from primary at 0/3000000 on timeline 1',
    ])
  })

  test('a killed WAL sender is a crash of the primary; the standby comes back on the beat of five seconds', () => {
    events = []
    cluster.node('p').signal({ role: 'walsender' }, 'KILL')
    until(15 * second)
    expect(log('p').slice(0, 2)).toEqual([
      '[postmaster] LOG: server process (PID 107) was terminated by signal 9: Killed | Failed process was running: START_REPLICATION SLOT "s1_slot" 0/3000000 TIMELINE 1',
      '[postmaster] LOG: terminating any other active server processes',
    ])
    expect(log('s1')[0]).toBe(lost)
    expect(log('s1').at(-1)).toBe('[walreceiver] LOG: started streaming WAL from primary at 0/3000000 on timeline 1')
    expect(shared('p').walSenders.list[0].phase).toBe('streaming')
  })

  test('a killed startup process takes the standby down', () => {
    events = []
    cluster.node('s1').signal({ role: 'startup' }, 'KILL')
    until(2 * second)
    expect(log('s1')).toEqual([
      '[postmaster] LOG: startup process (PID 103) was terminated by signal 9: Killed',
      '[postmaster] LOG: terminating any other active server processes',
      '[postmaster] LOG: shutting down due to startup process failure',
      '[postmaster] LOG: database system is shut down',
    ])
  })

  test('a primary that is shut down sends everything first, and says so', () => {
    write('p', 10)
    until(2 * second)
    events = []
    cluster.node('p').stop('fast')
    until(9 * second)
    const end = shared('p').wal.flushedLsn
    expect(shared('s1').walReceiver.flushed).toBe(end)
    expect(log('s1').slice(0, 2)).toEqual([
      '[walreceiver] LOG: replication terminated by primary server | End of WAL reached on timeline 1 at 0/30011F8.',
      '[walreceiver] FATAL: could not send end-of-streaming message to primary: server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n\tno COPY in progress',
    ])
    expect(log('s1').slice(2)).toEqual([
      '[startup] LOG: invalid record length at 0/30011F8: wanted 24, got 0',
      expect.stringMatching(
        /^\[walreceiver\] FATAL: could not connect to the primary server: connection to server at "p", port 5432 failed: Connection refused/,
      ),
      '[startup] LOG: waiting for WAL to become available at 0/3001210',
      expect.stringMatching(/Connection refused/),
      '[startup] LOG: waiting for WAL to become available at 0/3001210',
    ])
  })

  test('a standby makes a restartpoint when it has replayed max_wal_size', () => {
    open(
      15,
      ['p', 's1'].map((name, index) => ({
        name,
        host: name,
        settings: { max_wal_size: '32MB', min_wal_size: '32MB' },
        ...(index === 1 ? { upstream: 'p' } : {}),
      })),
    )
    until(second)
    fill('p', 4)
    until(20 * second)
    expect(log('s1').filter(line => /restartpoint starting: wal/.test(line)).length).toBeGreaterThan(0)
    expect(log('s1').filter(line => /too frequently/.test(line))).toEqual([])
  })

  test.each([
    ['fast', 'INT', ['[postmaster] LOG: aborting any active transactions']],
    ['smart', 'TERM', []],
  ] as const)('a standby is shut down: %s', (mode, signal, more) => {
    // Its first shutdown makes a restartpoint where the primary had its last checkpoint; the second finds nothing new.
    cluster.node('s1').stop('fast')
    until(2 * second)
    cluster.node('s1').start()
    until(3 * second)
    const before = log('s1').length
    cluster.node('s1').server.postmaster!.signal(signal)
    until(4 * second)
    expect(log('s1').slice(before)).toEqual([
      `[postmaster] LOG: received ${mode} shutdown request`,
      ...more,
      '[walreceiver] FATAL: terminating walreceiver process due to administrator command',
      '[checkpointer] LOG: shutting down',
      '[postmaster] LOG: database system is shut down',
    ])
  })

  test('a standby that was shut down replays again from its last restartpoint', () => {
    cluster.node('s1').stop('fast')
    until(2 * second)
    events = []
    cluster.node('s1').start()
    until(3 * second)
    expect(log('s1').slice(3)).toEqual([
      '[startup] LOG: database system was shut down in recovery at 2025-01-01 00:00:01 UTC',
      '[startup] LOG: entering standby mode',
      '[startup] LOG: consistent recovery state reached at 0/30000A0',
      '[startup] LOG: invalid record length at 0/30000A0: wanted 24, got 0',
      '[postmaster] LOG: database system is ready to accept read-only connections',
      '[walreceiver] LOG: started streaming WAL from primary at 0/3000000 on timeline 1',
    ])
  })

  test('promotion begins timeline 2 with its history file', () => {
    write('p', 10)
    until(2 * second)
    cluster.power('p', 'off')
    until(9 * second)
    events = []
    expect(cluster.node('s1').promote()).toEqual({})
    until(10 * second)
    const lines = log('s1').map(line => line.replace(/elapsed: .*/, 'elapsed').replace(/complete: .*/, 'complete'))
    expect(lines).toEqual([
      '[startup] LOG: received promote request',
      '[walreceiver] FATAL: terminating walreceiver process due to administrator command',
      '[startup] LOG: invalid record length at 0/3001180: wanted 24, got 0',
      '[startup] LOG: redo done at 0/3000FD0 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed',
      '[startup] LOG: selected new timeline ID: 2',
      '[startup] LOG: archive recovery complete',
      '[checkpointer] LOG: checkpoint starting: force',
      '[postmaster] LOG: database system is ready to accept connections',
      '[checkpointer] LOG: checkpoint complete',
    ])
    const { pgWal } = cluster.node('s1').server.environment
    expect(text(pgWal.peek('pg_wal/00000002.history'))).toBe('1\t0/3001180\tno recovery target specified\n')
    expect(shared('s1').wal.timeline).toBe(2)
    expect(cluster.node('s1').promote()).toEqual({
      refused: 'pg_ctl: cannot promote server; server is not in standby mode',
    })
    cluster.node('s1').stop('immediate')
    until(11 * second)
    cluster.node('s1').start()
    until(12 * second)
    expect(log('s1').at(-1)).toBe('[postmaster] LOG: database system is ready to accept connections')
    expect(shared('s1').wal.timeline).toBe(2)
  })
})

describe('archiving', () => {
  const status = (node: string) => {
    const directory = 'pg_wal/archive_status/'
    return cluster
      .node(node)
      .server.environment.pgWal.list(directory)
      .map(path => path.slice(directory.length))
  }

  function openPair(mode: string): void {
    open(
      15,
      [
        { name: 'p', host: 'p', settings: {} },
        { name: 's1', host: 's1', settings: { archive_mode: mode }, upstream: 'p' },
      ],
      { archives: [{ name: 'vault', nodes: ['p'], kind: 'directory', isRead: false }] },
    )
    until(second)
  }

  /** Ends a segment with something in it. */
  function fill(node: string): void {
    const { environment, shared } = cluster.node(node).server
    environment.host.fork('writer', function* (me) {
      shared.wal.insert(me, shared.wal.begin(0, 0x20, 0))
      yield* shared.wal.switchSegment(me)
    })
  }

  const archiversOf = (node: string) =>
    cluster
      .node(node)
      .server.processesAlive()
      .filter(({ type }) => type === 'archiver').length

  test('a standby leaves to its primary what it has from there; promoted, it archives what the old timeline has left', () => {
    openPair('on')
    expect(status('p')).toEqual(['000000010000000000000002.00000028.backup.done', '000000010000000000000002.done'])
    expect(cluster.node('s1').server.environment.settings.get('archive_command')).toBe('cp %p /archive/vault/%f')
    fill('p')
    until(2 * second)
    write('p', 5)
    until(3 * second)
    expect([status('s1'), archiversOf('s1')]).toEqual([['000000010000000000000003.done'], 0])
    cluster.power('p', 'off')
    until(9 * second)
    cluster.node('s1').promote()
    until(11 * second)
    const { pgWal } = cluster.node('s1').server.environment
    expect(status('s1').filter(name => !/0002\.done$/.test(name))).toEqual([
      '000000010000000000000004.partial.done',
      '00000002.history.done',
    ])
    expect(pgWal.exists('pg_wal/000000010000000000000004.partial')).toBe(true)
    expect(pgWal.exists('pg_wal/000000010000000000000004')).toBe(false)
    expect(pgWal.exists('pg_wal/000000020000000000000004')).toBe(true)
    expect(archiversOf('s1')).toBe(1)
  })

  test('always: a standby archives what it has received', () => {
    openPair('always')
    expect(archiversOf('s1')).toBe(1)
    fill('p')
    until(2 * second)
    expect(status('s1')).toEqual(['000000010000000000000003.done'])
    expect(cluster.node('s1').server.shared.archiverStatistics.archives.count).toBe(1)
  })

  test('off: nothing is archived', () => {
    openPair('off')
    cluster.node('p').stop('fast')
    until(2 * second)
    cluster.node('s1').promote()
    until(4 * second)
    fill('s1')
    until(5 * second)
    expect([status('s1').filter(name => name.endsWith('.ready')), archiversOf('s1')]).toEqual([[], 0])
  })
})

describe('three nodes', () => {
  test('a cascade is served when its standby has flushed, and not again at each record that is replayed there', () => {
    open(17, [
      { name: 'p', host: 'p', settings: {} },
      { name: 's1', host: 's1', settings: {}, upstream: 'p' },
      { name: 'report', host: 'report', settings: {}, upstream: 's1' },
    ])
    until(second)
    const { host, kernel } = cluster.node('s1').server.environment
    let wakes = 0
    host.whenWaiting = (process, before) => {
      if (process.type === 'walsender' && before === 'WalSenderMain') wakes++
    }
    const { wal } = shared('p')
    cluster.node('p').server.environment.host.fork('writer', function* (me) {
      for (let flush = 0; flush < 20; flush++) {
        for (let i = 0; i < 50; i++) wal.insert(me, wal.begin(0, 0x20, 0))
        yield* wal.flush(me, wal.insertLsn)
        yield* me.sleep(10_000_000, 'test')
      }
    })
    until(kernel.now + second)
    expect(shared('report').recovery.replayedEnd).toBe(wal.flushedLsn)
    // For the WAL itself, and for what the cascade says: that it is written, flushed and replayed.
    expect(wakes).toBe(20 * 4)
  })

  test('a cascade follows its standby to the new timeline, and another standby is told to', () => {
    open(17, [
      { name: 'p', host: 'p', settings: {} },
      { name: 's1', host: 's1', settings: {}, upstream: 'p' },
      { name: 's2', host: 's2', settings: {}, upstream: 'p' },
      { name: 'report', host: 'report', settings: {}, upstream: 's1' },
    ])
    until(second)
    write('p', 50)
    until(2 * second)
    cluster.power('p', 'off')
    until(3 * second)
    cluster.node('s1').promote()
    cluster.node('s2').follow(cluster.node('s1'))
    until(4 * second)
    write('s1', 50)
    until(12 * second)
    const end = shared('s1').wal.flushedLsn
    expect([shared('report').recovery.replayedEnd, shared('s2').recovery.replayedEnd]).toEqual([end, end])
    expect([shared('report').recovery.replayedTimeline, shared('s2').recovery.replayedTimeline]).toEqual([2, 2])
    expect(log('report').slice(-5)).toEqual([
      '[walreceiver] LOG: replication terminated by primary server | End of WAL reached on timeline 1 at 0/3005530.',
      '[walreceiver] LOG: fetching timeline history file for timeline 2 from primary server',
      '[startup] LOG: new target timeline is 2',
      '[startup] LOG: invalid record length at 0/3005530: expected at least 24, got 0',
      '[walreceiver] LOG: restarted WAL streaming at 0/3000000 on timeline 2',
    ])
    expect(log('s2')).toContain(
      '[postmaster] LOG: parameter "primary_conninfo" changed to "host=s1 port=5432 user=postgres application_name=s2 dbname=postgres"',
    )
  })

  test('without power the primary loses what was not flushed, and recovers the rest', () => {
    open(17, [{ name: 'p', host: 'p', settings: {} }])
    until(second)
    write('p', 20)
    until(2 * second)
    const end = shared('p').wal.flushedLsn
    cluster.power('p', 'off')
    expect(events.at(-1)).toMatchObject({ kind: 'node.down', node: 'p', reason: 'its host has no power' })
    until(3 * second)
    events = []
    cluster.node('p').start()
    until(4 * second)
    expect(log('p').slice(3, 8)).toEqual([
      '[startup] LOG: database system was interrupted; last known up at 2025-01-01 00:00:00 UTC',
      '[startup] LOG: database system was not properly shut down; automatic recovery in progress',
      '[startup] LOG: redo starts at 0/14D8A68',
      expect.stringMatching(/^\[startup\] LOG: invalid record length at 0\/14DAC40: expected at least 24, got 0$/),
      expect.stringMatching(/^\[startup\] LOG: redo done at 0\/14DAA90 system usage/),
    ])
    expect(shared('p').controlFile.data.checkPoint).toBe(end)
  })
})
