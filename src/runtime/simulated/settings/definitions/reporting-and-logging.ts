// The settings of PostgreSQL's chapter "Reporting and logging", 15 to 18.

import { bool, choice, integer, real, text } from './define.ts'

export const reportingAndLogging = [
  // Process Title
  text('cluster_name', 'postmaster', '', 'A name that stands in the titles of the processes.'),
  bool('update_process_title', 'superuser', 'on', 'Whether ps shows what a process does.'),

  // What to Log
  text('application_name', 'user', '', 'The name by which a session is known.'),
  bool('debug_pretty_print', 'user', 'on', 'Whether logged trees are indented.'),
  bool('debug_print_parse', 'user', 'off', 'Whether parse trees are logged.'),
  bool('debug_print_plan', 'user', 'off', 'Whether plans are logged.'),
  bool('debug_print_rewritten', 'user', 'off', 'Whether rewritten trees are logged.'),
  integer('log_autovacuum_min_duration', 'sighup', '10min', 'From which duration on an autovacuum is logged.', {
    unit: 'ms',
    min: -1,
    max: 2147483647,
  }),
  bool('log_checkpoints', 'sighup', 'on', 'Whether checkpoints are logged.'),
  bool(
    'log_connections',
    'superuser-backend',
    'off',
    'Whether connections are logged; from 18 on which of their stages.',
    { until: 17 },
  ),
  text(
    'log_connections',
    'superuser-backend',
    '',
    'Whether connections are logged; from 18 on which of their stages.',
    { since: 18 },
  ),
  bool('log_disconnections', 'superuser-backend', 'off', 'Whether the ends of sessions are logged.'),
  bool('log_duration', 'superuser', 'off', 'Whether the duration of every statement is logged.'),
  choice(
    'log_error_verbosity',
    'superuser',
    ['terse', 'default', 'verbose'],
    'default',
    'How much a logged message tells.',
  ),
  bool('log_hostname', 'sighup', 'off', 'Whether clients are logged by name.'),
  text('log_line_prefix', 'sighup', '%m [%p] ', 'What stands before each line of the log.'),
  bool('log_lock_failures', 'superuser', 'off', 'Whether locks that could not be had at once are logged.', {
    since: 18,
  }),
  bool('log_lock_waits', 'superuser', 'off', 'Whether waits longer than deadlock_timeout are logged.'),
  integer('log_parameter_max_length', 'superuser', '-1', 'How much of a parameter is logged with its statement.', {
    unit: 'B',
    min: -1,
    max: 1073741823,
  }),
  integer('log_parameter_max_length_on_error', 'user', '0', 'How much of a parameter is logged with an error.', {
    unit: 'B',
    min: -1,
    max: 1073741823,
  }),
  bool(
    'log_recovery_conflict_waits',
    'sighup',
    'off',
    'Whether replay that waits for a query longer than deadlock_timeout is logged.',
  ),
  bool('log_replication_commands', 'superuser', 'off', 'Whether replication commands are logged.'),
  choice('log_statement', 'superuser', ['none', 'ddl', 'mod', 'all'], 'none', 'Which statements are logged.'),
  integer('log_temp_files', 'superuser', '-1', 'From which size on temporary files are logged.', {
    unit: 'kB',
    min: -1,
    max: 2147483647,
  }),
  text('log_timezone', 'sighup', 'Etc/UTC', 'The time zone of the log.'),

  // When to Log
  integer('log_min_duration_sample', 'superuser', '-1', 'From which duration on some statements are logged.', {
    unit: 'ms',
    min: -1,
    max: 2147483647,
  }),
  integer('log_min_duration_statement', 'superuser', '-1', 'From which duration on statements are logged.', {
    unit: 'ms',
    min: -1,
    max: 2147483647,
  }),
  choice(
    'log_min_error_statement',
    'superuser',
    ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'info', 'notice', 'warning', 'error', 'log', 'fatal', 'panic'],
    'error',
    'From which level on an error is logged with its statement.',
  ),
  choice(
    'log_min_messages',
    'superuser',
    ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'info', 'notice', 'warning', 'error', 'log', 'fatal', 'panic'],
    'warning',
    'From which level on messages are logged.',
  ),
  integer('log_startup_progress_interval', 'sighup', '10s', 'How often the startup process tells how far it is.', {
    unit: 'ms',
    min: 0,
    max: 2147483647,
  }),
  real('log_statement_sample_rate', 'superuser', '1', 'Which part of those statements is logged.', { min: 0, max: 1 }),
  real(
    'log_transaction_sample_rate',
    'superuser',
    '0',
    'Of which part of the transactions every statement is logged.',
    { min: 0, max: 1 },
  ),

  // Where to Log
  text('event_source', 'postmaster', 'PostgreSQL', 'The name in the event log of Windows.'),
  text('log_destination', 'sighup', 'stderr', 'Where the log goes.'),
  text('log_directory', 'sighup', 'log', 'Where log files are.'),
  integer('log_file_mode', 'sighup', '384', 'The permissions of log files.', { min: 0, max: 511 }),
  text('log_filename', 'sighup', 'postgresql-%Y-%m-%d_%H%M%S.log', 'The names of log files.'),
  integer('log_rotation_age', 'sighup', '1d', 'After how long a new log file begins.', {
    unit: 'min',
    min: 0,
    max: 35791394,
  }),
  integer('log_rotation_size', 'sighup', '10MB', 'At which size a new log file begins.', {
    unit: 'kB',
    min: 0,
    max: 2097151,
  }),
  bool('log_truncate_on_rotation', 'sighup', 'off', 'Whether a log file of the same name is overwritten.'),
  bool('logging_collector', 'postmaster', 'off', 'Whether a process collects the log into files.'),
  choice(
    'syslog_facility',
    'sighup',
    ['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    'local0',
    'The facility in syslog.',
  ),
  text('syslog_ident', 'sighup', 'postgres', 'The name in syslog.'),
  bool('syslog_sequence_numbers', 'sighup', 'on', 'Whether messages in syslog are numbered.'),
  bool('syslog_split_messages', 'sighup', 'on', 'Whether long messages are split for syslog.'),
]
