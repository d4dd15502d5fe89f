// The settings of PostgreSQL's chapter "Developer options", 15 to 18.

import { bool, choice, integer, text } from './define.ts'

export const developerOptions = [
  bool(
    'allow_in_place_tablespaces',
    'superuser',
    'off',
    'Whether tablespaces may lie inside of the data directory, for tests.',
  ),
  bool('allow_system_table_mods', 'superuser', 'off', 'Whether system tables may be altered.'),
  text('backtrace_functions', 'superuser', '', 'Errors in these functions are logged with a backtrace.'),
  integer('debug_discard_caches', 'superuser', '0', 'Whether caches are thrown away at every chance, for tests.', {
    min: 0,
    max: 0,
  }),
  text('debug_io_direct', 'postmaster', '', "Which files bypass the operating system's cache, for tests.", {
    since: 16,
  }),
  choice(
    'debug_logical_replication_streaming',
    'user',
    ['buffered', 'immediate'],
    'buffered',
    'When logical decoding streams or spills, for tests.',
    { since: 16 },
  ),
  choice(
    'debug_parallel_query',
    'user',
    ['off', 'on', 'regress'],
    'off',
    'Whether parallel plans are used where they do not pay, for tests.',
    { since: 16 },
  ),
  choice(
    'force_parallel_mode',
    'user',
    ['off', 'on', 'regress'],
    'off',
    'Whether parallel plans are used where they do not pay, for tests.',
    { until: 15 },
  ),
  bool('ignore_checksum_failure', 'superuser', 'off', 'Whether pages with a wrong checksum are used all the same.'),
  bool(
    'ignore_invalid_pages',
    'postmaster',
    'off',
    'Whether recovery goes on past WAL that speaks of pages that are not there.',
  ),
  bool('ignore_system_indexes', 'backend', 'off', 'Whether system indexes are left unread.'),
  bool('jit_debugging_support', 'superuser-backend', 'off', 'Whether compiled functions are told to debuggers.'),
  bool('jit_dump_bitcode', 'superuser', 'off', 'Whether compiled code is written to files.'),
  bool('jit_expressions', 'user', 'on', 'Whether expressions may be compiled.'),
  bool('jit_profiling_support', 'superuser-backend', 'off', 'Whether compiled functions are told to profilers.'),
  bool('jit_tuple_deforming', 'user', 'on', 'Whether the reading of tuples may be compiled.'),
  integer('post_auth_delay', 'backend', '0', 'How long a session waits after authentication, for debuggers.', {
    unit: 's',
    min: 0,
    max: 2147,
  }),
  integer('pre_auth_delay', 'sighup', '0', 'How long a session waits before authentication, for debuggers.', {
    unit: 's',
    min: 0,
    max: 60,
  }),
  bool('remove_temp_files_after_crash', 'sighup', 'on', 'Whether a crash cycle removes temporary files.'),
  bool('send_abort_for_crash', 'sighup', 'off', 'Whether children get SIGABRT in place of SIGQUIT after a crash.', {
    since: 16,
  }),
  bool('send_abort_for_kill', 'sighup', 'off', 'Whether stuck children get SIGABRT in place of SIGKILL.', {
    since: 16,
  }),
  bool('trace_connection_negotiation', 'postmaster', 'off', 'Whether the negotiation of encryption is logged.', {
    since: 17,
  }),
  bool('trace_notify', 'user', 'off', 'Whether LISTEN and NOTIFY are traced.'),
  choice(
    'trace_recovery_messages',
    'sighup',
    ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'],
    'log',
    'From which level on messages about recovery are logged.',
    { until: 16 },
  ),
  bool('trace_sort', 'user', 'off', 'Whether sorts are traced.'),
  text('wal_consistency_checking', 'superuser', '', "For which records redo compares the page with the primary's."),
  bool('zero_damaged_pages', 'superuser', 'off', 'Whether damaged pages are read as empty.'),
]
