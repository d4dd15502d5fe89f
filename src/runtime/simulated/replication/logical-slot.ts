// What a logical slot remembers besides a physical one: for whom it decodes, how far its consumer is, and which catalog
// rows decoding still needs. Mirrors the logical half of ReplicationSlot (slot.h) and LogicalConfirmReceivedLocation.

import type { OutputPluginName } from './output-plugins.ts'
import { outputPlugins } from './output-plugins.ts'

/** A step that the slot may take once its consumer has confirmed what lies before `at`. */
interface Candidate {
  readonly value: number
  readonly at: number
}

export interface LogicalSlot {
  plugin: OutputPluginName
  readonly database: number
  /** Standbys may keep a copy of it. */
  failover: boolean
  /** It is such a copy, or was one until its server was promoted. */
  readonly isSynced: boolean
  /** Transactions that committed before are not sent again. */
  confirmedFlush: number
  candidateXmin: Candidate | undefined
  candidateRestart: Candidate | undefined
  /** Of `confirmedFlush`, on the platter. */
  savedConfirmedFlush: number
}

export function newLogicalSlot(
  plugin: OutputPluginName,
  database: number,
  { failover = false, isSynced = false }: { readonly failover?: boolean; readonly isSynced?: boolean } = {},
): LogicalSlot {
  return {
    plugin,
    database,
    failover,
    isSynced,
    confirmedFlush: 0,
    candidateXmin: undefined,
    candidateRestart: undefined,
    savedConfirmedFlush: 0,
  }
}

/** Its consumer has come further than the platter knows. */
export function hasMoved(logical: LogicalSlot | undefined): boolean {
  return logical !== undefined && logical.confirmedFlush !== logical.savedConfirmedFlush
}

export function markSaved(logical: LogicalSlot | undefined): void {
  if (logical) logical.savedConfirmedFlush = logical.confirmedFlush
}

/** LogicalIncreaseXminForSlot: when `at` is confirmed, catalogs from before `xmin` are not needed any more. */
export function offerXmin(logical: LogicalSlot, present: number, xmin: number, at: number): void {
  if (xmin <= present) return
  if (at <= logical.confirmedFlush || !logical.candidateXmin) logical.candidateXmin = { value: xmin, at }
}

/** LogicalIncreaseRestartDecodingForSlot: when `at` is confirmed, decoding may begin at `restart`. */
export function offerRestart(logical: LogicalSlot, present: number, restart: number, at: number): void {
  if (restart <= present) return
  if (at <= logical.confirmedFlush || !logical.candidateRestart) logical.candidateRestart = { value: restart, at }
}

/** Takes the steps that `lsn` allows: what the slot needs from now on, as far as it changed. */
export function confirm(logical: LogicalSlot, lsn: number): { readonly xmin?: number; readonly restart?: number } {
  if (lsn > logical.confirmedFlush) logical.confirmedFlush = lsn
  const { candidateXmin, candidateRestart } = logical
  const steps: { xmin?: number; restart?: number } = {}
  if (candidateXmin && candidateXmin.at <= lsn) {
    logical.candidateXmin = undefined
    steps.xmin = candidateXmin.value
  }
  if (candidateRestart && candidateRestart.at <= lsn) {
    logical.candidateRestart = undefined
    steps.restart = candidateRestart.value
  }
  return steps
}

/** Places in the slot's file. */
const field = { plugin: 16, failover: 17, isSynced: 18, database: 20, confirmedFlush: 24 } as const

export function encodeLogical(view: DataView, logical: LogicalSlot): void {
  view.setUint8(field.plugin, outputPlugins.indexOf(logical.plugin) + 1)
  view.setUint32(field.database, logical.database, true)
  view.setBigUint64(field.confirmedFlush, BigInt(logical.confirmedFlush), true)
  view.setUint8(field.failover, logical.failover ? 1 : 0)
  view.setUint8(field.isSynced, logical.isSynced ? 1 : 0)
}

/** Undefined: the slot is a physical one. */
export function decodeLogical(view: DataView): LogicalSlot | undefined {
  const plugin = outputPlugins[view.getUint8(field.plugin) - 1]
  if (plugin === undefined) return undefined
  const logical = newLogicalSlot(plugin, view.getUint32(field.database, true), {
    failover: view.getUint8(field.failover) === 1,
    isSynced: view.getUint8(field.isSynced) === 1,
  })
  logical.confirmedFlush = Number(view.getBigUint64(field.confirmedFlush, true))
  markSaved(logical)
  return logical
}
