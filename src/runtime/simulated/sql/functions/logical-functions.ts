// Functions of logical decoding: slots, their changes as rows, messages. Mirrors logicalfuncs.c.

import { formatLsn } from '../../../../model/format.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import { lsnType, recordType, xidType } from '../../catalog/types/identifiers.ts'
import { int4Type } from '../../catalog/types/integer.ts'
import { nameType, textType } from '../../catalog/types/text.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { logMessage } from '../../logical/logical-message.ts'
import { Decoding } from '../../logical/services.ts'
import { checkRequirements, confirmReceived, createLogicalSlot, openDecoder } from '../../logical/slots.ts'
import type { DecodedLine } from '../../logical/test-decoding.ts'
import { textPlugin } from '../../logical/text-plugin.ts'
import { type StandbyComplaint, waitForStandbys } from '../../replication/standby-confirmation.ts'
import { fail } from '../../shared/error.ts'
import type { Execution } from '../expressions/execution.ts'
import { notice } from '../notice.ts'
import type { SessionFunction, TableFunction } from './registry.ts'
import { refuseWithoutSlots } from './replication-functions.ts'

export function decodingOf(execution: Execution): Decoding {
  refuseWithoutSlots(execution)
  const { server, me, proc } = execution.session
  const decoding = new Decoding(server.environment, server, me, proc)
  checkRequirements(decoding)
  return decoding
}

function* createSlot(
  execution: Execution,
  name: string,
  plugin: string,
  isTemporary = false,
  twoPhase = false,
  failover = false,
): Coroutine<Value> {
  const decoding = decodingOf(execution)
  if (twoPhase) fail('0A000', 'decoding of prepared transactions is not played yet')
  if (execution.session.transaction.topXidIfAny() !== 0) {
    fail('25000', 'cannot create logical replication slot in transaction that has performed writes')
  }
  const database = decoding.proc.databaseId
  const slot = yield* createLogicalSlot(decoding, { name, plugin, database, failover, isTemporary })
  const { slots } = decoding.services
  slots.release(decoding.me, slot)
  return `(${slot.name},${formatLsn(slot.logical!.confirmedFlush)})`
}

/** Only text comes out of it, so that one of pgoutput can't be looked at. */
function changes(signature: string, consumes: boolean) {
  return function* (
    execution: Execution,
    name: string | null,
    upTo: number | null,
    limit: number | null,
    ...options: (string | null)[]
  ): Coroutine<Value[][]> {
    const decoding = decodingOf(execution)
    const { me, services } = decoding
    if (name === null) fail('22004', 'slot name must not be null')
    const given = readOptions(options)
    const { recovery, wal } = services
    const end = recovery.inRecovery ? recovery.replayedEnd : wal.flushedLsn
    const lines: DecodedLine[] = []
    const { slot, decoder } = openDecoder(decoding, name, { briefly: true }, ({ plugin }) =>
      textPlugin(name, plugin, given, line => lines.push(line)),
    )
    try {
      if (slot.logical!.plugin === 'pgoutput') {
        fail(
          '0A000',
          `logical decoding output plugin "pgoutput" produces binary output, but function "${signature}(name,pg_lsn,integer,text[])" expects textual data`,
        )
      }
      const lsn = upTo === null ? end : Math.min(upTo, end)
      yield* waitForStandbys(me, decoding.environment, services.slots, { slot, lsn, warn: warnIn(execution) })
      while (decoder.position < end) {
        if (!(yield* decoder.step())) break
        if (upTo !== null && decoder.position >= upTo) break
        if (limit !== null && limit !== 0 && lines.length >= limit) break
      }
      if (consumes) {
        yield* confirmReceived(decoding, slot, decoder.position)
        // A session could not say where it is when it comes again.
        slot.isDirty = true
      }
    } finally {
      services.slots.release(me, slot)
    }
    return lines.map(({ lsn, xid, data }) => [lsn, xid, data])
  }
}

export function warnIn({ session }: Execution) {
  return ({ sqlstate, message, detail, hint }: StandbyComplaint) =>
    notice(session, sqlstate, message, 'WARNING', hint, detail)
}

function readOptions(words: readonly (string | null)[]): Map<string, string> {
  if (words.includes(null)) fail('22004', 'array must not contain nulls')
  if (words.length % 2 !== 0) fail('22023', 'array must have even number of elements')
  const options = new Map<string, string>()
  for (let index = 0; index < words.length; index += 2) options.set(words[index]!, words[index + 1]!)
  return options
}

function emitMessage(
  { session }: Execution,
  isTransactional: boolean,
  prefix: string,
  content: string,
  flushes = false,
): Value {
  const { server, transaction, me, proc } = session
  if (server.recovery.inRecovery) {
    fail('XX000', `cannot ${isTransactional ? 'assign TransactionIds' : 'make new WAL entries'} during recovery`)
  }
  if (flushes) fail('0A000', 'pg_logical_emit_message that flushes is not played yet')
  const xid = isTransactional ? transaction.xid() : transaction.xidIfAny()
  const end = logMessage(me, server.wal, proc.databaseId, xid, { isTransactional, prefix, content })
  if (isTransactional) transaction.wrote(end)
  return end
}

const options = [nameType, lsnType, int4Type] as const
const columns = [
  { name: 'lsn', type: lsnType },
  { name: 'xid', type: xidType },
  { name: 'data', type: textType },
]

export const logicalTableFunctions: readonly TableFunction[] = [
  { name: 'pg_logical_slot_get_changes', consumes: true },
  { name: 'pg_logical_slot_peek_changes', consumes: false },
].flatMap(({ name, consumes }) => {
  const common = { name, returns: recordType, columns, table: changes(name, consumes) }
  return [
    { ...common, parameters: options },
    { ...common, parameters: [...options, textType], isVariadic: true },
  ]
})

export const logicalFunctions: readonly SessionFunction[] = [
  ...[
    { parameters: [nameType, nameType] },
    { parameters: [nameType, nameType, booleanType] },
    { parameters: [nameType, nameType, booleanType, booleanType] },
    { parameters: [nameType, nameType, booleanType, booleanType, booleanType], since: 17 },
  ].map(signature => ({
    name: 'pg_create_logical_replication_slot',
    ...signature,
    returns: recordType,
    isVolatile: true,
    wait: createSlot,
  })),
  ...[
    [booleanType, textType, textType],
    [booleanType, textType, textType, booleanType],
  ].map(parameters => ({
    name: 'pg_logical_emit_message',
    parameters,
    returns: lsnType,
    isVolatile: true,
    session: emitMessage,
  })),
]
