// The settings of PostgreSQL's chapter "Replication", 15 to 18.

import { bool, integer, text } from './define.ts'

export const replication = [
  // Primary Server
  text('synchronized_standby_slots', 'sighup', '', 'Slots whose standbys logical replication waits for.', {
    since: 17,
  }),
  text(
    'synchronous_standby_names',
    'sighup',
    '',
    'The standbys that commits wait for: FIRST n (…), ANY n (…), or a list.',
  ),
  integer('vacuum_defer_cleanup_age', 'sighup', '0', 'By how many transactions vacuum lags behind.', {
    min: 0,
    max: 1000000,
    until: 15,
  }),

  // Sending Servers
  integer('idle_replication_slot_timeout', 'sighup', '0', 'After how long an unused slot is invalidated.', {
    unit: 's',
    min: 0,
    max: 2147483647,
    since: 18,
  }),
  integer('max_replication_slots', 'postmaster', '10', 'How many replication slots there may be.', {
    min: 0,
    max: 262143,
  }),
  integer('max_slot_wal_keep_size', 'sighup', '-1', 'How much WAL slots may hold back.', {
    unit: 'MB',
    min: -1,
    max: 2147483647,
  }),
  integer('max_wal_senders', 'postmaster', '10', 'How many WAL senders there may be.', { min: 0, max: 262143 }),
  bool('track_commit_timestamp', 'postmaster', 'off', 'Whether the time of each commit is kept.'),
  integer('wal_keep_size', 'sighup', '0', 'How much old WAL is kept for standbys.', {
    unit: 'MB',
    min: 0,
    max: 2147483647,
  }),
  integer('wal_sender_timeout', 'user', '1min', 'After how long a silent standby is given up.', {
    unit: 'ms',
    min: 0,
    max: 2147483647,
  }),

  // Standby Servers
  bool('hot_standby', 'postmaster', 'on', 'Whether a standby lets read-only sessions in.'),
  bool('hot_standby_feedback', 'sighup', 'off', 'Whether a standby tells its primary which rows it still needs.'),
  integer(
    'max_standby_archive_delay',
    'sighup',
    '30s',
    'How long replay of archived WAL waits for a query in its way.',
    { unit: 'ms', min: -1, max: 2147483647 },
  ),
  integer(
    'max_standby_streaming_delay',
    'sighup',
    '30s',
    'How long replay of streamed WAL waits for a query in its way.',
    { unit: 'ms', min: -1, max: 2147483647 },
  ),
  text('primary_conninfo', 'sighup', '', 'The primary that a standby streams from.'),
  text('primary_slot_name', 'sighup', '', 'The slot that a standby streams through.'),
  text('promote_trigger_file', 'sighup', '', 'A file whose appearance promotes the standby.', { until: 15 }),
  integer('recovery_min_apply_delay', 'sighup', '0', 'By how much a standby lags behind on purpose.', {
    unit: 'ms',
    min: 0,
    max: 2147483647,
  }),
  bool('sync_replication_slots', 'sighup', 'off', "Whether a standby copies its primary's logical slots.", {
    since: 17,
  }),
  bool('wal_receiver_create_temp_slot', 'sighup', 'off', 'Whether the WAL receiver makes a slot of its own.'),
  integer('wal_receiver_status_interval', 'sighup', '10s', 'How often a standby says at least how far it is.', {
    unit: 's',
    min: 0,
    max: 2147483,
  }),
  integer('wal_receiver_timeout', 'sighup', '1min', 'After how long a silent primary is given up.', {
    unit: 'ms',
    min: 0,
    max: 2147483647,
  }),
  integer('wal_retrieve_retry_interval', 'sighup', '5s', 'How long a standby waits before it looks for WAL again.', {
    unit: 'ms',
    min: 1,
    max: 2147483647,
  }),

  // Subscribers
  integer('max_active_replication_origins', 'postmaster', '10', 'How many origins of replication may be active.', {
    min: 0,
    max: 262143,
    since: 18,
  }),
  integer(
    'max_logical_replication_workers',
    'postmaster',
    '4',
    'How many workers of logical replication there may be.',
    { min: 0, max: 262143 },
  ),
  integer(
    'max_parallel_apply_workers_per_subscription',
    'sighup',
    '2',
    'How many workers apply one subscription in parallel.',
    { min: 0, max: 1024, since: 16 },
  ),
  integer('max_sync_workers_per_subscription', 'sighup', '2', 'How many tables of a subscription are copied at once.', {
    min: 0,
    max: 262143,
  }),
]
