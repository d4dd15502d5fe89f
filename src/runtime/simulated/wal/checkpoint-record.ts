// The content of a checkpoint record, which pg_control has a copy of. Mirrors struct CheckPoint of pg_control.h.
// Making checkpoints is recovery's business.

import { second } from '../../../model/units.ts'
import { getLsn, setLsn, type Version } from './page-header.ts'
import type { Bytes } from './record-builder.ts'
import { codeOf, type WalLevel, walLevels } from './wal-level.ts'

export interface CheckPoint {
  /** Where redo begins. */
  readonly redo: number
  readonly timeline: number
  /** Another one only in the record that begins a timeline. */
  readonly previousTimeline: number
  readonly fullPageWrites: boolean
  /** Written since 17: a record of an older version says minimal, whatever was set. */
  readonly walLevel: WalLevel
  /** With its epoch. */
  readonly nextXid: number
  readonly nextOid: number
  readonly nextMulti: number
  readonly nextMultiOffset: number
  readonly oldestXid: number
  readonly oldestXidDatabase: number
  readonly oldestMulti: number
  readonly oldestMultiDatabase: number
  /** In nanoseconds since the start of the run; stored in whole seconds. */
  readonly time: number
  /** Only of a checkpoint on a running server; else 0. */
  readonly oldestActiveXid: number
}

export const checkPointSize = 88

const field = {
  redo: 0,
  timeline: 8,
  previousTimeline: 12,
  fullPageWrites: 16,
  walLevel: 20,
  nextXid: 24,
  nextOid: 32,
  nextMulti: 36,
  nextMultiOffset: 40,
  oldestXid: 44,
  oldestXidDatabase: 48,
  oldestMulti: 52,
  oldestMultiDatabase: 56,
  time: 64,
  oldestActiveXid: 80,
} as const

export function appendCheckPoint(version: Version, target: Bytes, checkPoint: CheckPoint): void {
  const at = target.reserve(checkPointSize)
  target.bytes.fill(0, at, at + checkPointSize)
  writeCheckPoint(version, target.view, at, checkPoint)
}

export function writeCheckPoint(version: Version, view: DataView, at: number, checkPoint: CheckPoint): void {
  setLsn(view, at + field.redo, checkPoint.redo)
  view.setUint32(at + field.timeline, checkPoint.timeline, true)
  view.setUint32(at + field.previousTimeline, checkPoint.previousTimeline, true)
  view.setUint8(at + field.fullPageWrites, checkPoint.fullPageWrites ? 1 : 0)
  if (version >= 17) view.setUint32(at + field.walLevel, codeOf(checkPoint.walLevel), true)
  setLsn(view, at + field.nextXid, checkPoint.nextXid)
  view.setUint32(at + field.nextOid, checkPoint.nextOid, true)
  view.setUint32(at + field.nextMulti, checkPoint.nextMulti, true)
  view.setUint32(at + field.nextMultiOffset, checkPoint.nextMultiOffset, true)
  view.setUint32(at + field.oldestXid, checkPoint.oldestXid, true)
  view.setUint32(at + field.oldestXidDatabase, checkPoint.oldestXidDatabase, true)
  view.setUint32(at + field.oldestMulti, checkPoint.oldestMulti, true)
  view.setUint32(at + field.oldestMultiDatabase, checkPoint.oldestMultiDatabase, true)
  writeTime(view, at + field.time, checkPoint.time)
  view.setUint32(at + field.oldestActiveXid, checkPoint.oldestActiveXid, true)
}

export function readCheckPoint(view: DataView, at: number): CheckPoint {
  return {
    redo: getLsn(view, at + field.redo),
    timeline: view.getUint32(at + field.timeline, true),
    previousTimeline: view.getUint32(at + field.previousTimeline, true),
    fullPageWrites: view.getUint8(at + field.fullPageWrites) !== 0,
    walLevel: walLevels[view.getUint32(at + field.walLevel, true)],
    nextXid: getLsn(view, at + field.nextXid),
    nextOid: view.getUint32(at + field.nextOid, true),
    nextMulti: view.getUint32(at + field.nextMulti, true),
    nextMultiOffset: view.getUint32(at + field.nextMultiOffset, true),
    oldestXid: view.getUint32(at + field.oldestXid, true),
    oldestXidDatabase: view.getUint32(at + field.oldestXidDatabase, true),
    oldestMulti: view.getUint32(at + field.oldestMulti, true),
    oldestMultiDatabase: view.getUint32(at + field.oldestMultiDatabase, true),
    time: readTime(view, at + field.time),
    oldestActiveXid: view.getUint32(at + field.oldestActiveXid, true),
  }
}

/** 2025-01-01 00:00:00 UTC, where a run begins, in seconds since 1970. */
const runStart = 1_735_689_600

/** pg_time_t: whole seconds since 1970. */
export function writeTime(view: DataView, at: number, nanoseconds: number): void {
  setLsn(view, at, Math.floor(nanoseconds / second) + runStart)
}

export function readTime(view: DataView, at: number): number {
  return (getLsn(view, at) - runStart) * second
}
