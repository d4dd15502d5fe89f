// Each rule tolerates what it says, and nothing else does: without the rule there is a difference. A guaranteed order is
// the other way round: with the rule there is one.

import { describe, expect, it } from 'vitest'
import { compareRuns } from '../../src/compare/compare.ts'
import { rules } from '../../src/compare/rules.ts'
import type { ReportedRun } from '../../src/report/run.ts'
import { scenario } from '../report/kill-backend.ts'
import { Story } from '../report/story.ts'
import { observable } from './runs.ts'

type Tell = (story: Story) => void

function runOf(engine: ReportedRun['engine'], tell: Tell): ReportedRun {
  const story = new Story()
  tell(story)
  const { events } = story
  return { scenario, engine, seed: 1, events, verdicts: [], endedAt: 1, eventCount: events.length }
}

function differences(simulated: Tell, real: Tell, without?: string): number {
  return compareRuns(runOf('simulated', simulated), [runOf('postgres', real)], {
    observable,
    rules: rules.filter(({ name }) => name !== without),
  }).differences.length
}

const log =
  (...lines: readonly (readonly [string, string])[]): Tell =>
  story =>
    lines.forEach(([process, message], at) => {
      story.log(at / 1000, `primary ${process} ${100 + at}`, 'LOG', message)
    })

const errors =
  (...messages: readonly string[]): Tell =>
  story =>
    messages.forEach((message, index) => {
      story.tell(1, 'primary', 'client.error', { client: 'teller', index, level: 'FATAL', message })
    })

const processes =
  (...types: readonly string[]): Tell =>
  story =>
    types.forEach((type, at) => {
      story.tell(at / 1000, `primary ${type} ${100 + at}`, 'process.started', { type, parent: 100 })
    })

/** Processes of these types, one after the other, and the milliseconds that they live. */
const lives =
  (...all: readonly (readonly [string, number])[]): Tell =>
  story =>
    all.forEach(([type, milliseconds], at) => {
      const place = `primary ${type} ${100 + at}`
      story.tell(at, place, 'process.started', { type, parent: 100 })
      story.tell(at + milliseconds / 1000, place, 'process.exited', { type })
    })

const states =
  (...all: readonly string[]): Tell =>
  story =>
    all.forEach((state, at) => {
      story.tell(at / 1000, 'primary walsender 7', 'replication.state', { standby: 's1', state, sync: 'async' })
    })

const slot =
  (...all: readonly (readonly [number, string])[]): Tell =>
  story => {
    for (const [time, wal_status] of all) {
      story.tell(time, 'primary', 'slot.changed', { slot: 's1_slot', active: false, wal_status })
    }
  }

const nothing: Tell = () => undefined

