// Settings that would change what a server does or shows in a way that is not played yet, each with the reason. Whoever
// sets one to something else than it is without being set (a scenario, a session's SET) is told so. Settings of which
// nobody could see whether they are acted upon stand in without-effect.ts.

import { formatSetting, type SettingValue } from '../../../model/setting-value.ts'
import type { SettingDefinition } from '../../../model/vocabulary.ts'
import type { SettingValues } from './defaults.ts'

const planner = 'plans are chosen by rules, not by costs'
const parallel = 'of parallel plans there is only the sequential scan'
const output = 'values are always printed as by default'
const parsing = 'SQL is always read as by default'
const statistics = 'the statistics are always kept as by default'
const samples = 'statements are logged all or none'
const tracing = 'the log has no lines of that kind'
const multixacts = 'multixacts have no age'
const probes = 'a server does not look whether its clients are still there'
const flushes = 'the kernel is never asked to write back early'
const damage = 'there is no such damage yet'
const catalogs = 'the catalogs are always used as by default'
const places = 'a server has one place for its files'

export const notPlayed: Readonly<Record<string, string>> = {
  archive_library: 'no libraries are loaded',
  vacuum_defer_cleanup_age: 'vacuum never lags behind',
  old_snapshot_threshold: 'snapshots never grow too old',
  client_connection_check_interval: 'a running statement does not look for its client',
  log_replication_commands: 'replication commands are not logged',
  log_min_duration_sample: samples,
  log_statement_sample_rate: samples,
  log_transaction_sample_rate: samples,
  wal_init_zero: 'new segments are always filled with zeros',
  ignore_invalid_pages: 'recovery always stops at them',
  zero_damaged_pages: 'damaged pages are always an error',
  idle_replication_slot_timeout: 'slots do not time out yet',
  wal_compression: 'page images are not compressed',
  wal_receiver_create_temp_slot: 'WAL receivers make no slots of their own',
  promote_trigger_file: 'promotion is by signal',
  track_commit_timestamp: 'commit timestamps are not kept',
  shared_preload_libraries: 'no libraries are loaded',
  session_preload_libraries: 'no libraries are loaded',
  autovacuum_multixact_freeze_max_age: multixacts,
  track_cost_delay_timing: 'how long vacuum rested is not told',
  vacuum_max_eager_freeze_failure_rate: 'vacuum scans no page eagerly',
  vacuum_multixact_failsafe_age: multixacts,
  vacuum_multixact_freeze_min_age: multixacts,
  vacuum_multixact_freeze_table_age: multixacts,
  constraint_exclusion: planner,
  cpu_index_tuple_cost: planner,
  cpu_operator_cost: planner,
  cpu_tuple_cost: planner,
  cursor_tuple_fraction: planner,
  effective_cache_size: planner,
  enable_async_append: planner,
  enable_bitmapscan: planner,
  enable_distinct_reordering: planner,
  enable_gathermerge: planner,
  enable_group_by_reordering: planner,
  enable_hashagg: planner,
  enable_hashjoin: planner,
  enable_incremental_sort: planner,
  enable_indexonlyscan: planner,
  enable_indexscan: planner,
  enable_material: planner,
  enable_memoize: planner,
  enable_mergejoin: planner,
  enable_nestloop: planner,
  enable_parallel_append: planner,
  enable_parallel_hash: planner,
  enable_partition_pruning: planner,
  enable_partitionwise_aggregate: planner,
  enable_partitionwise_join: planner,
  enable_presorted_aggregate: planner,
  enable_self_join_elimination: planner,
  enable_seqscan: planner,
  enable_sort: planner,
  enable_tidscan: planner,
  from_collapse_limit: planner,
  geqo: planner,
  geqo_effort: planner,
  geqo_generations: planner,
  geqo_pool_size: planner,
  geqo_seed: planner,
  geqo_selection_bias: planner,
  geqo_threshold: planner,
  join_collapse_limit: planner,
  plan_cache_mode: planner,
  random_page_cost: planner,
  recursive_worktable_factor: planner,
  seq_page_cost: planner,
  debug_parallel_query: parallel,
  force_parallel_mode: parallel,
  max_parallel_maintenance_workers: 'indexes are built by one process',
  min_parallel_index_scan_size: parallel,
  bytea_output: output,
  client_encoding: output,
  DateStyle: output,
  extra_float_digits: output,
  IntervalStyle: output,
  TimeZone: output,
  timezone_abbreviations: output,
  lc_messages: 'messages are always English',
  array_nulls: parsing,
  backslash_quote: parsing,
  escape_string_warning: parsing,
  standard_conforming_strings: parsing,
  transform_null_equals: parsing,
  compute_query_id: statistics,
  track_activities: statistics,
  track_activity_query_size: statistics,
  stats_fetch_consistency: 'every statement sees the statistics as they are now',
  track_functions: statistics,
  track_io_timing: statistics,
  track_wal_io_timing: statistics,
  update_process_title: 'titles are always kept',
  backtrace_functions: tracing,
  debug_print_parse: tracing,
  debug_print_plan: tracing,
  debug_print_rewritten: tracing,
  log_executor_stats: tracing,
  log_hostname: tracing,
  log_lock_failures: tracing,
  log_parser_stats: tracing,
  log_planner_stats: tracing,
  log_startup_progress_interval: tracing,
  log_statement_stats: tracing,
  trace_connection_negotiation: tracing,
  trace_notify: tracing,
  trace_recovery_messages: tracing,
  trace_sort: tracing,
  log_parameter_max_length: 'parameters are never logged',
  log_parameter_max_length_on_error: 'parameters are never logged',
  tcp_keepalives_count: probes,
  tcp_keepalives_idle: probes,
  tcp_keepalives_interval: probes,
  tcp_user_timeout: probes,
  backend_flush_after: flushes,
  bgwriter_flush_after: flushes,
  checkpoint_flush_after: flushes,
  wal_sync_method: 'the WAL is always flushed with fdatasync',
  debug_io_direct: 'files always go through the page cache',
  max_parallel_apply_workers_per_subscription: 'transactions are applied one after the other',
  ignore_checksum_failure: damage,
  wal_consistency_checking: damage,
  allow_system_table_mods: catalogs,
  default_table_access_method: catalogs,
  ignore_system_indexes: catalogs,
  restrict_nonsystem_relation_kind: catalogs,
  search_path: catalogs,
  config_file: places,
  data_directory: places,
  hba_file: places,
  ident_file: places,
  listen_addresses: 'a server listens on all IPv4 addresses',
  ssl: 'connections are never encrypted',
  createrole_self_grant: 'every role has its own name and rights already',
  db_user_namespace: 'every role has its own name and rights already',
  bonjour: 'a server does not announce itself',
  huge_pages: 'shared memory is never in huge pages',
  max_stack_depth: 'no statement is too deep',
  post_auth_delay: 'a session begins without a delay',
  pre_auth_delay: 'a session begins without a delay',
  exit_on_error: 'an error never ends the session',
  send_abort_for_crash: 'children are always told to quit with SIGQUIT, and killed with SIGKILL',
  send_abort_for_kill: 'children are always told to quit with SIGQUIT, and killed with SIGKILL',
  local_preload_libraries: 'no libraries are loaded',
}

