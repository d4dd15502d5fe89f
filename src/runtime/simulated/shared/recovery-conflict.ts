// What a query on a standby can be in the way of: the reasons, and how the startup process tells a session of one.
// Mirrors the PROCSIG_RECOVERY_CONFLICT signals; what a session makes of them is in processes/backend/.

import type { Proc } from './proc.ts'

/** As the log names them, behind "recovery conflict on". */
export const conflictReasons = [
  'tablespace',
  'lock',
  'snapshot',
  'logical slot',
  'buffer pin',
  'buffer deadlock',
  'database',
] as const

export type ConflictReason = (typeof conflictReasons)[number]

/** The DETAIL that the session's client is given. */
export const conflictDetails: Readonly<Record<ConflictReason, string>> = {
  tablespace: 'User was or might have been using tablespace that must be dropped.',
  lock: 'User was holding a relation lock for too long.',
  snapshot: 'User query might have needed to see row versions that must be removed.',
  'logical slot': 'User was using a logical replication slot that must be invalidated.',
  'buffer pin': 'User was holding shared buffer pin for too long.',
  'buffer deadlock': 'User transaction caused buffer deadlock with recovery.',
  database: 'User was connected to a database that must be dropped.',
}

export function signalConflict(proc: Proc, reason: ConflictReason, cause: number | undefined): void {
  proc.conflicts.add(reason)
  proc.process.signal('USR1', cause)
}