const tolerated: Readonly<Record<string, readonly [Tell, Tell]>> = {
  'clients-repeat': [errors('division by zero', 'division by zero'), errors('division by zero')],
  'backends-repeat': [
    log(['backend', 'duration: 1200.1 ms'], ['backend', 'duration: 7 ms']),
    log(['backend', 'duration: 1300 ms']),
  ],
  'backends-come-with-clients': [processes('backend', 'backend'), processes('backend')],
  ghosts: [story => story.tell(1, '', 'commit.ghost', { client: 'teller', index: 0, xid: 7 }), nothing],
  'connection-lost-in-a-crash': [
    errors(
      'terminating connection because of crash of another server process',
      'server closed the connection unexpectedly',
    ),
    errors('connection to server was lost'),
  ],
  'client-too-early': [nothing, errors('the database system is in recovery mode')],
  'client-gone': [nothing, log(['backend', 'unexpected EOF on client connection with an open transaction'])],
  'statement-of-a-crash': [
    story => {
      const detail = 'Failed process was running: commit;'
      story.log(1, 'primary postmaster 1', 'LOG', 'server process (PID 7) was terminated by signal 9: Killed', {
        detail,
      })
    },
    log(['postmaster', 'server process (PID 99) was terminated by signal 9: Killed']),
  ],
  'checkpoints-by-time': [
    log(['checkpointer', 'checkpoint starting: time'], ['checkpointer', 'checkpoint complete: wrote 7 buffers (0.1%)']),
    nothing,
  ],
  'checkpoint-still-spread': [
    log(
      ['checkpointer', 'checkpoint starting: force'],
      ['checkpointer', 'checkpoint complete: wrote 7 buffers (0.1%)'],
    ),
    log(['checkpointer', 'checkpoint starting: force']),
  ],
  'lock-waits': [
    nothing,
    log(['walsender', 'process 12 still waiting for ShareLock on transaction 733 after 1000.123 ms']),
  ],
  'autovacuum-by-time': [nothing, processes('autovacuum worker')],
  'failsafe-of-catalogs': [
    nothing,
    log([
      'backend',
      'bypassing nonessential maintenance of table "postgres.pg_catalog.pg_am" as a failsafe after 0 index scans',
    ]),
  ],
  'parallel-workers': [nothing, processes('parallel worker')],
  'walreceiver-tries-again': [processes('walreceiver'), processes('walreceiver', 'walreceiver')],
  'walreceiver-cannot-connect': [
    log(['walreceiver', 'could not connect to the primary server: timeout expired']),
    log(['walreceiver', 'could not receive data from WAL stream: server closed the connection unexpectedly']),
  ],
  'checkpoint-requests-join': [
    log(['checkpointer', 'checkpoint starting: immediate force wait']),
    log(['checkpointer', 'checkpoint starting: immediate force wait wal']),
  ],
  'slot-lost-at-a-checkpoint': [
    story => {
      story.log(0.001, 'primary checkpointer 7', 'LOG', 'invalidating obsolete replication slot "s"')
      story.log(0.002, 'primary checkpointer 7', 'LOG', 'parameter "a" changed to "b"')
    },
    story => {
      story.log(0.001, 'primary checkpointer 7', 'LOG', 'parameter "a" changed to "b"')
      story.log(0.002, 'primary checkpointer 7', 'LOG', 'invalidating obsolete replication slot "s"')
    },
  ],
  'segments-fetched-ahead': [
    log(
      ['startup', 'restored log file "000000010000000000000003" from archive'],
      ['startup', 'consistent recovery state reached at 0/3000100'],
    ),
    log(
      ['startup', 'restored log file "000000010000000000000003" from archive'],
      ['startup', 'restored log file "000000010000000000000004" from archive'],
      ['startup', 'consistent recovery state reached at 0/3000100'],
    ),
  ],
  'how-much-still-fits': [
    errors('could not extend file "base/5/16384": No space left on device'),
    errors('could not extend file "base/5/16384": wrote only 4096 of 8192 bytes at block 3'),
  ],
  'standby-too-early': [nothing, log(['startup', 'waiting for WAL to become available at 0/3000018'])],
  'replication-connections-end': [
    nothing,
    story => story.tell(1, 'primary walsender 7', 'process.exited', { type: 'walsender', code: 0 }),
  ],
  'streaming-again': [
    log(['walreceiver', 'started streaming WAL from primary at 0/3000000 on timeline 1']),
    log(
      ['walreceiver', 'started streaming WAL from primary at 0/3000000 on timeline 1'],
      ['walreceiver', 'started streaming WAL from primary at 0/3000000 on timeline 1'],
    ),
  ],
  'history-at-any-connection': [
    log(
      ['walreceiver', 'primary server contains no more WAL on requested timeline 1'],
      ['walreceiver', 'fetching timeline history file for timeline 2 from primary server'],
    ),
    log(
      ['walreceiver', 'fetching timeline history file for timeline 2 from primary server'],
      ['walreceiver', 'primary server contains no more WAL on requested timeline 1'],
    ),
  ],
  'walsender-was-backend': [processes('backend'), processes('walsender')],
  'replication-is-looked-at': [states('startup', 'streaming'), states('streaming')],
  'copies-are-looked-at': [
    story => {
      const standby = 'pg_16391_sync_16384_7422392339157064850'
      story.tell(0, 'primary walsender 7', 'replication.state', { standby, state: 'streaming', sync: 'async' })
    },
    nothing,
  ],
  'subscriber-cannot-connect': [
    log(['logical replication worker', 'could not connect to the publisher: Connection refused']),
    nothing,
  ],
  'subscriber-tries-again': [
    log(
      ['postmaster', 'background worker "logical replication worker" (PID 107) exited with exit code 1'],
      ['postmaster', 'background worker "logical replication worker" (PID 108) exited with exit code 1'],
    ),
    log(['postmaster', 'background worker "logical replication worker" (PID 107) exited with exit code 1']),
  ],
  'no-slot-for-a-worker': [
    nothing,
    story => story.log(1, 'primary logical replication worker 7', 'WARNING', 'out of background worker slots'),
  ],
  'origins-are-tracked': [
    nothing,
    log(['logical replication worker', 'conflict detected on relation "public.t": conflict=update_origin_differs']),
  ],
  'slot-waits-for-transactions': [
    nothing,
    log(['walsender', 'logical decoding found initial starting point at 0/1541AC0']),
  ],
  'slot-has-waited': [
    story => {
      const detail = 'There are no running transactions.'
      story.log(1, 'primary walsender 7', 'LOG', 'logical decoding found consistent point at 0/1541AF8', { detail })
    },
    story => {
      const detail = 'There are no old transactions anymore.'
      story.log(1, 'primary walsender 7', 'LOG', 'logical decoding found consistent point at 0/1541AF8', { detail })
    },
  ],
  'copy-ends-in-passing': [
    log([
      'logical replication worker',
      'logical replication table synchronization worker for subscription "s", table "t" has finished',
    ]),
    story => {
      const context = 'processing remote data for replication origin "pg_1_2" during message type "COMMIT"'
      const message = 'logical replication table synchronization worker for subscription "s", table "t" has finished'
      story.log(1, 'primary logical replication worker 7', 'LOG', message, { context })
    },
  ],
  'subscriber-comes-with-tries': [
    processes('logical replication worker', 'logical replication worker'),
    processes('logical replication worker'),
  ],
  'standby-comes-back': [states('streaming', 'streaming'), states('streaming')],
  'slot-sync-looks-again': [
    log(['slotsync worker', 'could not synchronize replication slot "reader"']),
    log(
      ['slotsync worker', 'could not synchronize replication slot "reader"'],
      ['slotsync worker', 'could not synchronize replication slot "reader"'],
    ),
  ],
  'slot-sync-begins-again': [
    log(['slotsync worker', 'slot sync worker started']),
    log(['slotsync worker', 'slot sync worker started'], ['slotsync worker', 'slot sync worker started']),
  ],
  'slot-sync-cannot-connect': [
    nothing,
    log(['slotsync worker', 'could not connect to the primary server: Connection refused']),
  ],
  'slot-sync-ahead-of-the-wal': [
    nothing,
    log([
      'slotsync worker',
      'skipping slot synchronization because the received slot sync LSN 0/30001E8 for slot "reader" is ahead of the standby position 0/3000000',
    ]),
  ],
  'slot-sync-decodes': [
    nothing,
    log(
      ['slotsync worker', 'starting logical decoding for slot "mirror"'],
      ['slotsync worker', 'logical decoding found consistent point at 0/2000048'],
    ),
  ],
  'standby-is-waited-for': [
    nothing,
    log([
      'walsender',
      'replication slot "s1_slot" specified in parameter "synchronized_standby_slots" does not have active_pid',
    ]),
  ],
  'end-of-wal': [
    log(['startup', 'invalid record length at 0/15CF7D8: wanted 24, got 0']),
    log(['startup', 'invalid magic number 0000 in log segment 000000010000000000000001, offset 6701056']),
  ],
  'end-of-wal-again': [
    log(['startup', 'invalid record length at 0/7: wanted 24, got 0']),
    log(
      ['startup', 'invalid record length at 0/7: wanted 24, got 0'],
      ['startup', 'invalid record length at 0/8: wanted 24, got 0'],
    ),
  ],
  'nothing-to-redo': [
    log(['startup', 'last completed transaction was at log time 2025-01-01 00:00:07.99+00']),
    nothing,
  ],
}

