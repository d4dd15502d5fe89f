// ALTER SUBSCRIPTION: its options, connection and publications, whether it is applied, a transaction that is passed over,
// and which tables there are now. Mirrors AlterSubscription of subscriptioncmds.c.

import type { AlterSubscriptionStmt } from '@pgsql/types'
import { formatLsn } from '../../../../model/format.ts'
import { originName, type Subscription, syncSlotName, tableState } from '../../catalog/subscriptions.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import type { Session } from '../session.ts'
import {
  addTable,
  dropOrigin,
  findOrigin,
  removeTables,
  subscribedTables,
  updateSubscription,
} from '../subscription-catalogs.ts'
import { readSubscriptionOptions } from './subscription-options.ts'
import { wakeLauncherAtCommit, wakeWorkersAtCommit } from './subscription-wakeups.ts'
import {
  checkConninfo,
  dropIfThere,
  findSubscription,
  publishedHere,
  reach,
  readPublications,
  stopWorkers,
} from './subscriptions.ts'

export function* alterSubscription(session: Session, tree: AlterSubscriptionStmt): Coroutine<string> {
  const { subname = '' } = tree
  const subscription = findSubscription(session, subname) ?? fail('42704', `subscription "${subname}" does not exist`)
  const { oid } = subscription
  switch (tree.kind) {
    case 'ALTER_SUBSCRIPTION_OPTIONS':
      yield* changeOptions(session, subscription, tree)
      break
    case 'ALTER_SUBSCRIPTION_ENABLED':
      yield* enable(session, subscription, tree)
      break
    case 'ALTER_SUBSCRIPTION_CONNECTION':
      checkConninfo(tree.conninfo ?? '')
      yield* updateSubscription(session, oid, { subconninfo: tree.conninfo ?? '' })
      break
    case 'ALTER_SUBSCRIPTION_SKIP':
      yield* skip(session, subscription, tree)
      break
    case 'ALTER_SUBSCRIPTION_REFRESH':
      yield* refreshOnly(session, subscription, tree)
      break
    default:
      yield* changePublications(session, subscription, tree)
  }
  wakeWorkersAtCommit(session, oid)
  return 'ALTER SUBSCRIPTION'
}

function* changeOptions(session: Session, { oid, isEnabled }: Subscription, tree: AlterSubscriptionStmt): Coroutine {
  const options = readSubscriptionOptions(
    tree.options ?? [],
    ['slot_name', 'synchronous_commit', 'disable_on_error'],
    session.server.environment.version,
  )
  if (options.slotName === null && isEnabled) {
    fail('55000', 'cannot set slot_name = NONE for enabled subscription')
  }
  yield* updateSubscription(session, oid, {
    ...(options.slotName === undefined ? {} : { subslotname: options.slotName }),
    ...(options.synchronousCommit === undefined ? {} : { subsynccommit: options.synchronousCommit }),
    ...(options.disableOnError === undefined ? {} : { subdisableonerr: options.disableOnError }),
  })
}

function* enable(session: Session, { oid, slotName }: Subscription, tree: AlterSubscriptionStmt): Coroutine {
  const { enabled = false } = readSubscriptionOptions(tree.options ?? [], ['enabled'], 15)
  if (enabled && slotName === undefined) {
    fail('55000', 'cannot enable subscription that does not have a slot name')
  }
  yield* updateSubscription(session, oid, { subenabled: enabled })
  if (enabled) wakeLauncherAtCommit(session)
}

function* skip(session: Session, { oid }: Subscription, tree: AlterSubscriptionStmt): Coroutine {
  const { lsn = 0 } = readSubscriptionOptions(tree.options ?? [], ['lsn'], 15)
  const origin = yield* findOrigin(session, originName(oid))
  const reached = origin === undefined ? 0 : (session.server.origins.progress(origin)?.remoteLsn ?? 0)
  if (lsn !== 0 && lsn < reached) {
    const places = `(LSN ${formatLsn(lsn)}) must be greater than origin LSN ${formatLsn(reached)}`
    fail('22023', `skip WAL location ${places}`)
  }
  yield* updateSubscription(session, oid, { subskiplsn: lsn })
}

function* refreshOnly(session: Session, subscription: Subscription, tree: AlterSubscriptionStmt): Coroutine {
  if (!subscription.isEnabled) {
    fail('55000', 'ALTER SUBSCRIPTION ... REFRESH is not allowed for disabled subscriptions')
  }
  const { version } = session.server.environment
  const { copyData = true } = readSubscriptionOptions(tree.options ?? [], ['copy_data'], version)
  session.transaction.preventInBlock('ALTER SUBSCRIPTION ... REFRESH')
  yield* refresh(session, subscription, subscription.publications, copyData)
}

function* changePublications(session: Session, subscription: Subscription, tree: AlterSubscriptionStmt): Coroutine {
  const { version } = session.server.environment
  const options = readSubscriptionOptions(tree.options ?? [], ['copy_data', 'refresh'], version)
  const { copyData = true, refresh: refreshes = true } = options
  const named = readPublications(tree.publication ?? [])
  const publications = merge(subscription, named, tree.kind)
  yield* updateSubscription(session, subscription.oid, { subpublications: publications })
  if (!refreshes) return
  if (!subscription.isEnabled) {
    fail('55000', 'ALTER SUBSCRIPTION with refresh is not allowed for disabled subscriptions', {
      hint: 'Use ALTER SUBSCRIPTION ... SET PUBLICATION ... WITH (refresh = false).',
    })
  }
  session.transaction.preventInBlock('ALTER SUBSCRIPTION with refresh')
  yield* refresh(session, subscription, publications, copyData)
}

/** merge_publications */
function merge(
  { name, publications }: Subscription,
  named: readonly string[],
  kind: AlterSubscriptionStmt['kind'],
): readonly string[] {
  if (kind === 'ALTER_SUBSCRIPTION_SET_PUBLICATION') return named
  const adds = kind === 'ALTER_SUBSCRIPTION_ADD_PUBLICATION'
  const unknown = adds ? undefined : named.find(each => !publications.includes(each))
  if (unknown !== undefined) fail('42P17', `publication "${unknown}" is not in subscription "${name}"`)
  const twice = adds ? named.find(each => publications.includes(each)) : undefined
  if (twice !== undefined) fail('42710', `publication "${twice}" is already in subscription "${name}"`)
  const left = adds ? [...publications, ...named] : publications.filter(each => !named.includes(each))
  if (left.length === 0) fail('42P17', 'cannot drop all the publications from a subscription')
  return left
}

/** AlterSubscription_refresh: tables that came are copied or not, those that went are forgotten. */
function* refresh(
  session: Session,
  { oid, name, conninfo }: Subscription,
  publications: readonly string[],
  copiesData: boolean,
): Coroutine {
  const publisher = yield* reach(session, conninfo, name)
  try {
    const published = yield* publishedHere(session, publisher, publications)
    const known = yield* subscribedTables(session, oid)
    for (const { id } of published) {
      if (known.some(({ table }) => table === id)) continue
      yield* addTable(session, oid, id, copiesData ? tableState.init : tableState.ready)
    }
    const system = session.server.controlFile.data.systemIdentifier
    for (const { table, state } of known) {
      if (published.some(({ id }) => id === table)) continue
      yield* removeTables(session, oid, table)
      yield* stopWorkers(session, oid, table)
      if (state === tableState.ready) continue
      yield* dropOrigin(session, originName(oid, table))
      if (state !== tableState.syncDone) yield* dropIfThere(session, publisher, syncSlotName(oid, table, system))
    }
  } finally {
    publisher.close()
  }
}
