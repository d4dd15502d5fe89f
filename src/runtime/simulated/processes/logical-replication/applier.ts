// What the parts of a worker of logical replication share: whose changes it applies, how far it is, and what an error that
// strikes now is about. Mirrors the static variables of worker.c and its error context.

import { formatLsn } from '../../../../model/format.ts'
import type { Subscription } from '../../catalog/subscriptions.ts'
import type { Publisher } from '../../logical/publisher.ts'
import type { Process } from '../../machine/process.ts'
import type { LogicalWorker } from '../../replication/logical-workers.ts'
import type { Server } from '../../server.ts'
import type { LogicalChange } from '../../shared/protocol.ts'
import type { Session } from '../../sql/session.ts'

/** A transaction of the publisher that is being applied. */
export interface RemoteTransaction {
  readonly xid: number
  /** Where its commit record begins. */
  readonly finalLsn: number
}

/** A commit here, and where the one that it repeats ends there. */
export interface FlushPosition {
  readonly localEnd: number
  readonly remoteEnd: number
}

export type RemoteRelation = Extract<LogicalChange, { kind: 'relation' }>

export interface Applier {
  readonly me: Process
  readonly server: Server
  readonly session: Session
  readonly worker: LogicalWorker
  /** As it was read last; `generation`: of the catalogs then. */
  subscription: Subscription
  generation: number
  /** The replication origin by which its progress is known. */
  originName: string
  publisher: Publisher | undefined
  /** Where what is received ends, on the publisher. */
  received: number
  readonly flushPositions: FlushPosition[]
  transaction: RemoteTransaction | undefined
  /** The transaction is passed over. */
  skips: boolean
  readonly relations: Map<number, RemoteRelation>
  /** What it does at the moment, for errors. */
  command: string | undefined
  target: string | undefined
  /** When it last started the copy of a table, by oid. */
  readonly copyStarted: Map<number, number>
}

/** CONTEXT of what is said now; undefined: it is about nothing that came. */
export function contextOf({ originName, command, target, transaction }: Applier): string | undefined {
  if (command === undefined) return undefined
  const what = `processing remote data for replication origin "${originName}" during message type "${command}"`
  const where = target === undefined ? '' : ` for replication target relation "${target}"`
  if (!transaction) return what + where
  return `${what}${where} in transaction ${transaction.xid}, finished at ${formatLsn(transaction.finalLsn)}`
}

/** Into the server log, with what it is about. */
export function say(
  applier: Applier,
  message: string,
  more: { readonly sqlstate?: string; readonly detail?: string } = {},
): void {
  const { me, server } = applier
  const context = contextOf(applier)
  server.environment.log.report(me, {
    level: 'LOG',
    message,
    ...more,
    ...(context === undefined ? {} : { context }),
  })
}
