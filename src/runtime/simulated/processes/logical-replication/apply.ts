// Applies what the publisher sends, message after message: a transaction there becomes one here, whose commit record says
// where the other ended. Mirrors apply_dispatch of worker.c.

import { formatLsn } from '../../../../model/format.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { LogicalChange } from '../../shared/protocol.ts'
import { truncate } from '../../sql/statements/truncate.ts'
import { updateSubscription } from '../../sql/subscription-catalogs.ts'
import { type Applier, say } from './applier.ts'
import { applyDelete, applyInsert, applyUpdate } from './apply-rows.ts'
import { rereadSubscription } from './subscription-changes.ts'
import { synchronizeTables } from './synchronize.ts'
import { isMine, openTarget } from './targets.ts'

type Change<K extends LogicalChange['kind']> = Extract<LogicalChange, { kind: K }>

/** Of one message, in nanoseconds. */
const messageCost = 3000

export function* applyChange(applier: Applier, change: LogicalChange): Coroutine {
  const before = applier.command
  applier.command = change.kind.toUpperCase()
  applier.me.charge(messageCost)
  switch (change.kind) {
    case 'begin':
      begin(applier, change)
      break
    case 'commit':
      yield* commit(applier, change)
      break
    case 'relation':
      applier.relations.set(change.relation, change)
      break
    case 'truncate':
      if (!applier.skips) yield* applyTruncate(applier, change)
      break
    default:
      if (!applier.skips) yield* applyRow(applier, change)
  }
  applier.command = before
}

function begin(applier: Applier, { xid, finalLsn }: Change<'begin'>): void {
  applier.transaction = { xid, finalLsn }
  if (applier.subscription.skipLsn === 0 || applier.subscription.skipLsn !== finalLsn) return
  applier.skips = true
  say(applier, `logical replication starts skipping transaction at LSN ${formatLsn(finalLsn)}`)
}

/** In the local transaction, which begins with the first change. */
function* step(applier: Applier): Coroutine {
  applier.session.transaction.startCommand()
  yield* rereadSubscription(applier)
}

function* applyRow(applier: Applier, change: Change<'insert' | 'update' | 'delete'>): Coroutine {
  const { session } = applier
  yield* step(applier)
  const remote = applier.relations.get(change.relation)
  if (!remote) throw new Error(`no remote relation ${change.relation}`)
  const target = yield* openTarget(applier, remote)
  if (!(yield* isMine(applier, target))) return
  applier.target = `${remote.schema}.${remote.table}`
  if (change.kind === 'insert') yield* applyInsert(applier, target, change.next)
  else if (change.kind === 'update') yield* applyUpdate(applier, target, change.old, change.next)
  else yield* applyDelete(applier, target, change.old)
  applier.target = undefined
  session.transaction.commandCounterIncrement()
}

function* applyTruncate(applier: Applier, { relations, restartsSequences }: Change<'truncate'>): Coroutine {
  const { session } = applier
  yield* step(applier)
  const names = []
  for (const relation of relations) {
    const remote = applier.relations.get(relation)!
    const target = yield* openTarget(applier, remote)
    if (!(yield* isMine(applier, target))) continue
    names.push({ RangeVar: { schemaname: remote.schema, relname: remote.table, inh: true, location: -1 } })
  }
  if (names.length > 0) yield* truncate(session, { relations: names, restart_seqs: restartsSequences })
  session.transaction.commandCounterIncrement()
}

function* commit(applier: Applier, { commitLsn, endLsn, committedAt }: Change<'commit'>): Coroutine {
  const { session } = applier
  const { transaction } = session
  const { wal } = session.server
  if (applier.skips) {
    applier.skips = false
    say(applier, `logical replication completed skipping transaction at LSN ${formatLsn(commitLsn)}`)
    transaction.startCommand()
  }
  if (session.proc.localTransactionId !== 0) {
    yield* clearSkip(applier, commitLsn)
    transaction.origin = { lsn: endLsn, time: committedAt }
    yield* transaction.commitCommand()
    transaction.statistics.report(applier.me.now(), false)
    applier.flushPositions.push({ localEnd: transaction.lastCommit?.lsn ?? wal.endLsn, remoteEnd: endLsn })
  } else yield* rereadSubscription(applier)
  yield* synchronizeTables(applier, endLsn)
  applier.transaction = undefined
}

/** clear_subscription_skip_lsn: it was meant for this transaction, or for none. */
function* clearSkip(applier: Applier, commitLsn: number): Coroutine {
  const { session, subscription, me, server } = applier
  const { skipLsn } = subscription
  if (skipLsn === 0 || applier.worker.table !== 0) return
  yield* updateSubscription(session, subscription.oid, { subskiplsn: 0 })
  applier.subscription = { ...subscription, skipLsn: 0 }
  if (skipLsn === commitLsn) return
  const [finish, skip] = [formatLsn(commitLsn), formatLsn(skipLsn)]
  server.environment.log.report(me, {
    level: 'WARNING',
    message: `skip-LSN of subscription "${subscription.name}" cleared`,
    detail: `Remote transaction's finish WAL location (LSN) ${finish} did not match skip-LSN ${skip}.`,
  })
}