/** Values that are taken all the same, because they ask for what is played anyway: most turn off what is not there. */
const takenAnyway: Readonly<Record<string, readonly string[]>> = {
  backend_flush_after: ['0'],
  bgwriter_flush_after: ['0'],
  checkpoint_flush_after: ['0'],
  compute_query_id: ['off'],
  extra_float_digits: ['2', '3'],
  huge_pages: ['off'],
  log_startup_progress_interval: ['0'],
  max_parallel_maintenance_workers: ['0'],
  search_path: ['public', 'public, "$user"'],
  stats_fetch_consistency: ['none'],
  TimeZone: ['UTC', 'GMT'],
}

/** Values that are refused of settings that are played. */
const valuesNotPlayed: Readonly<Record<string, { readonly values: RegExp; readonly reason: string }>> = {
  log_connections: {
    values: /\b(all|setup_durations)\b/,
    reason: 'how long it took to set a connection up is not logged',
  },
}

/** Why this value is refused; `initial`: the values that a server has when nobody sets any. */
export function notPlayedReason(
  definition: SettingDefinition,
  value: SettingValue,
  initial: SettingValues,
): string | undefined {
  const { name } = definition
  const shown = (each: SettingValue) => formatSetting(definition, each).toLowerCase()
  const isTaken = (text: string) => text.toLowerCase() === shown(value)
  if (initial[name] === undefined || shown(initial[name]) === shown(value)) return undefined
  if (takenAnyway[name]?.some(isTaken)) return undefined
  const some = valuesNotPlayed[name]
  return notPlayed[name] ?? (some?.values.test(shown(value)) ? some.reason : undefined)
}
