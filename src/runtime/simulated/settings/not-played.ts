// Settings that would change what a server does in a way that is not played yet, each with the reason. A scenario that
// sets one to something else than its default is told so. Settings that are in neither list have no effect that a
// scenario could see (costs of plans that would be chosen anyway, places of files, encryption of connections).

const archiving = 'there is no archiver yet'
const pointInTime = 'recovery ends at the end of the WAL, not at a target'
const autovacuum = 'there are no autovacuum workers yet'
const collector = 'there is no logger process yet'
const logical = 'there is no logical replication yet'
const conflicts = 'replay never waits for a query, and never cancels one'

export const notPlayed: Readonly<Record<string, string>> = {
  archive_mode: archiving,
  archive_command: archiving,
  archive_library: archiving,
  archive_timeout: archiving,
  archive_cleanup_command: archiving,
  recovery_end_command: archiving,
  restore_command: archiving,
  recovery_target: pointInTime,
  recovery_target_name: pointInTime,
  recovery_target_time: pointInTime,
  recovery_target_xid: pointInTime,
  recovery_target_lsn: pointInTime,
  recovery_target_timeline: 'recovery always follows the latest timeline',
  autovacuum_analyze_threshold: autovacuum,
  autovacuum_analyze_scale_factor: autovacuum,
  autovacuum_vacuum_insert_threshold: autovacuum,
  autovacuum_vacuum_insert_scale_factor: autovacuum,
  autovacuum_vacuum_max_threshold: autovacuum,
  autovacuum_vacuum_cost_delay: autovacuum,
  autovacuum_vacuum_cost_limit: autovacuum,
  autovacuum_freeze_max_age: autovacuum,
  log_autovacuum_min_duration: autovacuum,
  autovacuum_vacuum_threshold: autovacuum,
  autovacuum_vacuum_scale_factor: autovacuum,
  autovacuum_max_workers: autovacuum,
  max_standby_archive_delay: conflicts,
  max_standby_streaming_delay: conflicts,
  log_recovery_conflict_waits: conflicts,
  recovery_min_apply_delay: 'replay is never delayed',
  vacuum_defer_cleanup_age: 'vacuum never lags behind',
  old_snapshot_threshold: 'snapshots never grow too old',
  client_connection_check_interval: 'a running statement does not look for its client',
  temp_file_limit: 'there are no temporary files',
  log_temp_files: 'there are no temporary files',
  log_replication_commands: 'replication commands are not logged',
  log_min_duration_sample: 'statements are logged all or none',
  log_transaction_sample_rate: 'statements are logged all or none',
  wal_init_zero: 'new segments are always filled with zeros',
  ignore_invalid_pages: 'recovery always stops at them',
  zero_damaged_pages: 'damaged pages are always an error',
  data_sync_retry: 'no fsync fails yet',
  logging_collector: collector,
  log_destination: collector,
  sync_replication_slots: logical,
  idle_replication_slot_timeout: 'slots do not time out yet',
  summarize_wal: 'there is no WAL summarizer yet',
  wal_level: 'the WAL is always that of replica',
  wal_compression: 'page images are not compressed',
  data_checksums: 'pages have no checksums',
  wal_receiver_create_temp_slot: 'WAL receivers make no slots of their own',
  promote_trigger_file: 'promotion is by signal',
  track_commit_timestamp: 'commit timestamps are not kept',
  shared_preload_libraries: 'no libraries are loaded',
  session_preload_libraries: 'no libraries are loaded',
  max_prepared_transactions: 'there is no two-phase commit yet',
}
