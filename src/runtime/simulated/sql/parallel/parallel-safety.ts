// What may be computed by parallel workers. Mirrors proparallel of pg_proc, of the functions that are played, and
// max_parallel_hazard.

import { type Expression, some } from '../expressions/expression.ts'

/** A statement that calls one of them has no parallel workers at all. */
export const unsafeFunctions: ReadonlySet<string> = new Set([
  'current_schema',
  'current_schemas',
  'currval',
  'lastval',
  'nextval',
  'pg_copy_logical_replication_slot',
  'pg_copy_physical_replication_slot',
  'pg_create_logical_replication_slot',
  'pg_create_physical_replication_slot',
  'pg_current_xact_id',
  'pg_current_xact_id_if_assigned',
  'pg_drop_replication_slot',
  'pg_export_snapshot',
  'pg_logical_emit_message',
  'pg_logical_slot_get_changes',
  'pg_logical_slot_peek_changes',
  'pg_replication_slot_advance',
  'pg_sequence_last_value',
  'set_config',
  'setval',
  'txid_current',
  'txid_current_if_assigned',
])

/** Only the leader may call them. */
const restricted =
  /^(age|current_query|inet_(client|server)_(addr|port)|pg_(try_)?advisory_\w+|pg_backend_pid|pg_conf_load_time|pg_listening_channels|pg_my_temp_schema|pg_notification_queue_usage|pg_notify|pg_stat_\w+|pg_trigger_depth|random|setseed)$/

/**
 * Whether a worker may compute it from a row of the query at this depth. Subqueries are left to the leader, also those
 * whose value PostgreSQL would hand over.
 */
export function isParallelSafe(expression: Expression, depth: number): boolean {
  return !some(expression, each => {
    if (each.kind === 'call') return unsafeFunctions.has(each.name) || restricted.test(each.name)
    return each.kind === 'subquery' || (each.kind === 'column' && each.depth !== depth)
  })
}
