// What of two right runs may differ, and why. Everything else that differs is a difference. A server's processes run at
// once and on the wall clock, and clients as fast as they can: so counts of what clients do are bounds, lines of
// different processes have no order among each other, and what a timer decides may come or not. Lines of one process
// have their order, and so have those that one process waits for another to write; they stand at the end.

import { millisecond } from '../model/units.ts'
import type { Rule } from './rule.ts'

export const rules: readonly Rule[] = [
  // What clients do, as fast as they can
  {
    name: 'clients-repeat',
    because: 'how often a client of a loop connects, commits or fails hangs on how fast the machine is',
    lets: 'repeat',
    of: {
      kind: ['client.connected', 'client.acknowledged', 'client.error', 'commit.lost'],
      says: /^/,
    },
  },
  {
    name: 'backends-repeat',
    because: 'what backends log is logged once a connection or a statement, and clients decide how many there are',
    lets: 'repeat',
    of: { process: /^backend$/, says: /^/ },
  },
  {
    name: 'backends-come-with-clients',
    because: 'a backend lives as long as its connection, and clients decide how many there are',
    lets: 'repeat',
    of: { kind: ['process.started', 'process.exited'], process: /^(backend|walsender)$/, says: /^/ },
  },
  {
    name: 'ghosts',
    because: 'whether a commit is on its way to its client at the moment of a crash is chance',
    lets: 'come and go',
    of: { kind: 'commit.ghost', says: /^/ },
  },

  // What a client is told of a crash
  {
    name: 'connection-lost-in-a-crash',
    because:
      'a client hears of a crash when it writes, when it reads, or by the warning of its backend, whichever comes first',
    lets: 'alternate',
    of: {
      kind: 'client.error',
      says: /server closed the connection unexpectedly|connection to server was lost|could not (send data to|receive data from) server: (Connection reset by peer|Broken pipe)|terminating connection because of (unexpected SIGQUIT|crash of another server) /,
    },
  },
  {
    name: 'client-too-early',
    because: 'whether a client tries to connect while the server starts or stops is a matter of milliseconds',
    lets: 'come and go',
    of: {
      kind: ['client.error', 'log.line'],
      process: /^(backend|walsender|client)$/,
      says: /the database system is (starting up|in recovery mode|not (yet )?accepting connections|shutting down)|Connection refused|too many clients already/,
    },
  },
  {
    name: 'client-gone',
    because: 'whether a backend or a walsender is just reading or writing when its other end goes is chance',
    lets: 'come and go',
    of: {
      process: /^(backend|walsender)$/,
      says: /unexpected EOF on (client|standby) connection|could not (receive|send) data (from|to) client|connection to client lost/,
    },
  },
  {
    name: 'statement-of-a-crash',
    because: 'what the process was doing when it was struck, and whether anything, is chance',
    lets: 'differ in',
    details: ['detail'],
    of: { process: /^postmaster$/, says: /was terminated by signal|exited with exit code/ },
  },

  // What a timer decides
  {
    name: 'checkpoints-by-time',
    because: 'a checkpoint begins by the clock or by the amount of WAL, which are never the same twice',
    lets: 'come and go',
    of: {
      process: /^checkpointer$/,
      says: /(checkpoint|restartpoint) (starting: |complete \[)(time|wal)\b|checkpoints are occurring too frequently|skipping restartpoint|recovery restart point at/,
    },
  },
  {
    name: 'checkpoint-requests-join',
    because: 'requests that come while a checkpoint is about to start are one checkpoint, which has the reasons of all',
    lets: 'alternate',
    of: {
      process: /^checkpointer$/,
      says: /checkpoint (starting: immediate force wait( wal)?$|complete \[immediate force wait( wal)?\])/,
    },
  },
  {
    name: 'slot-lost-at-a-checkpoint',
    because:
      'a slot loses its WAL at the first checkpoint after its limit, and when that begins a timer or the WAL decides',
    lets: 'move',
    of: { process: /^checkpointer$/, says: /invalidating (obsolete replication )?slot/ },
  },
  {
    name: 'how-much-still-fits',
    because: 'whether a full disk takes a part of the last page, or nothing, is chance',
    lets: 'alternate',
    of: { kind: ['log.line', 'client.error'], says: /could not extend file/ },
  },
  {
    name: 'checkpoint-still-spread',
    because: 'a checkpoint that nobody waits for spreads its writes over seconds, and the run may end before it does',
    lets: 'come and go',
    of: { process: /^checkpointer$/, says: /(checkpoint|restartpoint) complete \[(force)?\]/ },
  },
  {
    name: 'lock-waits',
    because:
      'a wait is logged once it has lasted for deadlock_timeout, and a wait of a loop may or may not last so long',
    lets: 'come and go',
    of: { says: /process # (still waiting for|acquired) / },
  },
  {
    name: 'autovacuum-by-time',
    because: 'the autovacuum launcher looks at the clock and at statistics that arrive when they do',
    lets: 'come and go',
    of: {
      kind: ['log.line', 'process.started', 'process.exited'],
      process: /^autovacuum worker$/,
      says: /^/,
    },
  },
  {
    name: 'failsafe-of-catalogs',
    because: 'a real server has catalogs that the simulation has not, and vacuum tells of each one that is far too old',
    lets: 'come and go',
    of: {
      kind: ['log.line', 'step.notice'],
      says: /bypassing nonessential maintenance of table "[^"]*\.(pg_catalog|pg_toast|information_schema)\./,
    },
  },
  {
    name: 'processes-in-passing',
    because: 'the process list of a real server is looked at now and then: who lives for milliseconds may be missed',
    lets: 'be missed',
    below: 50 * millisecond,
    of: { kind: ['process.started', 'process.exited'], says: /^/ },
  },
  {
    name: 'parallel-workers',
    because: 'the planner asks for parallel workers by costs, and gets them if there are any left',
    lets: 'come and go',
    of: { kind: ['process.started', 'process.exited'], process: /^parallel worker$/, says: /^/ },
  },

  // Replication: connections that are made again until they stand
  {
    name: 'segments-fetched-ahead',
    because:
      'WAL is read ahead of its replay, and how many segments the archive has hangs on how much was written and when',
    lets: 'repeat',
    of: { process: /^startup$/, says: /restored log file "<segment>" from archive/ },
  },
  {
    name: 'walreceiver-tries-again',
    because: 'a WAL receiver that cannot connect is started again every few seconds until it can',
    lets: 'repeat',
    of: { kind: ['process.started', 'process.exited'], process: /^walreceiver$/, says: /^/ },
  },
  {
    name: 'walreceiver-cannot-connect',
    because: 'how a connection fails hangs on how far the other side has come with going down',
    lets: 'alternate',
    of: {
      process: /^walreceiver$/,
      says: /could not (connect to the primary server|receive data from WAL stream|send data to WAL stream)/,
    },
  },
  {
    name: 'standby-too-early',
    because: 'whether a standby asks for WAL before its upstream serves is a matter of milliseconds; it asks again',
    lets: 'come and go',
    of: {
      process: /^(walreceiver|startup)$/,
      says: /could not connect to the primary server: .*(the database system is |Connection refused)|waiting for WAL to become available/,
    },
  },
  {
    name: 'replication-connections-end',
    because: 'a connection for replication that came too early ends, and is made again',
    lets: 'come and go',
    of: { kind: 'process.exited', process: /^(walreceiver|walsender)$/, says: /^/ },
  },
  {
    name: 'streaming-again',
    because: 'how often streaming begins hangs on how often the connection was tried',
    lets: 'repeat',
    of: {
      process: /^(walreceiver|walsender|startup)$/,
      says: /could not (connect to the primary server|receive data from WAL stream|send data to WAL stream)|(re)?started (WAL )?streaming|replication terminated by primary server|waiting for WAL to become available|standby "[^"]*" is now a /,
    },
  },
  {
    name: 'history-at-any-connection',
    because: 'a WAL receiver fetches the timeline history when it connects, or when the old timeline ends under it',
    lets: 'move',
    of: { process: /^walreceiver$/, says: /fetching timeline history file/ },
  },
  {
    name: 'walsender-was-backend',
    because:
      'a walsender is a backend until its first command, and the process list may be looked at before or after it',
    lets: 'alternate',
    of: { kind: ['process.started', 'process.exited'], process: /^(backend|walsender)$/, says: /^/ },
  },
  {
    name: 'replication-is-looked-at',
    because: 'pg_stat_replication is looked at now and then: a state that lasts for milliseconds may be missed',
    lets: 'come and go',
    of: {
      kind: ['replication.state', 'slot.changed'],
      says: / is (startup|catchup|backup|stopping)$| is active, its WAL (reserved|extended|unreserved|lost)$/,
    },
  },
  {
    name: 'slots-are-looked-at',
    because: 'pg_replication_slots is looked at now and then: what a slot is for milliseconds only may be missed',
    lets: 'be missed',
    below: 250 * millisecond,
    of: { kind: 'slot.changed', says: /^/ },
  },
  {
    name: 'copies-are-looked-at',
    because:
      'the slot of the first copy of a table lasts for as long as that: looked at now and then, it may be missed',
    lets: 'come and go',
    of: { kind: ['replication.state', 'slot.changed'], says: /pg_<subscription>_sync_<table> is / },
  },
  {
    name: 'standby-comes-back',
    because: 'how often a standby streams again, and its slot is taken, hangs on how often it tried',
    lets: 'repeat',
    of: { kind: ['replication.state', 'slot.changed'], says: /^/ },
  },
  {
    name: 'slot-sync-looks-again',
    because:
      'as long as a copy of a slot is not ready, or a setting is missing for it, each look says so; when that is hangs on when it began',
    lets: 'repeat',
    of: {
      process: /^(slotsync worker|postmaster)$/,
      says: /could not synchronize replication slot|replication slot synchronization requires/,
    },
  },
  {
    name: 'slot-sync-begins-again',
    because:
      'a worker that has ended is started again ten seconds later at the earliest, when the postmaster next wakes up',
    lets: 'repeat',
    of: {
      kind: ['process.started', 'process.exited', 'log.line'],
      process: /^slotsync worker$/,
      says: /started|exited/,
    },
  },
  {
    name: 'slot-sync-cannot-connect',
    because: 'whether a worker is started again while there is no primary hangs on when the postmaster wakes up',
    lets: 'come and go',
    of: { process: /^slotsync worker$/, says: /could not connect to the primary server/ },
  },
  {
    name: 'slot-sync-ahead-of-the-wal',
    because: 'whether a standby hears of a slot or receives its WAL first is a matter of milliseconds',
    lets: 'come and go',
    of: { process: /^slotsync worker$/, says: /skipping slot synchronization because the received slot sync/ },
  },
  {
    name: 'slot-sync-decodes',
    because: 'a copy of a slot is moved on by decoding, and how often hangs on where the slot is when it is looked at',
    lets: 'come and go',
    of: {
      process: /^slotsync worker$/,
      says: /starting logical decoding for slot|logical decoding found consistent point/,
    },
  },
  {
    name: 'standby-is-waited-for',
    because:
      'who waits for a standby that is away says so whenever anything wakes it, its reader or WAL that is flushed',
    lets: 'come and go',
    of: { process: /^walsender$/, says: /specified in parameter .* does not have active_pid/ },
  },

  // Subscriptions
  {
    name: 'subscriber-cannot-connect',
    because: 'how a connection fails hangs on how far the publisher has come with going down or up',
    lets: 'come and go',
    of: { process: /^logical replication worker$/, says: /could not connect to the publisher: / },
  },
  {
    name: 'subscriber-tries-again',
    because: 'a worker that has failed is started again at intervals, and how often it does in vain is chance',
    lets: 'repeat',
    of: {
      process: /^(logical replication worker|postmaster)$/,
      says: /^LOG: logical replication (apply|table synchronization) worker for subscription .* has started$|^LOG: background worker "logical replication [^"]*worker" \(PID #\) exited with/,
    },
  },
  {
    name: 'subscriber-comes-with-tries',
    because: 'a worker of a subscription lives for one try, and how many there are is chance',
    lets: 'repeat',
    of: { kind: ['process.started', 'process.exited'], process: /^logical replication worker$/, says: /^/ },
  },
  {
    name: 'no-slot-for-a-worker',
    because:
      'who finds no slot for a worker looks again at intervals, and a slot is free when the postmaster has looked',
    lets: 'come and go',
    of: { process: /^logical replication (launcher|worker)$/, says: /^WARNING: out of background worker slots$/ },
  },
  {
    name: 'origins-are-tracked',
    because:
      'pgdrill turns track_commit_timestamp on for real servers, which then tell of rows that another one has changed',
    lets: 'come and go',
    of: { process: /^logical replication worker$/, says: /conflict=(update|delete)_origin_differs/ },
  },
  {
    name: 'slot-waits-for-transactions',
    because: 'whether a transaction runs at the moment that a subscription makes a slot, and is waited for, is chance',
    lets: 'come and go',
    of: { process: /^walsender$/, says: /logical decoding found initial (starting|consistent) point at/ },
  },
  {
    name: 'slot-has-waited',
    because: 'a slot says at its beginning whether there was a transaction that it waited for',
    lets: 'differ in',
    details: ['detail'],
    of: { process: /^walsender$/, says: /logical decoding found consistent point at/ },
  },
  {
    name: 'copy-ends-in-passing',
    because: 'a copy that has caught up ends with the commit that it has come to, or while nothing is sent',
    lets: 'differ in',
    details: ['context'],
    of: { process: /^logical replication worker$/, says: /table synchronization worker for .* has finished$/ },
  },

  // Recovery
  {
    name: 'end-of-wal',
    because: 'which of its tests tells the reader that the WAL ends hangs on the old bytes behind the last record',
    lets: 'alternate',
    of: {
      process: /^(startup|walreceiver)$/,
      says: /invalid record length at|invalid magic number|unexpected pageaddr|record with incorrect prev-link|invalid resource manager ID|incorrect resource manager data checksum|no contrecord flag|invalid contrecord length|out-of-sequence timeline ID|record length # at <lsn> too long|invalid info bits/,
    },
  },
  {
    name: 'end-of-wal-again',
    because: 'a standby meets the end of its WAL each time that it has replayed all and nobody streams to it',
    lets: 'repeat',
    of: {
      process: /^startup$/,
      says: /invalid record length at|invalid magic number|unexpected pageaddr|record with incorrect prev-link|invalid resource manager ID|incorrect resource manager data checksum|no contrecord flag|invalid contrecord length|out-of-sequence timeline ID|record length # at <lsn> too long|invalid info bits/,
    },
  },
  {
    name: 'nothing-to-redo',
    because:
      'the last completed transaction is named only if one was replayed, and how many are left to replay is chance',
    lets: 'come and go',
    of: { process: /^startup$/, says: /last completed transaction was at log time/ },
  },

  // Orders across processes: one waits for what the other has done
  {
    name: 'start',
    because: 'the postmaster lets clients in when the startup process has ended',
    lets: 'never',
    inOrder: [
      { process: /^postmaster$/, says: /starting PostgreSQL/ },
      { process: /^startup$/, says: /database system was (shut down|interrupted)/ },
      { process: /^postmaster$/, says: /ready to accept connections/ },
    ],
  },
  {
    name: 'crash-cycle',
    because: 'the postmaster waits until all have quit, starts recovery, and lets clients in after it',
    lets: 'never',
    // A background worker that ends with status 1, as each does when it is told to stop, is no crash.
    inOrder: [
      {
        process: /^postmaster$/,
        says: /was terminated by signal|^LOG: (?!background worker ).* exited with exit code/,
      },
      { process: /^postmaster$/, says: /terminating any other active server processes/ },
      { process: /^postmaster$/, says: /all server processes terminated; reinitializing/ },
      { process: /^startup$/, says: /database system was interrupted/ },
      { process: /^startup$/, says: /was not properly shut down; automatic recovery in progress/ },
      { process: /^startup$/, says: /redo (starts at|is not required)/ },
      { process: /^postmaster$/, says: /ready to accept connections/ },
    ],
  },
  {
    name: 'end-of-recovery-checkpoint',
    because: 'the startup process waits for its checkpoint, and the postmaster for the startup process',
    lets: 'never',
    inOrder: [
      { process: /^checkpointer$/, says: /checkpoint starting: end-of-recovery/ },
      { process: /^checkpointer$/, says: /checkpoint complete \[end-of-recovery/ },
      { process: /^postmaster$/, says: /ready to accept connections/ },
    ],
  },
  {
    name: 'hot-standby',
    because: 'the startup process tells the postmaster when it is consistent, and only then reads are let in',
    lets: 'never',
    // A startup process that is consistent from the beginning says where redo starts beside the postmaster's line.
    inOrder: [
      { process: /^startup$/, says: /consistent recovery state reached/ },
      { process: /^postmaster$/, says: /ready to accept read-only connections/ },
    ],
  },
  {
    name: 'promotion',
    because: 'writes are let in when the startup process has switched to the new timeline and has ended',
    lets: 'never',
    inOrder: [
      { process: /^startup$/, says: /received promote request/ },
      { process: /^startup$/, says: /selected new timeline ID/ },
      { process: /^startup$/, says: /archive recovery complete/ },
      { process: /^postmaster$/, says: /ready to accept connections/ },
    ],
  },
  {
    name: 'shutdown',
    because: 'the postmaster waits for the sessions, the checkpointer writes the last checkpoint, and all is down',
    lets: 'never',
    inOrder: [
      { process: /^postmaster$/, says: /received (smart|fast) shutdown request/ },
      { process: /^checkpointer$/, says: /shutting down/ },
      { process: /^checkpointer$/, says: /(checkpoint|restartpoint) starting: shutdown/ },
      { process: /^checkpointer$/, says: /(checkpoint|restartpoint) complete \[shutdown/ },
      { process: /^postmaster$/, says: /database system is shut down/ },
    ],
  },
]
