// Functions that ask the session: time, identity, settings, randomness, sleep, transactions.

import { booleanType } from '../../catalog/types/boolean.ts'
import { float8Type } from '../../catalog/types/float.ts'
import { oidType, regclassType, voidType, xid8Type, xidType } from '../../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../../catalog/types/integer.ts'
import type { Interval } from '../../catalog/types/interval.ts'
import { intervalType, microsecondsPerDay } from '../../catalog/types/interval.ts'
import { nameType, textType } from '../../catalog/types/text.ts'
import { dateType, timestampType, timestamptzType } from '../../catalog/types/timestamp.ts'
import type { Value } from '../../catalog/types/type.ts'
import { formatType, typeByOid } from '../../catalog/types/types.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { fail } from '../../shared/error.ts'
import { timestampOf } from '../../shared/timestamp.ts'
import { versionFacts } from '../../shared/versions.ts'
import { isNormal } from '../../transactions/transaction-id.ts'
import type { Execution } from '../expressions/execution.ts'
import { assignSetting, findSetting, showSetting } from '../settings.ts'
import type { SessionFunction } from './registry.ts'

const transactionTime = ({ session }: Execution) => timestampOf(session.transaction.startedAt)
const statementTime = ({ session }: Execution) => timestampOf(session.proc.queryStartedAt)
const clockTime = ({ session }: Execution) => timestampOf(session.me.now())

/** Sleeps until the time has come; a cancel request wakes and ends it. */
function* sleepUntil({ session: { me } }: Execution, until: number): Coroutine<Value> {
  while (me.now() < until) {
    yield* me.waitLatch({ until, waitEvent: 'PgSleep' })
    me.latch.reset()
    yield* me.pause()
  }
  return ''
}

function currentXid({ session: { transaction } }: Execution, name: string): Value {
  if (transaction.transactions.inRecovery) fail('25006', `cannot execute ${name}() during recovery`)
  transaction.xid()
  return transaction.topXidIfAny()
}

/** How many transactions ago; what never was one is infinitely old. */
function age({ session }: Execution, xid: number): Value {
  if (!isNormal(xid)) return 0x7fff_ffff
  const { transaction, server } = session
  return ((transaction.topXidIfAny() || server.transactions.nextXid) - xid) | 0
}

function transactionStatus({ session }: Execution, xid: number): Value {
  const status = session.transaction.transactions.statusOf(xid)
  return status
}

const user = ({ session }: Execution) => session.proc.role

export const sessionFunctions: readonly SessionFunction[] = [
  ...['now', 'transaction_timestamp'].map(name => ({
    name,
    parameters: [],
    returns: timestamptzType,
    session: transactionTime,
  })),
  { name: 'statement_timestamp', parameters: [], returns: timestamptzType, session: statementTime },
  { name: 'clock_timestamp', parameters: [], returns: timestamptzType, session: clockTime, isVolatile: true },
  { name: 'localtimestamp', parameters: [], returns: timestampType, session: transactionTime },
  {
    name: 'current_date',
    parameters: [],
    returns: dateType,
    session: execution => Math.floor(transactionTime(execution) / microsecondsPerDay),
  },
  {
    name: 'random',
    parameters: [],
    returns: float8Type,
    session: ({ session }) => session.random.fraction(),
    isVolatile: true,
  },
  { name: 'pg_backend_pid', parameters: [], returns: int4Type, session: ({ session }) => session.me.pid },
  { name: 'current_user', parameters: [], returns: nameType, session: user },
  { name: 'session_user', parameters: [], returns: nameType, session: user },
  { name: 'current_database', parameters: [], returns: nameType, session: ({ session }) => session.proc.database },
  { name: 'current_schema', parameters: [], returns: nameType, session: () => 'public' },
  {
    name: 'version',
    parameters: [],
    returns: textType,
    session: ({ session }) =>
      `PostgreSQL ${versionFacts(session.server.environment.version).release}, simulated by pgdrill`,
  },
  {
    name: 'current_setting',
    parameters: [textType],
    returns: textType,
    session: ({ session }, name: string) => showSetting(session, name),
  },
  {
    name: 'current_setting',
    parameters: [textType, booleanType],
    returns: textType,
    session: ({ session }, name: string, missingOk: boolean) =>
      missingOk ? (findSetting(session, name) ?? null) : showSetting(session, name),
  },
  {
    name: 'set_config',
    parameters: [textType, textType, booleanType],
    returns: textType,
    isVolatile: true,
    acceptsNull: true,
    session({ session }, name: string | null, value: string | null, isLocal: boolean | null) {
      if (name === null) return fail('22004', 'SET requires parameter name')
      assignSetting(session, name, value ?? undefined, isLocal ?? false)
      return showSetting(session, name)
    },
  },
  {
    name: 'pg_sleep',
    parameters: [float8Type],
    returns: voidType,
    isVolatile: true,
    wait: (execution, seconds: number) => sleepUntil(execution, execution.session.me.now() + Math.ceil(seconds * 1e9)),
  },
  {
    name: 'pg_sleep_for',
    parameters: [intervalType],
    returns: voidType,
    isVolatile: true,
    wait: (execution, interval: Interval) => sleepUntil(execution, execution.session.me.now() + interval.span() * 1000),
  },
  ...[
    { name: 'txid_current', type: int8Type },
    { name: 'pg_current_xact_id', type: xid8Type },
  ].map(({ name, type }) => ({
    name,
    parameters: [],
    returns: type,
    session: (execution: Execution) => currentXid(execution, name),
  })),
  ...[
    { name: 'txid_current_if_assigned', type: int8Type },
    { name: 'pg_current_xact_id_if_assigned', type: xid8Type },
  ].map(({ name, type }) => ({
    name,
    parameters: [],
    returns: type,
    session: ({ session }: Execution) => session.transaction.topXidIfAny() || null,
  })),
  { name: 'age', parameters: [xidType], returns: int4Type, session: age },
  {
    name: 'pg_stat_force_next_flush',
    parameters: [],
    returns: voidType,
    isVolatile: true,
    session({ session }) {
      session.transaction.statistics.forceNextReport()
      return ''
    },
  },
  { name: 'txid_status', parameters: [int8Type], returns: textType, session: transactionStatus },
  { name: 'pg_xact_status', parameters: [xid8Type], returns: textType, session: transactionStatus },
  {
    name: 'format_type',
    parameters: [oidType, int4Type],
    returns: textType,
    session: (_execution, oid: number, modifier: number) => {
      const type = typeByOid(oid)
      return type ? formatType(type, modifier) : '???'
    },
  },
  {
    name: 'pg_postmaster_start_time',
    parameters: [],
    returns: timestamptzType,
    session: ({ session }) => timestampOf(session.me.parent?.startedAt ?? 0),
  },
  {
    name: 'to_regclass',
    parameters: [textType],
    returns: regclassType,
    session: ({ session }, name: string) => session.catalog.byName(name)?.id ?? null,
  },
]
