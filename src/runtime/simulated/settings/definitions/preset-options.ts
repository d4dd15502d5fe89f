// The settings of PostgreSQL's chapter "Preset options and file locations", 15 to 18.

import { bool, choice, integer, text } from './define.ts'

export const presetOptions = [
  text('config_file', 'postmaster', '', 'The configuration file.'),
  text('data_directory', 'postmaster', '', 'The data directory.'),
  text('extension_destdir', 'superuser', '', "A directory that is put before the extensions' own.", { until: 15 }),
  text('external_pid_file', 'postmaster', '', "One more file with the postmaster's pid."),
  text('hba_file', 'postmaster', '', 'The file that says who may connect.'),
  text('ident_file', 'postmaster', '', 'The file that maps names of users.'),
  integer('block_size', 'internal', '8192', 'The size of a page.', { min: 8192, max: 8192 }),
  bool('data_checksums', 'internal', 'off', 'Whether pages have checksums.'),
  integer('data_directory_mode', 'internal', '448', 'The permissions of the data directory.', { min: 0, max: 511 }),
  bool('debug_assertions', 'internal', 'off', 'Whether the server was built with assertions.'),
  choice(
    'huge_pages_status',
    'internal',
    ['off', 'on', 'unknown'],
    'unknown',
    'Whether shared memory is in huge pages.',
    { since: 17 },
  ),
  bool('in_hot_standby', 'internal', 'off', 'Whether the server is a standby that serves.'),
  bool('integer_datetimes', 'internal', 'on', 'Whether timestamps are integers.'),
  text('lc_collate', 'internal', 'C.UTF-8', 'The order of text in this database.', { until: 15 }),
  text('lc_ctype', 'internal', 'C.UTF-8', 'The classes of characters in this database.', { until: 15 }),
  integer('max_function_args', 'internal', '100', 'How many arguments a function may have.', { min: 100, max: 100 }),
  integer('max_identifier_length', 'internal', '63', 'How long a name may be.', { min: 63, max: 63 }),
  integer('max_index_keys', 'internal', '32', 'How many columns an index may have.', { min: 32, max: 32 }),
  integer('num_os_semaphores', 'internal', '0', 'How many semaphores the server needs.', {
    min: 0,
    max: 2147483647,
    since: 18,
  }),
  integer('segment_size', 'internal', '1GB', "At which size a relation's file is continued in another.", {
    unit: '8kB',
    min: 131072,
    max: 131072,
  }),
  text('server_encoding', 'internal', 'UTF8', 'The encoding of this database.'),
  text('server_version', 'internal', '15.18', 'The version of the server.', { until: 15 }),
  text('server_version', 'internal', '16.14', 'The version of the server.', { since: 16, until: 16 }),
  text('server_version', 'internal', '17.10', 'The version of the server.', { since: 17, until: 17 }),
  text('server_version', 'internal', '18.4', 'The version of the server.', { since: 18 }),
  integer('server_version_num', 'internal', '150018', 'The version of the server, as a number.', { until: 15 }),
  integer('server_version_num', 'internal', '160014', 'The version of the server, as a number.', {
    since: 16,
    until: 16,
  }),
  integer('server_version_num', 'internal', '170010', 'The version of the server, as a number.', {
    since: 17,
    until: 17,
  }),
  integer('server_version_num', 'internal', '180004', 'The version of the server, as a number.', { since: 18 }),
  integer('shared_memory_size', 'internal', '0', 'The size of shared memory.', { unit: 'MB', min: 0, max: 2147483647 }),
  integer('shared_memory_size_in_huge_pages', 'internal', '-1', 'How many huge pages shared memory takes.', {
    min: -1,
    max: 2147483647,
  }),
  text('ssl_library', 'internal', '', 'The library that encrypts connections.'),
  integer('wal_block_size', 'internal', '8192', 'The size of a page of WAL.', { min: 8192, max: 8192 }),
  integer('wal_segment_size', 'internal', '16MB', 'The size of a segment of WAL.', {
    unit: 'B',
    min: 1048576,
    max: 1073741824,
  }),
]
