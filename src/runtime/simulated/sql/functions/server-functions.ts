// Functions that ask or move the server: WAL positions, recovery, other sessions, sizes.

import { formatLsn } from '../../../../model/format.ts'
import { int4ArrayType } from '../../catalog/types/array.ts'
import { booleanType } from '../../catalog/types/boolean.ts'
import { lsnType, regclassType } from '../../catalog/types/identifiers.ts'
import { int4Type, int8Type } from '../../catalog/types/integer.ts'
import { textSize, textType } from '../../catalog/types/text.ts'
import { timestamptzType } from '../../catalog/types/timestamp.ts'
import type { Value } from '../../catalog/types/type.ts'
import type { Coroutine } from '../../kernel/task.ts'
import { logRunningTransactions } from '../../recovery/running-transactions.ts'
import { fail } from '../../shared/error.ts'
import { timestampOf } from '../../shared/timestamp.ts'
import { relationPath } from '../../storage/relation-files.ts'
import { previousSegmentOf, segmentName } from '../../wal/lsn.ts'
import { forks, xlogInfo } from '../../wal/record.ts'
import { resourceManagers } from '../../wal/resource-managers.ts'
import { refuseMinimal } from '../../wal/wal-level.ts'
import type { Execution } from '../expressions/execution.ts'
import type { SessionFunction } from './registry.ts'
import { relationSize, totalRelationSize } from './relation-size.ts'

function refuseDuringRecovery({ session }: Execution, what = 'WAL control functions'): void {
  if (!session.server.recovery.inRecovery) return
  fail('55000', 'recovery is in progress', { hint: `${what} cannot be executed during recovery.` })
}

/** Functions about the WAL that is written make no sense while one is only replayed, and the other way round. */
function whileWriting(get: (execution: Execution) => Value): (execution: Execution) => Value {
  return execution => {
    refuseDuringRecovery(execution)
    return get(execution)
  }
}

function lsnOrNull(lsn: number): Value {
  return lsn === 0 ? null : lsn
}

/** Whom a READ ONLY DEFERRABLE transaction waits for. */
function safeSnapshotBlockers({ session }: Execution, pid: number): Value {
  const { procArray, transactions } = session.server
  const proc = procArray.byPid(pid)
  return proc ? transactions.serializable.safeSnapshotBlockers(proc).map(each => each.pid) : []
}

function blockers({ session }: Execution, pid: number): Value {
  const { procArray, locks } = session.server
  const proc = procArray.byPid(pid)
  return proc ? locks.blockersOf(proc).map(each => each.pid) : []
}

