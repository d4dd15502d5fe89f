// The settings of PostgreSQL's chapter "Vacuuming", 15 to 18.

import { bool, integer, real } from './define.ts'

export const vacuuming = [
  // Automatic Vacuuming
  bool('autovacuum', 'sighup', 'on', 'Whether the autovacuum launcher runs.'),
  real(
    'autovacuum_analyze_scale_factor',
    'sighup',
    '0.1',
    'Which part of a table must change before it is analysed, besides the threshold.',
    { min: 0, max: 100 },
  ),
  integer('autovacuum_analyze_threshold', 'sighup', '50', 'How many rows must change before a table is analysed.', {
    min: 0,
    max: 2147483647,
  }),
  integer(
    'autovacuum_freeze_max_age',
    'postmaster',
    '200000000',
    'At which age a table is vacuumed so that its transaction ids do not run out.',
    { min: 100000, max: 2000000000 },
  ),
  integer('autovacuum_max_workers', 'postmaster', '3', 'How many autovacuum workers may run at once.', {
    min: 1,
    max: 262143,
    until: 17,
  }),
  integer('autovacuum_max_workers', 'sighup', '3', 'How many autovacuum workers may run at once.', {
    min: 1,
    max: 262143,
    since: 18,
  }),
  integer(
    'autovacuum_multixact_freeze_max_age',
    'postmaster',
    '400000000',
    'At which age of multixacts a table is vacuumed.',
    { min: 10000, max: 2000000000 },
  ),
  integer('autovacuum_naptime', 'sighup', '1min', 'How often each database is looked at.', {
    unit: 's',
    min: 1,
    max: 2147483,
  }),
  real(
    'autovacuum_vacuum_cost_delay',
    'sighup',
    '2ms',
    'How long an autovacuum rests when it has used up its cost limit.',
    { unit: 'ms', min: -1, max: 100 },
  ),
  integer('autovacuum_vacuum_cost_limit', 'sighup', '-1', 'The cost after which an autovacuum rests.', {
    min: -1,
    max: 10000,
  }),
  real(
    'autovacuum_vacuum_insert_scale_factor',
    'sighup',
    '0.2',
    'Which part of a table must be inserted before it is vacuumed, besides the threshold.',
    { min: 0, max: 100 },
  ),
  integer(
    'autovacuum_vacuum_insert_threshold',
    'sighup',
    '1000',
    'How many rows must be inserted before a table is vacuumed.',
    { min: -1, max: 2147483647 },
  ),
  integer(
    'autovacuum_vacuum_max_threshold',
    'sighup',
    '100000000',
    'How many dead rows lead to a vacuum in any case.',
    { min: -1, max: 2147483647, since: 18 },
  ),
  real(
    'autovacuum_vacuum_scale_factor',
    'sighup',
    '0.2',
    'Which part of a table must be dead before it is vacuumed, besides the threshold.',
    { min: 0, max: 100 },
  ),
  integer('autovacuum_vacuum_threshold', 'sighup', '50', 'How many rows must be dead before a table is vacuumed.', {
    min: 0,
    max: 2147483647,
  }),
  integer('autovacuum_worker_slots', 'postmaster', '16', 'For how many autovacuum workers there is room.', {
    min: 1,
    max: 262143,
    since: 18,
  }),

  // Cost-Based Vacuum Delay
  real('vacuum_cost_delay', 'user', '0', 'How long a vacuum rests when it has used up its cost limit.', {
    unit: 'ms',
    min: 0,
    max: 100,
  }),
  integer('vacuum_cost_limit', 'user', '200', 'The cost after which a vacuum rests.', { min: 1, max: 10000 }),
  integer('vacuum_cost_page_dirty', 'user', '20', 'The cost of a page that vacuum makes dirty.', {
    min: 0,
    max: 10000,
  }),
  integer('vacuum_cost_page_hit', 'user', '1', 'The cost of a page that was in the buffer pool.', {
    min: 0,
    max: 10000,
  }),
  integer('vacuum_cost_page_miss', 'user', '2', 'The cost of a page that had to be read.', { min: 0, max: 10000 }),

  // Default Behavior
  bool('vacuum_truncate', 'user', 'on', "Whether vacuum cuts off empty pages at a table's end.", { since: 18 }),

  // Freezing
  integer('vacuum_failsafe_age', 'user', '1600000000', 'At which age vacuum leaves all but freezing undone.', {
    min: 0,
    max: 2100000000,
  }),
  integer('vacuum_freeze_min_age', 'user', '50000000', "How old a row's transaction must be to be frozen.", {
    min: 0,
    max: 1000000000,
  }),
  integer('vacuum_freeze_table_age', 'user', '150000000', 'At which age a vacuum reads the whole table to freeze.', {
    min: 0,
    max: 2000000000,
  }),
  real(
    'vacuum_max_eager_freeze_failure_rate',
    'user',
    '0.03',
    'How often eager freezing may fail before vacuum stops it.',
    { min: 0, max: 1, since: 18 },
  ),
  integer(
    'vacuum_multixact_failsafe_age',
    'user',
    '1600000000',
    'At which age of multixacts vacuum leaves all but freezing undone.',
    { min: 0, max: 2100000000 },
  ),
  integer('vacuum_multixact_freeze_min_age', 'user', '5000000', "How old a row's multixact must be to be frozen.", {
    min: 0,
    max: 1000000000,
  }),
  integer(
    'vacuum_multixact_freeze_table_age',
    'user',
    '150000000',
    'At which age of multixacts a vacuum reads the whole table.',
    { min: 0, max: 2000000000 },
  ),
]
