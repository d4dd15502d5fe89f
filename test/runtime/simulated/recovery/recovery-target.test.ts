// Where recovery stops: every kind of target, inclusive or not, on records made for it.

import { describe, expect, test } from 'vitest'
import { second } from '../../../../src/model/units.ts'
import {
  announce,
  type RecoveryTarget,
  readTarget,
  stopsAfter,
  stopsBefore,
} from '../../../../src/runtime/simulated/recovery/recovery-target.ts'
import { Settings } from '../../../../src/runtime/simulated/settings/settings.ts'
import { complaintOfTarget } from '../../../../src/runtime/simulated/settings/target-settings.ts'
import type { WalRecord } from '../../../../src/runtime/simulated/wal/record.ts'
import { resourceManagers } from '../../../../src/runtime/simulated/wal/resource-managers.ts'

/** From 2000-01-01 to the start of the run, in microseconds. */
const epoch = 9132n * 86_400_000_000n

function targetOf(settings: Record<string, string>): RecoveryTarget | undefined {
  const values = new Settings(15, new Map(Object.entries(settings)))
  values.load()
  return readTarget(values)
}

function record(resourceManager: number, info: number, data: Uint8Array, xid = 0, start = 0x3000060): WalRecord {
  const end = start + 64
  return { start, end, length: 64, previous: 0, xid, resourceManager, info, origin: 0, blocks: [], data }
}

function timed(seconds: number, length = 8): Uint8Array {
  const data = new Uint8Array(length)
  new DataView(data.buffer).setBigInt64(0, epoch + BigInt(seconds * 1_000_000), true)
  return data
}

const commit = (xid: number, seconds: number) => record(resourceManagers.transaction, 0x00, timed(seconds), xid)
const abort = (xid: number, seconds: number) => record(resourceManagers.transaction, 0x20, timed(seconds), xid)

function restorePoint(name: string, seconds: number): WalRecord {
  const data = timed(seconds, 72)
  data.set(new TextEncoder().encode(name), 8)
  return record(resourceManagers.xlog, 0x70, data)
}

describe('a target', () => {
  test.each([
    [{}, 'starting archive recovery'],
    [{ recovery_target: 'immediate' }, 'starting point-in-time recovery to earliest consistent point'],
    [{ recovery_target_name: 'lunch' }, 'starting point-in-time recovery to "lunch"'],
    [{ recovery_target_xid: '745' }, 'starting point-in-time recovery to XID 745'],
    [{ recovery_target_lsn: '1/A0000060' }, 'starting point-in-time recovery to WAL location (LSN) "1/A0000060"'],
    [
      { recovery_target_time: '2025-01-01 00:00:05.25+00' },
      'starting point-in-time recovery to 2025-01-01 00:00:05.25+00',
    ],
    [{ recovery_target_time: '2024-12-31 23:59:59 UTC' }, 'starting point-in-time recovery to 2024-12-31 23:59:59+00'],
    [{ recovery_target_time: '2028-03-01 12:00' }, 'starting point-in-time recovery to 2028-03-01 12:00:00+00'],
  ])('%o', (settings, line) => {
    expect(announce(targetOf(settings as Record<string, string>))).toBe(line)
  })

  test.each([
    ['recovery_target', 'soon'],
    ['recovery_target_lsn', '12345'],
    ['recovery_target_time', '2025-02-29 00:00:00'],
    ['recovery_target_time', 'yesterday'],
    ['recovery_target_timeline', '0'],
    ['recovery_target_xid', '-1'],
  ])('%s = %s is refused', (name, text) => {
    expect(complaintOfTarget(name, text)).toBeDefined()
  })
})

describe('recovery stops', () => {
  const at5 = { kind: 'time', time: 5 * second } as const

  test('by time: before the first transaction that ended later, or at that time if it is excluded', () => {
    expect(stopsBefore({ ...at5, inclusive: true }, commit(700, 5), true)).toBeUndefined()
    expect(stopsBefore({ ...at5, inclusive: false }, commit(700, 5), true)?.message).toBe(
      'recovery stopping before commit of transaction 700, time 2025-01-01 00:00:05+00',
    )
    expect(stopsBefore({ ...at5, inclusive: true }, abort(701, 6), true)).toEqual({
      message: 'recovery stopping before abort of transaction 701, time 2025-01-01 00:00:06+00',
      reason: 'before 2025-01-01 00:00:06+00\n',
    })
  })

  test('by transaction: only at the end of that one, however the others are numbered', () => {
    const inclusive: RecoveryTarget = { kind: 'xid', xid: 700, inclusive: true }
    const exclusive: RecoveryTarget = { kind: 'xid', xid: 700, inclusive: false }
    expect(stopsAfter(inclusive, commit(705, 1), true)).toBeUndefined()
    expect(stopsBefore(inclusive, commit(700, 1), true)).toBeUndefined()
    expect(stopsAfter(inclusive, commit(700, 1), true)?.reason).toBe('after transaction 700')
    expect(stopsBefore(exclusive, commit(700, 1), true)?.reason).toBe('before transaction 700')
  })

  test('by a prepared transaction: its own number counts, not that of who commits it', () => {
    const data = timed(1, 16)
    const view = new DataView(data.buffer)
    view.setUint32(8, 0x10, true)
    view.setUint32(12, 700, true)
    const commitPrepared = record(resourceManagers.transaction, 0xb0, data, 0)
    expect(stopsAfter({ kind: 'xid', xid: 700, inclusive: true }, commitPrepared, true)?.reason).toBe(
      'after transaction 700',
    )
  })

  test('by place: after the record that reaches it, or before it', () => {
    const lsn = 0x3000050
    expect(stopsBefore({ kind: 'lsn', lsn, inclusive: true }, commit(700, 1), true)).toBeUndefined()
    expect(stopsAfter({ kind: 'lsn', lsn, inclusive: true }, commit(700, 1), true)?.message).toBe(
      'recovery stopping after WAL location (LSN) "0/3000060"',
    )
    expect(stopsBefore({ kind: 'lsn', lsn, inclusive: false }, commit(700, 1), true)?.message).toBe(
      'recovery stopping before WAL location (LSN) "0/3000060"',
    )
    expect(stopsAfter({ kind: 'lsn', lsn: 0x3000061, inclusive: true }, commit(700, 1), true)).toBeUndefined()
  })

  test('at a restore point of that name', () => {
    const target: RecoveryTarget = { kind: 'name', name: 'lunch', inclusive: true }
    expect(stopsAfter(target, restorePoint('dinner', 3), true)).toBeUndefined()
    expect(stopsAfter(target, restorePoint('lunch', 3), true)).toEqual({
      message: 'recovery stopping at restore point "lunch", time 2025-01-01 00:00:03+00',
      reason: 'at restore point "lunch"',
    })
  })

  test('as soon as the data is consistent', () => {
    const target: RecoveryTarget = { kind: 'immediate', inclusive: true }
    expect(stopsAfter(target, commit(700, 1), false)).toBeUndefined()
    expect(stopsAfter(target, commit(700, 1), true)?.reason).toBe('reached consistency')
  })
})