export const serverFunctions: readonly SessionFunction[] = [
  {
    name: 'pg_reload_conf',
    parameters: [],
    returns: booleanType,
    isVolatile: true,
    session({ session: { me, proc } }) {
      if (!proc.isSuperuser) fail('42501', 'permission denied for function pg_reload_conf')
      me.parent?.signal('HUP', me.cause)
      return true
    },
  },
  {
    name: 'pg_is_in_recovery',
    parameters: [],
    returns: booleanType,
    session: ({ session }) => session.server.recovery.inRecovery,
    isVolatile: true,
  },
  {
    name: 'pg_current_wal_lsn',
    parameters: [],
    returns: lsnType,
    session: whileWriting(({ session }) => session.server.wal.writtenLsn),
    isVolatile: true,
  },
  {
    name: 'pg_current_wal_insert_lsn',
    parameters: [],
    returns: lsnType,
    session: whileWriting(({ session }) => session.server.wal.insertLsn),
    isVolatile: true,
  },
  {
    name: 'pg_current_wal_flush_lsn',
    parameters: [],
    returns: lsnType,
    session: whileWriting(({ session }) => session.server.wal.flushedLsn),
    isVolatile: true,
  },
  {
    name: 'pg_last_wal_receive_lsn',
    parameters: [],
    returns: lsnType,
    session: ({ session }) => lsnOrNull(session.server.walReceiver.flushed),
    isVolatile: true,
  },
  {
    name: 'pg_last_wal_replay_lsn',
    parameters: [],
    returns: lsnType,
    session: ({ session }) => lsnOrNull(session.server.recovery.replayedEnd),
    isVolatile: true,
  },
  {
    name: 'pg_last_xact_replay_timestamp',
    parameters: [],
    returns: timestamptzType,
    isVolatile: true,
    session: ({ session }) => {
      const time = session.server.recovery.lastTransactionTime
      return time === undefined ? null : timestampOf(time)
    },
  },
  { name: 'pg_walfile_name', parameters: [lsnType], returns: textType, session: walFileName },
  {
    name: 'pg_switch_wal',
    parameters: [],
    returns: lsnType,
    isVolatile: true,
    *wait(execution) {
      refuseDuringRecovery(execution)
      return yield* execution.session.server.wal.switchSegment(execution.session.me)
    },
  },
  {
    name: 'pg_log_standby_snapshot',
    parameters: [],
    returns: lsnType,
    isVolatile: true,
    since: 16,
    session: ({ session: { server, me } }) => {
      if (server.recovery.inRecovery) {
        fail('55000', 'recovery is in progress', {
          hint: 'pg_log_standby_snapshot() cannot be executed during recovery.',
        })
      }
      return logRunningTransactions(me, server)
    },
  },
  {
    name: 'pg_create_restore_point',
    parameters: [textType],
    returns: lsnType,
    isVolatile: true,
    session: (execution, name: string) => whileWriting(() => createRestorePoint(execution, name))(execution),
  },
  {
    name: 'pg_promote',
    parameters: [],
    returns: booleanType,
    isVolatile: true,
    wait: execution => promote(execution, true, 60),
  },
  {
    name: 'pg_promote',
    parameters: [booleanType, int4Type],
    returns: booleanType,
    isVolatile: true,
    wait: promote,
  },
  {
    name: 'pg_reload_conf',
    parameters: [],
    returns: booleanType,
    isVolatile: true,
    session: ({ session: { me } }) => me.parent !== undefined && me.host.kill(me.parent.pid, 'HUP', me.cause),
  },
  {
    name: 'pg_rotate_logfile',
    parameters: [],
    returns: booleanType,
    isVolatile: true,
    session: rotateLogFile,
  },
  {
    name: 'pg_current_logfile',
    parameters: [],
    returns: textType,
    isVolatile: true,
    session: execution => currentLogFile(execution),
  },
  {
    name: 'pg_current_logfile',
    parameters: [textType],
    returns: textType,
    isVolatile: true,
    session: currentLogFile,
  },
  { name: 'pg_blocking_pids', parameters: [int4Type], returns: int4ArrayType, session: blockers, isVolatile: true },
  {
    name: 'pg_safe_snapshot_blocking_pids',
    parameters: [int4Type],
    returns: int4ArrayType,
    session: safeSnapshotBlockers,
    isVolatile: true,
  },
  {
    name: 'pg_relation_size',
    parameters: [regclassType],
    returns: int8Type,
    session: (execution, oid: number) => relationSize(execution, oid, forks.main),
    isVolatile: true,
  },
  {
    name: 'pg_relation_size',
    parameters: [regclassType, textType],
    returns: int8Type,
    isVolatile: true,
    session: (execution, oid: number, fork: string) => relationSize(execution, oid, forkNamed(fork)),
  },
  {
    name: 'pg_table_size',
    parameters: [regclassType],
    returns: int8Type,
    session: (execution, oid: number) => totalRelationSize(execution, oid, false),
    isVolatile: true,
  },
  {
    name: 'pg_total_relation_size',
    parameters: [regclassType],
    returns: int8Type,
    session: (execution, oid: number) => totalRelationSize(execution, oid, true),
    isVolatile: true,
  },
  {
    name: 'pg_indexes_size',
    parameters: [regclassType],
    returns: int8Type,
    isVolatile: true,
    session: (execution, oid: number) => {
      const [all, table] = [totalRelationSize(execution, oid, true), totalRelationSize(execution, oid, false)]
      return all === null || table === null ? null : all - table
    },
  },
  {
    name: 'pg_relation_filepath',
    parameters: [regclassType],
    returns: textType,
    session: ({ session }, oid: number) => {
      const relation = session.catalog.byOid(oid)
      return relation ? relationPath(session.server.environment.version, relation.locator, forks.main) : null
    },
  },
]

