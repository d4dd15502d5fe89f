// The settings of PostgreSQL's chapter "Client connection defaults", 15 to 18.

import { bool, choice, integer, text } from './define.ts'

export const clientConnectionDefaults = [
  // Locale and Formatting
  text('client_encoding', 'user', 'UTF8', 'The encoding in which the client sends and reads text.'),
  text('DateStyle', 'user', 'ISO, MDY', 'How dates are printed, and in which order day and month are read.'),
  text(
    'default_text_search_config',
    'user',
    'pg_catalog.english',
    'The text search configuration that is used where none is named.',
  ),
  integer('extra_float_digits', 'user', '1', 'How many digits more a floating-point number is printed with.', {
    min: -15,
    max: 3,
  }),
  choice(
    'icu_validation_level',
    'user',
    ['disabled', 'debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'],
    'warning',
    'At which level a faulty ICU locale is reported.',
    { since: 16 },
  ),
  choice(
    'IntervalStyle',
    'user',
    ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'],
    'postgres',
    'How intervals are printed.',
  ),
  text('lc_messages', 'superuser', 'C.UTF-8', 'The language of messages.'),
  text('lc_monetary', 'user', 'C.UTF-8', 'The locale of amounts of money.'),
  text('lc_numeric', 'user', 'C.UTF-8', 'The locale of formatted numbers.'),
  text('lc_time', 'user', 'C.UTF-8', 'The locale of the names of days and months.'),
  text('TimeZone', 'user', 'Etc/UTC', 'The time zone in which timestamps are read and printed.'),
  text('timezone_abbreviations', 'user', '', 'The file with the abbreviations of time zones.'),

  // Other Defaults
  text('dynamic_library_path', 'superuser', '$libdir', 'Where loadable modules are looked for.'),
  text('extension_control_path', 'superuser', '$system', 'Where the control files of extensions are looked for.', {
    since: 18,
  }),
  integer('gin_fuzzy_search_limit', 'user', '0', 'About how many rows a GIN search gives at most.', {
    min: 0,
    max: 2147483647,
  }),

  // Shared Library Preloading
  text('jit_provider', 'postmaster', 'llvmjit', 'The library that compiles expressions.'),
  text('local_preload_libraries', 'user', '', 'Libraries that a session loads as it begins, unprivileged ones.'),
  text('session_preload_libraries', 'superuser', '', 'Libraries that a session loads as it begins.'),
  text('shared_preload_libraries', 'postmaster', '', 'Libraries that the server loads as it starts.'),

  // Statement Behavior
  choice('bytea_output', 'user', ['escape', 'hex'], 'hex', 'How byte strings are printed.'),
  bool('check_function_bodies', 'user', 'on', "Whether CREATE FUNCTION looks at the function's body."),
  choice(
    'client_min_messages',
    'user',
    ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'],
    'notice',
    'From which level on messages are sent to the client.',
  ),
  text('createrole_self_grant', 'user', '', 'What a role is granted on the roles that it creates.', { since: 16 }),
  text('default_table_access_method', 'user', 'heap', 'The access method of new tables.'),
  text('default_tablespace', 'user', '', 'Where new tables and indexes are put.'),
  choice('default_toast_compression', 'user', ['pglz', 'lz4'], 'pglz', 'How large values are compressed.'),
  bool('default_transaction_deferrable', 'user', 'off', 'Whether new transactions are deferrable.'),
  choice(
    'default_transaction_isolation',
    'user',
    ['serializable', 'repeatable read', 'read committed', 'read uncommitted'],
    'read committed',
    'The isolation level of new transactions.',
  ),
  bool('default_transaction_read_only', 'user', 'off', 'Whether new transactions are read-only.'),
  bool('event_triggers', 'superuser', 'on', 'Whether event triggers fire.', { since: 17 }),
  integer(
    'gin_pending_list_limit',
    'user',
    '4MB',
    'How large the pending list of a GIN index grows before it is merged.',
    { unit: 'kB', min: 64, max: 2147483647 },
  ),
  integer(
    'idle_in_transaction_session_timeout',
    'user',
    '0',
    'After how long a session that idles in a transaction is ended.',
    { unit: 'ms', min: 0, max: 2147483647 },
  ),
  integer(
    'idle_session_timeout',
    'user',
    '0',
    'After how long a session that idles outside of any transaction is ended.',
    { unit: 'ms', min: 0, max: 2147483647 },
  ),
  integer('lock_timeout', 'user', '0', 'How long a statement waits for one lock before it fails.', {
    unit: 'ms',
    min: 0,
    max: 2147483647,
  }),
  text(
    'restrict_nonsystem_relation_kind',
    'user',
    '',
    "Kinds of relations that may not be read unless they are the system's own.",
  ),
  bool('row_security', 'user', 'on', 'Whether row security policies are applied, or end in an error.'),
  text('search_path', 'user', '"$user", public', 'The schemas in which names are looked for, in order.'),
  choice(
    'session_replication_role',
    'superuser',
    ['origin', 'replica', 'local'],
    'origin',
    'Whether triggers fire as on an origin or on a replica.',
  ),
  integer('statement_timeout', 'user', '0', 'How long a statement may run.', { unit: 'ms', min: 0, max: 2147483647 }),
  text('temp_tablespaces', 'user', '', 'Where temporary tables and files are put.'),
  bool('transaction_deferrable', 'user', 'off', 'Whether this transaction is deferrable.'),
  choice(
    'transaction_isolation',
    'user',
    ['serializable', 'repeatable read', 'read committed', 'read uncommitted'],
    'read committed',
    'The isolation level of this transaction.',
  ),
  bool('transaction_read_only', 'user', 'off', 'Whether this transaction is read-only.'),
  integer('transaction_timeout', 'user', '0', 'How long a transaction may last.', {
    unit: 'ms',
    min: 0,
    max: 2147483647,
    since: 17,
  }),
  choice('xmlbinary', 'user', ['base64', 'hex'], 'base64', 'How byte strings are encoded in XML.'),
  choice('xmloption', 'user', ['content', 'document'], 'content', 'Whether XML values are documents or content.'),
]
