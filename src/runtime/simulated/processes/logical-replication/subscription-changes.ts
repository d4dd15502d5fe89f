// A worker looks whether its subscription is still what it was: it ends when that is gone or disabled, and when it has to
// connect otherwise. Mirrors maybe_reread_subscription.

import type { Coroutine } from '../../kernel/task.ts'
import { type Applier, say } from './applier.ts'

export function* rereadSubscription(applier: Applier): Coroutine {
  const { session, me, subscription: old } = applier
  const { invalidations } = session.server.transactions
  if (invalidations.sentTo(session.proc.databaseId) === applier.generation) return
  const wasIdle = session.transactionStatus === 'I' && session.proc.localTransactionId === 0
  session.transaction.startCommand()
  const generation = invalidations.sentTo(session.proc.databaseId)
  const { subscriptions } = yield* session.refreshCatalog()
  const now = subscriptions.find(({ oid }) => oid === old.oid)
  const end = (why: string) => {
    const kind =
      session.server.environment.version === 15 ? 'logical replication apply worker' : 'logical replication worker'
    say(applier, `${kind} for subscription "${old.name}" will ${why}`)
    session.server.logicalWorkers.lastStart.delete(old.oid)
    me.exit(0)
  }
  if (!now) return end('stop because the subscription was removed')
  if (!now.isEnabled) return end('stop because the subscription was disabled')
  const isSame =
    now.conninfo === old.conninfo &&
    now.name === old.name &&
    now.slotName === old.slotName &&
    now.publications.join() === old.publications.join()
  if (!isSame) return end('restart because of a parameter change')
  applier.subscription = now
  applier.generation = generation
  session.settings.set('synchronous_commit', now.synchronousCommit, 0)
  if (wasIdle) yield* session.transaction.commitCommand()
}
