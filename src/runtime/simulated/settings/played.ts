// The settings on which the engine acts, with the type in which it reads them. A setting that becomes played gets a line
// here, and loses the one that it has in not-played.ts or without-effect.ts.

import type { SettingValue as AnyValue } from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'

export const played = {
  allow_alter_system: 'bool',
  application_name: 'string',
  authentication_timeout: 'integer',
  autovacuum: 'bool',
  autovacuum_naptime: 'integer',
  bgwriter_delay: 'integer',
  bgwriter_lru_maxpages: 'integer',
  bgwriter_lru_multiplier: 'real',
  checkpoint_completion_target: 'real',
  checkpoint_timeout: 'integer',
  checkpoint_warning: 'integer',
  client_min_messages: 'enum',
  cluster_name: 'string',
  commit_delay: 'integer',
  commit_siblings: 'integer',
  deadlock_timeout: 'integer',
  default_transaction_deferrable: 'bool',
  default_transaction_isolation: 'enum',
  default_transaction_read_only: 'bool',
  fsync: 'bool',
  full_page_writes: 'bool',
  hot_standby: 'bool',
  hot_standby_feedback: 'bool',
  idle_in_transaction_session_timeout: 'integer',
  idle_session_timeout: 'integer',
  io_method: 'enum',
  io_workers: 'integer',
  lock_timeout: 'integer',
  log_checkpoints: 'bool',
  /** A boolean until 17, words since. */
  log_connections: 'string',
  log_disconnections: 'bool',
  log_duration: 'bool',
  log_lock_waits: 'bool',
  log_min_duration_statement: 'integer',
  log_min_error_statement: 'enum',
  log_min_messages: 'enum',
  log_statement: 'enum',
  max_connections: 'integer',
  max_locks_per_transaction: 'integer',
  max_logical_replication_workers: 'integer',
  max_prepared_transactions: 'integer',
  max_replication_slots: 'integer',
  max_slot_wal_keep_size: 'integer',
  max_wal_senders: 'integer',
  max_wal_size: 'integer',
  max_worker_processes: 'integer',
  min_wal_size: 'integer',
  port: 'integer',
  primary_conninfo: 'string',
  primary_slot_name: 'string',
  reserved_connections: 'integer',
  restart_after_crash: 'bool',
  shared_buffers: 'integer',
  statement_timeout: 'integer',
  superuser_reserved_connections: 'integer',
  synchronous_commit: 'enum',
  synchronous_standby_names: 'string',
  transaction_deferrable: 'bool',
  transaction_isolation: 'enum',
  transaction_read_only: 'bool',
  transaction_timeout: 'integer',
  unix_socket_directories: 'string',
  vacuum_buffer_usage_limit: 'integer',
  vacuum_freeze_min_age: 'integer',
  wal_buffers: 'integer',
  wal_keep_size: 'integer',
  wal_log_hints: 'bool',
  wal_receiver_status_interval: 'integer',
  wal_receiver_timeout: 'integer',
  wal_recycle: 'bool',
  wal_retrieve_retry_interval: 'integer',
  wal_sender_timeout: 'integer',
  wal_writer_delay: 'integer',
  wal_writer_flush_after: 'integer',
} as const satisfies Readonly<Record<string, SettingDefinition['type']>>

export type SettingName = keyof typeof played

/** Booleans, numbers (durations in nanoseconds, sizes in bytes; what is negative or zero stays as written), texts. */
export type SettingValue<N extends SettingName> = ValueOfType<(typeof played)[N]>

type ValueOfType<T extends SettingDefinition['type']> = T extends 'bool'
  ? boolean
  : T extends 'integer' | 'real'
    ? number
    : Extract<AnyValue, string>
