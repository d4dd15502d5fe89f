// The settings of PostgreSQL's chapter "Lock management and error handling", 15 to 18.

import { bool, choice, integer } from './define.ts'

export const lockManagement = [
  bool('data_sync_retry', 'postmaster', 'off', 'Whether a failed fsync is tried again; off means PANIC.'),
  bool('exit_on_error', 'user', 'off', 'Whether any error ends the session.'),
  choice(
    'recovery_init_sync_method',
    'sighup',
    ['fsync', 'syncfs'],
    'fsync',
    'How the data directory is flushed before crash recovery.',
  ),
  bool('restart_after_crash', 'sighup', 'on', 'Whether the server recovers by itself when a process crashed.'),
  integer(
    'deadlock_timeout',
    'superuser',
    '1s',
    'How long a process waits for a lock before it looks for a deadlock.',
    { unit: 'ms', min: 1, max: 2147483647 },
  ),
  integer(
    'max_locks_per_transaction',
    'postmaster',
    '64',
    'For how many locks a transaction the lock table has room, on average.',
    { min: 10, max: 2147483647 },
  ),
  integer(
    'max_pred_locks_per_page',
    'sighup',
    '2',
    'From how many row predicate locks on a page on the page is locked.',
    { min: 0, max: 2147483647 },
  ),
  integer(
    'max_pred_locks_per_relation',
    'sighup',
    '-2',
    'From how many page predicate locks on a relation on the relation is locked.',
    { min: -2147483648, max: 2147483647 },
  ),
  integer(
    'max_pred_locks_per_transaction',
    'postmaster',
    '64',
    'For how many predicate locks a transaction there is room, on average.',
    { min: 10, max: 2147483647 },
  ),
]
