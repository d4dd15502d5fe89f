// The settings of PostgreSQL's chapter "Query tuning", 15 to 18.

import { bool, choice, integer, real } from './define.ts'

export const queryTuning = [
  // Genetic Query Optimizer
  bool('geqo', 'user', 'on', 'Whether large joins are planned by a genetic algorithm.'),
  integer('geqo_effort', 'user', '5', 'How thoroughly it searches.', { min: 1, max: 10 }),
  integer('geqo_generations', 'user', '0', 'How many generations it has.', { min: 0, max: 2147483647 }),
  integer('geqo_pool_size', 'user', '0', 'How many individuals it has.', { min: 0, max: 2147483647 }),
  real('geqo_seed', 'user', '0', 'Where its chance starts from.', { min: 0, max: 1 }),
  real('geqo_selection_bias', 'user', '2', 'How strongly it selects.', { min: 1.5, max: 2 }),
  integer('geqo_threshold', 'user', '12', 'From how many tables on it is used.', { min: 2, max: 2147483647 }),

  // Other Planner Options
  choice(
    'constraint_exclusion',
    'user',
    ['partition', 'on', 'off'],
    'partition',
    'Whether constraints are used to leave tables out of a plan.',
  ),
  real('cursor_tuple_fraction', 'user', '0.1', "Which part of a cursor's rows is expected to be fetched.", {
    min: 0,
    max: 1,
  }),
  integer('default_statistics_target', 'user', '100', 'How detailed statistics of columns are.', {
    min: 1,
    max: 10000,
  }),
  integer('from_collapse_limit', 'user', '8', 'Up to how many tables subqueries are merged into the outer query.', {
    min: 1,
    max: 2147483647,
  }),
  bool('jit', 'user', 'on', 'Whether plans may be compiled.'),
  integer('join_collapse_limit', 'user', '8', 'Up to how many tables joins are reordered.', {
    min: 1,
    max: 2147483647,
  }),
  choice(
    'plan_cache_mode',
    'user',
    ['auto', 'force_generic_plan', 'force_custom_plan'],
    'auto',
    'Whether prepared statements get a plan for all values or for each.',
  ),
  real(
    'recursive_worktable_factor',
    'user',
    '10',
    'How large the working table of a recursive query is expected to be.',
    { min: 0.001, max: 1000000 },
  ),

  // Planner Cost Constants
  real('cpu_index_tuple_cost', 'user', '0.005', 'The cost of one index entry.', { min: 0 }),
  real('cpu_operator_cost', 'user', '0.0025', 'The cost of one operator.', { min: 0 }),
  real('cpu_tuple_cost', 'user', '0.01', 'The cost of one row.', { min: 0 }),
  integer('effective_cache_size', 'user', '4GB', 'How much of the data the planner expects to be cached.', {
    unit: '8kB',
    min: 1,
    max: 2147483647,
  }),
  real('jit_above_cost', 'user', '100000', 'From which cost on a plan is compiled.', { min: -1 }),
  real('jit_inline_above_cost', 'user', '500000', 'From which cost on functions are inlined.', { min: -1 }),
  real('jit_optimize_above_cost', 'user', '500000', 'From which cost on compiled code is optimised.', { min: -1 }),
  integer('min_parallel_index_scan_size', 'user', '512kB', 'From which size on an index is read in parallel.', {
    unit: '8kB',
    min: 0,
    max: 715827882,
  }),
  integer('min_parallel_table_scan_size', 'user', '8MB', 'From which size on a table is read in parallel.', {
    unit: '8kB',
    min: 0,
    max: 715827882,
  }),
  real('parallel_setup_cost', 'user', '1000', 'The cost of starting parallel workers.', { min: 0 }),
  real('parallel_tuple_cost', 'user', '0.1', 'The cost of handing a row from a worker to its leader.', { min: 0 }),
  real('random_page_cost', 'user', '4', 'The cost of a page out of order.', { min: 0 }),
  real('seq_page_cost', 'user', '1', 'The cost of a page in order.', { min: 0 }),

  // Planner Method Configuration
  bool('enable_async_append', 'user', 'on', 'Whether plans may read several foreign tables at once.'),
  bool('enable_bitmapscan', 'user', 'on', 'Whether plans may use bitmap scans.'),
  bool('enable_distinct_reordering', 'user', 'on', 'Whether the columns of DISTINCT may be reordered.', { since: 18 }),
  bool('enable_gathermerge', 'user', 'on', 'Whether plans may merge the sorted rows of workers.'),
  bool('enable_group_by_reordering', 'user', 'on', 'Whether the columns of GROUP BY may be reordered.', { since: 17 }),
  bool('enable_hashagg', 'user', 'on', 'Whether plans may aggregate by hashing.'),
  bool('enable_hashjoin', 'user', 'on', 'Whether plans may join by hashing.'),
  bool('enable_incremental_sort', 'user', 'on', 'Whether plans may sort what is partly sorted.'),
  bool('enable_indexonlyscan', 'user', 'on', 'Whether plans may answer from an index alone.'),
  bool('enable_indexscan', 'user', 'on', 'Whether plans may use index scans.'),
  bool('enable_material', 'user', 'on', 'Whether plans may keep rows for a second reading.'),
  bool('enable_memoize', 'user', 'on', 'Whether plans may remember results of inner sides.'),
  bool('enable_mergejoin', 'user', 'on', 'Whether plans may join by merging.'),
  bool('enable_nestloop', 'user', 'on', 'Whether plans may join by nested loops.'),
  bool('enable_parallel_append', 'user', 'on', 'Whether workers may read several tables at once.'),
  bool('enable_parallel_hash', 'user', 'on', 'Whether workers may share a hash table.'),
  bool('enable_partition_pruning', 'user', 'on', "Whether partitions that can't match are left out."),
  bool('enable_partitionwise_aggregate', 'user', 'off', 'Whether partitions may be aggregated one by one.'),
  bool('enable_partitionwise_join', 'user', 'off', 'Whether partitions may be joined pair by pair.'),
  bool('enable_presorted_aggregate', 'user', 'on', 'Whether aggregates may get their input sorted by the plan.', {
    since: 16,
  }),
  bool('enable_self_join_elimination', 'user', 'on', 'Whether joins of a table with itself may be left out.', {
    since: 18,
  }),
  bool('enable_seqscan', 'user', 'on', 'Whether plans may read whole tables.'),
  bool('enable_sort', 'user', 'on', 'Whether plans may sort.'),
  bool('enable_tidscan', 'user', 'on', 'Whether plans may fetch rows by their place.'),
]
