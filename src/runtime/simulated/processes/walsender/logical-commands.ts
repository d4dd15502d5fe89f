// What a WAL sender does for a subscriber: its slots, what its publications have, the first copy of a table, and the stream
// of changes. Mirrors CreateReplicationSlot, DropReplicationSlot and StartLogicalReplication of walsender.c, and the SQL
// that subscribers send.

import { millisecond } from '../../../../model/units.ts'
import { deformTuple } from '../../access/tuple.ts'
import type { Datum } from '../../access/tuple-descriptor.ts'
import { Table } from '../../catalog/relations.ts'
import { namespaceName } from '../../catalog/tables.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { AccessShareLock } from '../../locks/lock-mode.ts'
import { publishedTables, texts } from '../../logical/pgoutput.ts'
import { Decoding } from '../../logical/services.ts'
import { checkRequirements, createLogicalSlot } from '../../logical/slots.ts'
import { fail } from '../../shared/error.ts'
import { type FrontendMessage, type LogicalRow, textSize } from '../../shared/protocol.ts'
import { TransactionState } from '../../transactions/transaction-state.ts'
import { setTitle } from '../auxiliary.ts'
import { showActivity } from '../backend/interrupts.ts'
import { send } from '../backend/report.ts'
import { streamChanges } from './logical-stream.ts'
import { type Sending, walSenderTitle } from './sending.ts'

type Message<K extends FrontendMessage['kind']> = Extract<FrontendMessage, { kind: K }>

/** Of one row that is copied, in nanoseconds. */
const copyRowCost = 800

/** False: the connection is over. Undefined: it is no message of a subscriber's. */
export function* answerSubscriber(self: Sending, message: FrontendMessage): Coroutine<boolean | undefined> {
  switch (message.kind) {
    case 'create logical slot':
      yield* createSlot(self, message)
      return true
    case 'drop slot':
      yield* dropSlot(self, message)
      return true
    case 'published tables':
      yield* tellPublishedTables(self, message)
      return true
    case 'begin snapshot':
      begin(self, 'BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ')
      done(self, 'BEGIN')
      return true
    case 'copy table':
      yield* copyTable(self, message)
      return true
    case 'end snapshot':
      showActivity(self.proc, self.me.now(), 'active', 'COMMIT')
      if (self.transaction) yield* self.transaction.commitCommand()
      self.proc.xmin = 0
      self.snapshot = undefined
      done(self, 'COMMIT')
      return true
    case 'start logical replication':
      return yield* startReplication(self, message)
    default:
      return undefined
  }
}

function decodingOf({ me, server, proc }: Sending): Decoding {
  return new Decoding(server.environment, server.shared, me, proc)
}

function begin(self: Sending, command: string): TransactionState {
  const { me, server, proc } = self
  showActivity(proc, me.now(), 'active', command)
  self.transaction ??= new TransactionState(server.shared.transactions, me, proc)
  self.transaction.startCommand()
  return self.transaction
}

function done({ client }: Sending, tag: string): void {
  send(client, { kind: 'command complete', tag, size: tag.length + 6 })
}

function* createSlot(self: Sending, message: Message<'create logical slot'>): Coroutine {
  const { me, server, proc, client } = self
  const { slot: name, plugin, snapshot, command } = message
  showActivity(proc, me.now(), 'active', command)
  setTitle(me, server, walSenderTitle(self), 'CREATE_REPLICATION_SLOT')
  const { slots, transactions } = server.shared
  const decoding = decodingOf(self)
  checkRequirements(decoding)
  // Rows that the copy will want to see must not go meanwhile.
  if (snapshot === 'use') proc.xmin = transactions.oldestRunning()
  const whenFound = (found: Sending['snapshot']) => {
    self.snapshot = found
    if (found) proc.xmin = found.xmin
  }
  const slot = yield* createLogicalSlot(
    decoding,
    { name, plugin, database: proc.databaseId },
    snapshot === 'use' ? whenFound : undefined,
  )
  slots.release(me, slot)
  send(client, { kind: 'slot created', slot: name, consistentPoint: slot.logical!.confirmedFlush, size: 90 })
}

/** Who has it is on its way out. */
function* dropSlot(self: Sending, { slot }: Message<'drop slot'>): Coroutine {
  const { me, server, proc } = self
  const { slots, transactions } = server.shared
  showActivity(proc, me.now(), 'active', `DROP_REPLICATION_SLOT ${slot} WAIT`)
  while ((slots.find(slot)?.activePid ?? 0) !== 0) {
    yield* me.sleep(millisecond, 'ReplicationSlotDrop')
    yield* me.pause()
  }
  slots.drop(me, slot)
  transactions.slotCatalogXmin = slots.requiredCatalogXmin()
  done(self, 'DROP_REPLICATION_SLOT')
}

function* tellPublishedTables(self: Sending, { publications }: Message<'published tables'>): Coroutine {
  const { server, client } = self
  const transaction = begin(self, 'SELECT … FROM pg_catalog.pg_publication_tables')
  const image = yield* server.shared.catalog.image(transaction)
  yield* transaction.commitCommand()
  const found = image.publications.filter(({ name }) => publications.includes(name))
  const all = image.all().filter(each => each instanceof Table)
  send(client, {
    kind: 'published tables',
    publications: found.map(({ name }) => name),
    tables: publishedTables(all, found).map(({ namespace, name }) => ({
      schema: namespaceName(namespace),
      table: name,
    })),
    size: textSize(...all.map(({ name }) => name)),
  })
}

/** The rows as of the snapshot of the slot that was made before, page by page. */
function* copyTable(self: Sending, { schema, table: name }: Message<'copy table'>): Coroutine {
  const { me, server, client, snapshot } = self
  const transaction = begin(self, `COPY ${schema}.${name} TO STDOUT`)
  setTitle(me, server, walSenderTitle(self), 'COPY')
  const { heap, catalog, locks } = server.shared
  const image = yield* catalog.image(transaction)
  const table = image.byName(name, schema)
  if (!(table instanceof Table)) fail('42P01', `relation "${schema}.${name}" does not exist`)
  yield* locks.acquire(self.proc, table.lockTag, AccessShareLock)
  const columns = table.columns.map(column => column.name)
  const scan = heap.beginScan(transaction, table, snapshot ?? transaction.latestSnapshot())
  transaction.statistics.of(table.id).sequentialScans++
  let count = 0
  for (let page = yield* scan.nextPage(me); page; page = yield* scan.nextPage(me)) {
    const rows: LogicalRow[] = page.map(tuple => {
      const values: Datum[] = []
      deformTuple(tuple, table.descriptor, values, table.columns.length)
      return texts(table, values)
    })
    count += rows.length
    me.charge(rows.length * copyRowCost)
    const size = rows.reduce((sum, row) => sum + textSize(...row), 0)
    send(client, { kind: 'copied rows', columns, rows, size })
    yield* me.pause()
  }
  done(self, `COPY ${count}`)
}

function* startReplication(self: Sending, message: Message<'start logical replication'>): Coroutine<boolean> {
  const { me, server, proc } = self
  showActivity(proc, me.now(), 'active', message.command)
  setTitle(me, server, walSenderTitle(self), 'START_REPLICATION')
  const decoding = decodingOf(self)
  checkRequirements(decoding)
  return yield* streamChanges(self, decoding, message)
}
