// What of PostgreSQL the simulation must play: its processes, what each does, and the mechanisms that they share. A row
// is shown by the lessons that teach its topic (`teaches` in the scenario). docs/coverage.md is written from this list.

export interface CoverageRow {
  /** What a scenario's `teaches` calls it. */
  readonly topic: string
  readonly what: string
  /** Why no lesson shows it yet. */
  readonly open?: string
}

export interface CoverageGroup {
  readonly title: string
  readonly rows: readonly CoverageRow[]
}

export const coverage: readonly CoverageGroup[] = [
  {
    title: 'Processes',
    rows: [
      { topic: 'postmaster', what: 'postmaster: starts, forks, reaps, restarts what died; the crash cycle' },
      { topic: 'shutdown', what: 'smart, fast and immediate shutdown' },
      { topic: 'reload', what: 'SIGHUP: what a reload changes, and what waits for a restart' },
      { topic: 'connections', what: 'connections: accepted, queued, refused by state and by limits, reserved' },
      { topic: 'sockets', what: 'port 5432 and the Unix socket: connected to, refused, taken' },
      { topic: 'process-list', what: 'the process list, as `ps` shows it' },
      { topic: 'backend', what: 'backend: a process a connection, cancelled, terminated, killed' },
      { topic: 'timeouts', what: 'timeouts of statements, locks, sessions and their transactions' },
      { topic: 'temporary-files', what: 'work_mem, temporary files, and what a crash leaves of them' },
      { topic: 'parallel-query', what: 'parallel workers: shared scans and aggregates, their limits and their ends' },
      { topic: 'startup', what: 'startup process: redo, consistency, end of recovery' },
      { topic: 'walwriter', what: 'WAL writer: asynchronous commits become durable' },
      { topic: 'group-commit', what: 'group commit, commit_delay and commit_siblings' },
      { topic: 'checkpointer', what: 'checkpointer: timed, by WAL, requested, at shutdown and after recovery' },
      { topic: 'restartpoints', what: 'restartpoints on a standby' },
      { topic: 'bgwriter', what: 'background writer: cleans ahead of the clock hand' },
      { topic: 'autovacuum', what: 'autovacuum launcher and workers: thresholds, cost, giving way' },
      { topic: 'analyze', what: 'analyze: by autovacuum and by hand' },
      { topic: 'archiver', what: 'archiver: .ready and .done, attempts, failures, backlog' },
      { topic: 'walsender', what: 'WAL sender: streams, tracks positions, ends what is silent' },
      { topic: 'walreceiver', what: 'WAL receiver: writes, flushes, answers' },
      { topic: 'logger', what: 'logger: collects into files, rotates, blocks those who log' },
      { topic: 'logical-replication', what: 'logical replication: launcher, table synchronization, apply' },
      { topic: 'slot-sync-worker', what: 'slot sync worker (from 17): copies failover slots to a standby' },
      { topic: 'wal-summarizer', what: 'WAL summarizer (from 17)' },
      { topic: 'io-workers', what: 'I/O workers (from 18)' },
    ],
  },
  {
    title: 'Memory and storage',
    rows: [
      { topic: 'shared-memory', what: 'shared memory: one thing, lost in a crash, held by orphans' },
      { topic: 'oom', what: 'too little memory: the OOM killer' },
      { topic: 'cpu', what: 'more backends than CPUs slow every one of them' },
      { topic: 'clock-sweep', what: 'the buffer pool: clock sweep, usage counts, pins' },
      { topic: 'buffer-ring', what: 'ring buffers of big scans and of vacuum' },
      { topic: 'wal-before-data', what: 'WAL before data' },
      { topic: 'full_page_writes', what: 'full-page images, and torn pages without them' },
      { topic: 'wal_buffers', what: 'wal_buffers: too small, backends write the WAL' },
      { topic: 'pg_wal', what: 'segments: recycled, removed; a full pg_wal is a PANIC' },
      { topic: 'storage', what: 'a full data volume is an ERROR' },
      { topic: 'log-volume', what: 'a full log volume' },
      { topic: 'fsync', what: 'fsync: off, failing, slow' },
      { topic: 'data-checksums', what: 'bit rot, with data checksums and without' },
      { topic: 'durability', what: 'what a power cut takes' },
    ],
  },
  {
    title: 'Transactions and locks',
    rows: [
      { topic: 'mvcc', what: 'snapshots: who sees which version' },
      { topic: 'hint-bits', what: 'the commit log and hint bits: whoever reads first writes' },
      { topic: 'cursors', what: 'cursors: a query that stands still, and the page that it keeps pinned' },
      { topic: 'hot', what: 'HOT chains and pruning' },
      { topic: 'visibility-map', what: 'the visibility map' },
      { topic: 'bloat', what: 'dead tuples: what holds the horizon, what bloat costs' },
      { topic: 'truncation', what: 'vacuum gives the end of a table back' },
      {
        topic: 'freezing',
        what: 'freezing and anti-wraparound vacuum',
      },
      { topic: 'wraparound', what: 'transaction ids that run out' },
      { topic: 'locks', what: 'heavyweight locks and their queues' },
      { topic: 'deadlock', what: 'deadlocks, found after deadlock_timeout' },
      { topic: 'max_locks_per_transaction', what: 'the lock table is full' },
      { topic: 'row-locks', what: 'tuple locks' },
      { topic: 'multixacts', what: 'multixacts: several who lock one row' },
      { topic: 'advisory-locks', what: 'advisory locks' },
      { topic: 'isolation', what: 'read committed and repeatable read' },
      { topic: 'serializable', what: 'serializable snapshot isolation' },
      { topic: 'subtransactions', what: 'subtransactions' },
      { topic: 'two-phase-commit', what: 'two-phase commit' },
      { topic: 'listen-notify', what: 'LISTEN and NOTIFY' },
      { topic: 'synchronous_commit', what: 'asynchronous commit, and each level of synchronous_commit' },
    ],
  },
  {
    title: 'Recovery and replication',
    rows: [
      { topic: 'crash-recovery', what: 'crash recovery' },
      { topic: 'wal_level', what: 'wal_level: what minimal leaves out of the WAL, and what needs more' },
      { topic: 'base-backup', what: 'base backups, with their label and without' },
      { topic: 'restore_command', what: 'recovery from an archive' },
      { topic: 'point-in-time-recovery', what: 'point-in-time recovery' },
      { topic: 'timelines', what: 'timelines and their history' },
      { topic: 'promotion', what: 'promotion' },
      { topic: 'pg_rewind', what: 'pg_rewind' },
      { topic: 'unlogged', what: 'unlogged tables' },
      { topic: 'tablespaces', what: 'tablespaces: made, filled, emptied, dropped, replayed' },
      { topic: 'replication', what: 'streaming replication' },
      { topic: 'slots', what: 'replication slots' },
      { topic: 'cascading', what: 'cascades' },
      { topic: 'synchronous_standby_names', what: 'synchronous standbys: FIRST, ANY, lost ones' },
      { topic: 'recovery_min_apply_delay', what: 'delayed standbys' },
      { topic: 'standby-conflicts', what: "conflicts of a standby's queries with replay, and hot_standby_feedback" },
      { topic: 'failover', what: 'failover and split brain' },
    ],
  },
]
