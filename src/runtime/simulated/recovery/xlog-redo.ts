// Redo of the WAL's own records: checkpoints, page images, OIDs. Mirrors xlog_redo of xlog.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { type CheckPoint, readCheckPoint } from '../wal/checkpoint-record.ts'
import { resourceManagerInfoMask, type WalRecord, xlogInfo } from '../wal/record.ts'
import { type ResourceManager, resourceManagers } from '../wal/resource-managers.ts'
import { endOfRecoveryTimeline } from './end-of-recovery-record.ts'
import { readParameters } from './required-parameters.ts'
import type { RecoveryServices } from './services.ts'
import { giveUpSlots, walLevelLowered } from './slot-conflicts.ts'

export class XlogRedo implements ResourceManager {
  readonly id = resourceManagers.xlog
  readonly name = 'XLOG'
  private readonly environment: ServerEnvironment
  private readonly services: () => RecoveryServices

  constructor(environment: ServerEnvironment, services: () => RecoveryServices) {
    this.environment = environment
    this.services = services
  }

  *redo(me: Process, record: WalRecord): Coroutine {
    const services = this.services()
    const view = new DataView(record.data.buffer, record.data.byteOffset, record.data.byteLength)
    switch (record.info & resourceManagerInfoMask) {
      case xlogInfo.nextOid:
        services.oids.start(view.getUint32(0, true))
        return
      case xlogInfo.checkpointShutdown:
        this.replayShutdownCheckpoint(readCheckPoint(view, 0), record)
        return
      case xlogInfo.checkpointOnline:
        this.replayOnlineCheckpoint(readCheckPoint(view, 0), record)
        return
      case xlogInfo.fullPageImage:
      case xlogInfo.fullPageImageForHint:
        for (const block of record.blocks) {
          // Of a hint alone there is none while full_page_writes is off.
          if (!block.image) continue
          const page = yield* services.redoPages.read(me, record, block.id)
          if (page.buffer) services.buffers.unpin(page.buffer)
        }
        return
      case xlogInfo.backupEnd:
        yield* this.replayBackupEnd(me, services, view, record)
        return
      case xlogInfo.parameterChange:
        yield* this.replayParameterChange(me, services, record)
        return
      case xlogInfo.fullPageWritesChange:
        services.wal.fullPageWrites = view.getUint8(0) !== 0
    }
  }

  /** Nobody ran when it was written. */
  private replayShutdownCheckpoint(checkPoint: CheckPoint, record: WalRecord): void {
    const { transactions, oids, recovery } = this.services()
    transactions.advancePast(checkPoint.nextXid - 1)
    transactions.limits.take(checkPoint.oldestXid, checkPoint.oldestXidDatabase)
    oids.start(checkPoint.nextOid)
    transactions.multiXacts.start(checkPoint.nextMulti, checkPoint.nextMultiOffset)
    if (recovery.archiveRequested) this.services().standbyRedo.applyShutdown(checkPoint.nextXid)
    recovery.lastCheckpoint = { start: record.start, end: record.end, checkPoint }
  }

  private replayOnlineCheckpoint(checkPoint: CheckPoint, record: WalRecord): void {
    const { transactions, recovery } = this.services()
    transactions.advancePast(checkPoint.nextXid - 1)
    transactions.limits.take(checkPoint.oldestXid, checkPoint.oldestXidDatabase)
    recovery.lastCheckpoint = { start: record.start, end: record.end, checkPoint }
  }

  /** What it says stays in pg_control; recovery that is begun anew may not end before it. */
  private *replayParameterChange(
    me: Process,
    { controlFile, recovery, transactions }: RecoveryServices,
    record: WalRecord,
  ): Coroutine {
    const parameters = readParameters(record)
    const { conflicts } = transactions
    if (conflicts.isHotStandby && parameters.walLevel !== 'logical') {
      const { environment } = this
      yield* giveUpSlots(me, this.services(), walLevelLowered(environment.version, conflicts.context?.()))
    }
    const { minRecoveryPoint } = controlFile.data
    const isLater = recovery.inArchiveRecovery && minRecoveryPoint !== 0 && minRecoveryPoint < record.end
    yield* controlFile.update(me, {
      ...parameters,
      ...(isLater ? { minRecoveryPoint: record.end, minRecoveryPointTimeline: recovery.replayedTimeline } : {}),
    })
  }

  /** The backup that this server's data comes from ended here. */
  private *replayBackupEnd(
    me: Process,
    { controlFile, recovery }: RecoveryServices,
    view: DataView,
    record: WalRecord,
  ): Coroutine {
    const start = view.getUint32(4, true) * 0x1_0000_0000 + view.getUint32(0, true)
    if (!recovery.inArchiveRecovery || start !== controlFile.data.backupStartPoint) return
    recovery.backupEndedAt = record.end
    yield* controlFile.update(me, {
      backupStartPoint: 0,
      backupEndPoint: 0,
      backupEndRequired: false,
      minRecoveryPoint: Math.max(controlFile.data.minRecoveryPoint, record.end),
      minRecoveryPointTimeline: recovery.replayedTimeline,
    })
  }
}

/** A timeline, and the one that it has left. */
export interface Switch {
  readonly timeline: number
  readonly previous: number
}

/** The timeline that a record begins; undefined: it begins none. */
export function timelineOf(record: WalRecord): Switch | undefined {
  if (record.resourceManager !== resourceManagers.xlog) return undefined
  const info = record.info & resourceManagerInfoMask
  const view = new DataView(record.data.buffer, record.data.byteOffset, record.data.byteLength)
  if (info === xlogInfo.checkpointShutdown) {
    const { timeline, previousTimeline } = readCheckPoint(view, 0)
    return { timeline, previous: previousTimeline }
  }
  return info === xlogInfo.endOfRecovery ? endOfRecoveryTimeline(view) : undefined
}