/** What a real run may have missed, and that run. */
const missed: Readonly<Record<string, readonly [Tell, Tell]>> = {
  'processes-in-passing': [lives(['checkpointer', 49], ['checkpointer', 900]), lives(['checkpointer', 900])],
  'slots-are-looked-at': [
    slot([1, 'reserved'], [6, 'unreserved'], [6.2, 'lost']),
    slot([1, 'reserved'], [6.2, 'lost']),
  ],
}

/** A log that keeps the order, and one line of it moved to its beginning. */
const orders: Readonly<
  Record<string, { readonly keeps: readonly (readonly [string, string])[]; readonly moves: number }>
> = {
  start: {
    keeps: [
      ['postmaster', 'starting PostgreSQL 15.18 on x86_64-pc-linux-gnu, 64-bit'],
      ['startup', 'database system was shut down at 2026-11-22 14:42:05 UTC'],
      ['postmaster', 'database system is ready to accept connections'],
    ],
    moves: 1,
  },
  'crash-cycle': {
    keeps: [
      ['postmaster', 'server process (PID 7) was terminated by signal 9: Killed'],
      ['postmaster', 'terminating any other active server processes'],
      ['postmaster', 'all server processes terminated; reinitializing'],
      ['startup', 'database system was interrupted; last known up at 2026-11-22 14:42:05 UTC'],
      ['postmaster', 'database system is ready to accept connections'],
    ],
    moves: 3,
  },
  'end-of-recovery-checkpoint': {
    keeps: [
      ['checkpointer', 'checkpoint starting: end-of-recovery immediate wait'],
      ['checkpointer', 'checkpoint complete: wrote 55 buffers (0.3%)'],
      ['postmaster', 'database system is ready to accept connections'],
    ],
    moves: 2,
  },
  'hot-standby': {
    keeps: [
      ['startup', 'redo starts at 0/2000028'],
      ['startup', 'consistent recovery state reached at 0/2000100'],
      ['postmaster', 'database system is ready to accept read-only connections'],
    ],
    moves: 2,
  },
  promotion: {
    keeps: [
      ['startup', 'received promote request'],
      ['startup', 'selected new timeline ID: 2'],
      ['startup', 'archive recovery complete'],
      ['postmaster', 'database system is ready to accept connections'],
    ],
    moves: 3,
  },
  shutdown: {
    keeps: [
      ['postmaster', 'received fast shutdown request'],
      ['checkpointer', 'shutting down'],
      ['checkpointer', 'checkpoint starting: shutdown immediate'],
      ['checkpointer', 'checkpoint complete: wrote 16 buffers (0.1%)'],
      ['postmaster', 'database system is shut down'],
    ],
    moves: 4,
  },
}

