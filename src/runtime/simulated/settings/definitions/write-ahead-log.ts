// The settings of PostgreSQL's chapter "Write ahead log", 15 to 18.

import { bool, choice, integer, real, text } from './define.ts'

export const writeAheadLog = [
  // Archive Recovery
  text('archive_cleanup_command', 'sighup', '', 'The command that is run at every restartpoint.'),
  text('recovery_end_command', 'sighup', '', 'The command that is run when recovery has ended.'),
  text('restore_command', 'sighup', '', 'The command that fetches a segment from the archive.'),

  // Archiving
  text('archive_command', 'sighup', '', 'The command that archives a segment.'),
  text('archive_library', 'sighup', '', 'The library that archives segments.'),
  choice(
    'archive_mode',
    'postmaster',
    ['always', 'on', 'off'],
    'off',
    'Whether segments are archived; always: on a standby too.',
  ),
  integer(
    'archive_timeout',
    'sighup',
    '0',
    'After how long an unfinished segment is ended so that it can be archived.',
    { unit: 's', min: 0, max: 1073741823 },
  ),

  // Checkpoints
  real(
    'checkpoint_completion_target',
    'sighup',
    '0.9',
    'Over which part of the time between two checkpoints the writing is spread.',
    { min: 0, max: 1 },
  ),
  integer(
    'checkpoint_flush_after',
    'sighup',
    '256kB',
    'After how much writing the checkpointer has the disk flushed.',
    { unit: '8kB', min: 0, max: 256 },
  ),
  integer('checkpoint_timeout', 'sighup', '5min', 'How often there is a checkpoint at least.', {
    unit: 's',
    min: 30,
    max: 86400,
  }),
  integer('checkpoint_warning', 'sighup', '30s', 'Checkpoints closer than this for the amount of WAL are warned of.', {
    unit: 's',
    min: 0,
    max: 2147483647,
  }),
  integer('max_wal_size', 'sighup', '1GB', 'The amount of WAL that leads to a checkpoint.', {
    unit: 'MB',
    min: 2,
    max: 2147483647,
  }),
  integer('min_wal_size', 'sighup', '80MB', 'Up to which amount old segments are recycled and not removed.', {
    unit: 'MB',
    min: 2,
    max: 2147483647,
  }),

  // Recovery
  choice('recovery_prefetch', 'sighup', ['off', 'on', 'try'], 'try', 'Whether recovery fetches pages ahead.'),
  integer('wal_decode_buffer_size', 'postmaster', '512kB', 'How far recovery reads ahead to know them.', {
    unit: 'B',
    min: 65536,
    max: 1073741823,
  }),

  // Recovery Target
  text('recovery_target', 'postmaster', '', 'Recovery ends as soon as the data is consistent.'),
  choice(
    'recovery_target_action',
    'postmaster',
    ['pause', 'promote', 'shutdown'],
    'pause',
    'What the server does when it has reached its target.',
  ),
  bool('recovery_target_inclusive', 'postmaster', 'on', 'Whether recovery ends after or before its target.'),
  text('recovery_target_lsn', 'postmaster', '', 'Recovery ends at this place in the WAL.'),
  text('recovery_target_name', 'postmaster', '', 'Recovery ends at this restore point.'),
  text('recovery_target_time', 'postmaster', '', 'Recovery ends at this time.'),
  text('recovery_target_timeline', 'postmaster', 'latest', 'The timeline that recovery follows.'),
  text('recovery_target_xid', 'postmaster', '', 'Recovery ends at this transaction.'),

  // Settings
  integer('commit_delay', 'superuser', '0', 'How many microseconds a commit waits for others to share its flush.', {
    min: 0,
    max: 100000,
  }),
  integer('commit_siblings', 'user', '5', 'How many transactions must be open for that.', { min: 0, max: 1000 }),
  bool('fsync', 'sighup', 'on', 'Whether what must survive is flushed to the disk.'),
  bool('full_page_writes', 'sighup', 'on', "Whether a page's first change after a checkpoint is logged whole."),
  choice(
    'synchronous_commit',
    'user',
    ['local', 'remote_write', 'remote_apply', 'on', 'off'],
    'on',
    'What a commit waits for: nothing, the local disk, or standbys.',
  ),
  integer('wal_buffers', 'postmaster', '-1', 'How much WAL is kept in shared memory before it is written.', {
    unit: '8kB',
    min: -1,
    max: 262143,
  }),
  choice(
    'wal_compression',
    'superuser',
    ['pglz', 'lz4', 'zstd', 'on', 'off'],
    'off',
    'How images of pages in the WAL are compressed.',
  ),
  bool('wal_init_zero', 'superuser', 'on', 'Whether new segments are filled with zeros.'),
  choice('wal_level', 'postmaster', ['minimal', 'replica', 'logical'], 'replica', 'How much the WAL tells.'),
  bool('wal_log_hints', 'postmaster', 'off', 'Whether a page is logged whole for hint bits too.'),
  bool('wal_recycle', 'superuser', 'on', 'Whether old segments are used again.'),
  integer(
    'wal_skip_threshold',
    'user',
    '2MB',
    'From which size on a new table is flushed and not logged, with wal_level minimal.',
    { unit: 'kB', min: 0, max: 2147483647 },
  ),
  choice(
    'wal_sync_method',
    'sighup',
    ['fsync', 'fdatasync', 'open_sync', 'open_datasync'],
    'fdatasync',
    'How the WAL is flushed.',
  ),
  integer('wal_writer_delay', 'sighup', '200ms', 'How long the WAL writer sleeps between two rounds.', {
    unit: 'ms',
    min: 1,
    max: 10000,
  }),
  integer('wal_writer_flush_after', 'sighup', '1MB', 'After how much WAL the WAL writer flushes sooner.', {
    unit: '8kB',
    min: 0,
    max: 2147483647,
  }),

  // Summarization
  bool('summarize_wal', 'sighup', 'off', 'Whether the WAL is summarised for incremental backups.', { since: 17 }),
  integer('wal_summary_keep_time', 'sighup', '10d', 'How long those summaries are kept.', {
    unit: 'min',
    min: 0,
    max: 35791394,
    since: 17,
  }),
]