function rotateLogFile({ session: { server, me, send } }: Execution): Value {
  if (!server.environment.settings.get('logging_collector')) {
    send({
      kind: 'notice',
      level: 'WARNING',
      sqlstate: '01000',
      message: 'rotation not possible because log collection not active',
      size: 80,
    })
    return false
  }
  server.requests.logRotation = true
  if (me.parent) me.host.kill(me.parent.pid, 'USR1', me.cause)
  return true
}

/** What the logger wrote down; without a format the first there is. */
function currentLogFile({ session: { server } }: Execution, format?: string): Value {
  if (format !== undefined && !/^(stderr|csvlog|jsonlog)$/.test(format)) {
    fail('22023', `log format "${format}" is not supported`, {
      hint: 'The supported log formats are "stderr", "csvlog", and "jsonlog".',
    })
  }
  const { data } = server.environment
  if (!data.exists('current_logfiles')) return null
  const lines = new TextDecoder().decode(data.peek('current_logfiles')).split('\n')
  const line = lines.find(each => each !== '' && (format === undefined || each.startsWith(`${format} `)))
  return line === undefined ? null : line.slice(line.indexOf(' ') + 1)
}

function forkNamed(name: string): number {
  const known: Readonly<Record<string, number>> = {
    main: forks.main,
    fsm: forks.freeSpaceMap,
    vm: forks.visibilityMap,
    init: forks.init,
  }
  return (
    known[name] ?? fail('22023', 'invalid fork name', { hint: 'Valid fork names are "main", "fsm", "vm", and "init".' })
  )
}

function walFileName(execution: Execution, lsn: number): Value {
  refuseDuringRecovery(execution, 'pg_walfile_name()')
  return segmentName(execution.session.server.wal.timeline, previousSegmentOf(lsn))
}

/** A record that recovery can stop at: when, and the name in 64 bytes. */
function createRestorePoint({ session: { server, me, proc } }: Execution, name: string): Value {
  refuseMinimal(server.wal, server.environment.version, 'creating a restore point')
  if (textSize(name) > 63) fail('22023', 'value too long for restore point (maximum 63 characters)')
  const record = server.wal.begin(resourceManagers.xlog, xlogInfo.restorePoint, 0)
  record.data.u64(timestampOf(me.now()))
  const at = record.data.reserve(64)
  record.data.bytes.fill(0, at, at + 64)
  new TextEncoder().encodeInto(name, record.data.bytes.subarray(at, at + 63))
  const lsn = server.wal.insert(me, record)
  server.environment.log.log(me, `restore point "${name}" created at ${formatLsn(lsn)}`, { statement: proc.statement })
  return lsn
}

/** Leaves the file that the startup process looks for, and signals the postmaster; then waits for the end of recovery. */
function* promote({ session: { server, me } }: Execution, waits: boolean, seconds: number): Coroutine<Value> {
  if (!server.recovery.inRecovery) {
    fail('55000', 'recovery is not in progress', {
      hint: 'Recovery control functions can only be executed during recovery.',
    })
  }
  if (seconds <= 0) fail('22003', '"wait_seconds" must not be negative or zero')
  server.environment.data.create('promote')
  if (me.parent) me.host.kill(me.parent.pid, 'USR1', me.cause)
  const until = me.now() + seconds * 1e9
  while (waits && server.recovery.inRecovery && me.now() < until) {
    yield* me.waitLatch({ until: Math.min(until, me.now() + 100_000_000), waitEvent: 'Promote' })
    me.latch.reset()
    yield* me.pause()
  }
  return !waits || !server.recovery.inRecovery
}