describe('a rule', () => {
  it.each(Object.entries(tolerated))('%s tolerates what it says', (name, [simulated, real]) => {
    expect(differences(simulated, real)).toBe(0)
    expect(differences(real, simulated)).toBe(0)
    expect(differences(simulated, real, name)).toBeGreaterThan(0)
    expect(differences(real, simulated, name)).toBeGreaterThan(0)
  })

  it.each(Object.entries(missed))(
    '%s tolerates what a real run may have missed, and not the simulation',
    (name, runs) => {
      const [simulated, real] = runs
      expect(differences(simulated, real)).toBe(0)
      expect(differences(simulated, real, name)).toBeGreaterThan(0)
      expect(differences(real, simulated)).toBeGreaterThan(0)
    },
  )

  it('lets no more be missed than were brief, nor what lives on', () => {
    expect(differences(lives(['bgwriter', 9], ['bgwriter', 900], ['bgwriter', 900]), lives(['bgwriter', 900]))).toBe(2)
    expect(differences(lives(['bgwriter', 50]), nothing)).toBe(2)
    expect(differences(processes('bgwriter'), nothing)).toBe(1)
    const lasting = slot([1, 'reserved'], [6, 'unreserved'], [6.3, 'lost'])
    expect(differences(lasting, slot([1, 'reserved'], [6.3, 'lost']))).toBe(1)
  })

  it.each(Object.entries(orders))('%s finds what has lost its order', (name, { keeps, moves }) => {
    const broken = [keeps[moves], ...keeps.filter((_line, at) => at !== moves)]
    expect(differences(log(...keeps), log(...keeps))).toBe(0)
    expect(differences(log(...keeps), log(...broken))).toBeGreaterThan(0)
    expect(differences(log(...broken), log(...keeps))).toBeGreaterThan(0)
    const onlyOrder =
      keeps[moves][0] !== keeps[moves - 1][0] && !keeps.slice(0, moves).some(([by]) => by === keeps[moves][0])
    if (onlyOrder) expect(differences(log(...keeps), log(...broken), name)).toBe(0)
  })

  it('has its test here, a name of its own, and a reason', () => {
    expect(rules.map(({ name }) => name).sort()).toEqual(
      [...Object.keys(tolerated), ...Object.keys(missed), ...Object.keys(orders)].sort(),
    )
    expect(rules.filter(({ because }) => because.length < 30)).toEqual([])
  })

  it('does not let the other side have nothing where it only lets it have less', () => {
    expect(differences(errors('division by zero'), nothing)).toBe(1)
    expect(differences(processes('backend'), nothing)).toBe(1)
    expect(differences(nothing, states('streaming'))).toBe(1)
  })

  it('lets a standby that is consistent from the beginning accept reads before it says where redo starts', () => {
    const consistent = ['startup', 'consistent recovery state reached at 0/30000A0'] as const
    const redo = ['startup', 'redo starts at 0/30000A0'] as const
    const ready = ['postmaster', 'database system is ready to accept read-only connections'] as const
    expect(differences(log(consistent, redo, ready), log(consistent, ready, redo))).toBe(0)
  })

  it('lets background workers that were told to stop end in any order', () => {
    const worker = (what: string) =>
      ['postmaster', `background worker "logical replication ${what}" (PID 7) exited with exit code 1`] as const
    const [launcher, apply] = [worker('launcher'), worker('worker')]
    expect(differences(log(launcher, apply), log(apply, launcher))).toBe(0)
  })

  it('is not needed where sessions fail alike, of different statements and in another order', () => {
    const failing =
      (...statements: readonly string[]): Tell =>
      story => {
        for (const statement of statements) {
          story.log(1, 'primary backend 100', 'ERROR', 'database is not accepting commands', { statement })
        }
      }
    const [one, other] = ['update t set n = n + 1', 'update t set n = 7']
    expect(differences(failing(one, other, one), failing(other, one, one))).toBe(0)
    expect(differences(failing(one, other), failing(one, one))).toBe(1)
  })

  it('is about the process that it names', () => {
    const message = 'invalid record length at 0/15CF7D8: wanted 24, got 0'
    expect(
      differences(log(['checkpointer', message]), log(['checkpointer', 'unexpected pageaddr 0/7 in log segment'])),
    ).toBe(2)
    expect(differences(log(['postmaster', 'checkpoint starting: time']), nothing)).toBe(1)
  })
})
