// The settings of PostgreSQL's chapter "Statistics", 15 to 18.

import { bool, choice, integer } from './define.ts'

export const statistics = [
  // Cumulative Query and Index Statistics
  choice(
    'stats_fetch_consistency',
    'user',
    ['none', 'cache', 'snapshot'],
    'cache',
    'How consistent statistics are within a transaction.',
  ),
  bool('track_activities', 'superuser', 'on', 'Whether sessions show what they run.'),
  integer('track_activity_query_size', 'postmaster', '1kB', 'How much of a statement is shown.', {
    unit: 'B',
    min: 100,
    max: 1048576,
  }),
  bool('track_cost_delay_timing', 'superuser', 'off', 'Whether the time that vacuum rests is measured.', { since: 18 }),
  bool('track_counts', 'superuser', 'on', 'Whether statistics of tables are counted.'),
  choice('track_functions', 'superuser', ['none', 'pl', 'all'], 'none', 'Whether calls of functions are counted.'),
  bool('track_io_timing', 'superuser', 'off', 'Whether reading and writing of data is timed.'),
  bool('track_wal_io_timing', 'superuser', 'off', 'Whether writing of WAL is timed.'),

  // Monitoring
  choice(
    'compute_query_id',
    'superuser',
    ['auto', 'regress', 'on', 'off'],
    'auto',
    'Whether statements get an identifier.',
  ),
  bool('log_executor_stats', 'superuser', 'off', "Whether the executor's use of resources is logged."),
  bool('log_parser_stats', 'superuser', 'off', "Whether the parser's use of resources is logged."),
  bool('log_planner_stats', 'superuser', 'off', "Whether the planner's use of resources is logged."),
  bool('log_statement_stats', 'superuser', 'off', "Whether each statement's use of resources is logged."),
]
