// Where recovery is to stop, as the recovery_target settings say it. Mirrors validateRecoveryParameters,
// recoveryStopsBefore, recoveryStopsAfter and getRecoveryStopReason of xlogrecovery.c.

import { formatLsn } from '../../../model/format.ts'
import type { Settings } from '../settings/settings.ts'
import { parseTimestampTz } from '../settings/target-settings.ts'
import { formatTimestampTz, nanosecondsOf } from '../shared/timestamp.ts'
import { endOf, readEndOfTransaction } from '../transactions/commit-record.ts'
import { resourceManagerInfoMask, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'

export type RecoveryTarget = { readonly inclusive: boolean } & (
  | { readonly kind: 'immediate' }
  | { readonly kind: 'name'; readonly name: string }
  /** In nanoseconds since the start of the run. */
  | { readonly kind: 'time'; readonly time: number }
  | { readonly kind: 'xid'; readonly xid: number }
  | { readonly kind: 'lsn'; readonly lsn: number }
)

/** Recovery stops: what the log says, and what the history of the new timeline will say. */
export interface RecoveryStop {
  readonly message: string
  readonly reason: string
}

export const noTarget = 'no recovery target specified'

export function readTarget(settings: Settings): RecoveryTarget | undefined {
  const inclusive = settings.get('recovery_target_inclusive')
  if (settings.get('recovery_target') !== '') return { kind: 'immediate', inclusive }
  const name = settings.get('recovery_target_name')
  if (name !== '') return { kind: 'name', name, inclusive }
  const time = settings.get('recovery_target_time')
  if (time !== '') return { kind: 'time', time: parseTimestampTz(time)!, inclusive }
  const xid = settings.get('recovery_target_xid')
  if (xid !== '') return { kind: 'xid', xid: Number(xid), inclusive }
  const lsn = settings.get('recovery_target_lsn')
  if (lsn === '') return undefined
  const [high, low] = lsn.split('/').map(part => Number.parseInt(part, 16))
  return { kind: 'lsn', lsn: high * 0x1_0000_0000 + low, inclusive }
}

/** How the log announces it. */
export function announce(target: RecoveryTarget | undefined): string {
  if (target === undefined) return 'starting archive recovery'
  const to = (what: string) => `starting point-in-time recovery to ${what}`
  switch (target.kind) {
    case 'immediate':
      return to('earliest consistent point')
    case 'name':
      return to(`"${target.name}"`)
    case 'time':
      return to(formatTimestampTz(target.time))
    case 'xid':
      return to(`XID ${target.xid}`)
    case 'lsn':
      return to(`WAL location (LSN) "${formatLsn(target.lsn)}"`)
  }
}

const consistent: RecoveryStop = {
  message: 'recovery stopping after reaching consistency',
  reason: 'reached consistency',
}

/** Whether the record is not to be replayed any more. */
export function stopsBefore(
  target: RecoveryTarget | undefined,
  record: WalRecord,
  isConsistent: boolean,
): RecoveryStop | undefined {
  if (target === undefined) return undefined
  if (target.kind === 'immediate') return isConsistent ? consistent : undefined
  if (target.kind === 'lsn' && !target.inclusive && record.start >= target.lsn) return atLsn('before', record)
  const end = endingOf(record)
  if (!end) return undefined
  if (target.kind === 'xid' && !target.inclusive && end.xid === target.xid) return atEnd('before', end)
  if (target.kind !== 'time') return undefined
  // Several may have ended at the same time: the last of them is included, the first is excluded.
  const isPast = target.inclusive ? end.time > target.time : end.time >= target.time
  if (!isPast) return undefined
  const { message } = atEnd('before', end)
  return { message, reason: `before ${formatTimestampTz(end.time)}\n` }
}

/** Whether the record was the last one to be replayed. */
export function stopsAfter(
  target: RecoveryTarget | undefined,
  record: WalRecord,
  isConsistent: boolean,
): RecoveryStop | undefined {
  if (target === undefined) return undefined
  if (target.kind === 'immediate') return isConsistent ? consistent : undefined
  if (target.kind === 'name') {
    const point = restorePointOf(record)
    if (point?.name !== target.name) return undefined
    const where = `at restore point "${point.name}"`
    return { message: `recovery stopping ${where}, time ${formatTimestampTz(point.time)}`, reason: where }
  }
  if (target.kind === 'lsn' && target.inclusive && record.start >= target.lsn) return atLsn('after', record)
  if (target.kind !== 'xid' || !target.inclusive) return undefined
  const end = endingOf(record)
  return end?.xid === target.xid ? atEnd('after', end) : undefined
}

function atLsn(side: 'before' | 'after', { start }: WalRecord): RecoveryStop {
  const lsn = formatLsn(start)
  return { message: `recovery stopping ${side} WAL location (LSN) "${lsn}"`, reason: `${side} LSN ${lsn}\n` }
}

function atEnd(side: 'before' | 'after', { what, xid, time }: Ending): RecoveryStop {
  const message = `recovery stopping ${side} ${what} of transaction ${xid}, time ${formatTimestampTz(time)}`
  return { message, reason: `${side} transaction ${xid}` }
}

interface Ending {
  readonly what: 'commit' | 'abort'
  /** A prepared transaction is ended by a record of another one. */
  readonly xid: number
  readonly time: number
}

function endingOf(record: WalRecord): Ending | undefined {
  if (record.resourceManager !== resourceManagers.transaction) return undefined
  const what = endOf(record.info)
  if (what === undefined) return undefined
  const { preparedXid, time } = readEndOfTransaction(record.info, record.data)
  return { what, xid: preparedXid || record.xid, time }
}

function restorePointOf(record: WalRecord): { readonly name: string; readonly time: number } | undefined {
  if (record.resourceManager !== resourceManagers.xlog) return undefined
  if ((record.info & resourceManagerInfoMask) !== xlogInfo.restorePoint) return undefined
  const view = new DataView(record.data.buffer, record.data.byteOffset, record.data.byteLength)
  const name = new TextDecoder().decode(record.data.subarray(8)).replace(/\0.*$/s, '')
  return { name, time: nanosecondsOf(Number(view.getBigInt64(0, true))) }
}
