// pg_rewind: makes the files of a server that was shut down those of another one that has left its timeline. Mirrors
// src/bin/pg_rewind: where the two diverged, the last checkpoint before that, the blocks that the target's WAL has
// changed since, and what must be copied. A label then has the target replay the source's WAL from that checkpoint.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { versionFacts } from '../shared/versions.ts'
import { relationPath } from '../storage/relation-files.ts'
import { readCheckPoint } from '../wal/checkpoint-record.ts'
import { type ControlFileData, controlFilePath, encodeControlFile, readControlFile } from '../wal/control-file.ts'
import { segmentOf, segmentOffset, walFilePath } from '../wal/lsn.ts'
import type { Version } from '../wal/page-header.ts'
import { WalReader, type WalSource } from '../wal/reader.ts'
import { forks, pageSize, resourceManagerInfoMask, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'
import { type BackupLabel, backupLabelPath, formatBackupLabel } from './backup-label.ts'
import { readHistory, type TimelineEntry } from './timelines.ts'

export interface RewindSource {
  readonly environment: ServerEnvironment
  /** Where its WAL ends now, if it takes writes. */
  readonly insertLsn: () => number
}

/** What pg_rewind neither copies nor removes. */
const excluded = /^(pg_replslot\/|pg_notify\/|postmaster\.pid|backup_label|promote$|global\/pg_control$)/
const relationFile = /^(base|global|pg_tblspc)\/.*\d(_fsm|_vm)?$/
const notShutDown = 'target server must be shut down cleanly'

/** Gives how many bytes were copied; 0: nothing had to be rewound. Throws PostgresError with pg_rewind's complaint. */
export function* rewind(me: Process, target: ServerEnvironment, source: RewindSource): Coroutine<number> {
  const control = yield* readControlFile(me, target)
  const sourceControl = yield* readControlFile(me, source.environment)
  refuse(target, control, sourceControl)
  // Before 16 the source's last checkpoint is all that tells its timeline, and a promotion need not have made one yet.
  const { version } = source.environment
  const sourceTimeline =
    version < 16
      ? sourceControl.checkPointCopy.timeline
      : Math.max(sourceControl.checkPointCopy.timeline, sourceControl.minRecoveryPointTimeline)
  if (control.checkPointCopy.timeline === sourceTimeline) return 0
  const history = readHistory(target.pgWal, control.checkPointCopy.timeline)
  const fork = findFork(history, readHistory(source.environment.pgWal, sourceTimeline))
  const pages = new TargetWal(target, history)
  const reader = new WalReader(target.version, pages, control.systemIdentifier)
  const last = yield* readAt(me, reader, control.checkPoint)
  const end = Math.max(last.end, control.minRecoveryPoint)
  if (end <= fork.lsn) return 0
  const checkpoint = yield* findLastCheckpoint(me, reader, fork.lsn)
  const changed = yield* changedBlocks(me, reader, checkpoint.start, end, target.version)
  const copied = copyFiles(target, source.environment, changed)
  const label = labelOf(checkpoint, sourceControl)
  target.data.install(backupLabelPath, new TextEncoder().encode(formatBackupLabel(label, me.now())))
  const rewound: ControlFileData = {
    ...sourceControl,
    // A standby's own minimum is as far as its files can be.
    ...(sourceControl.state === 'in archive recovery'
      ? {}
      : { minRecoveryPoint: source.insertLsn(), minRecoveryPointTimeline: sourceTimeline }),
    state: 'in archive recovery',
  }
  target.data.install(controlFilePath, encodeControlFile(version, rewound))
  return copied
}

/** A standby may have replayed the last common checkpoint without a restartpoint: its files are older then. */
function labelOf(checkpoint: WalRecord, { checkPoint, checkPointCopy }: ControlFileData): BackupLabel {
  const common = readCheckPoint(new DataView(checkpoint.data.buffer, checkpoint.data.byteOffset), 0)
  const isOlder = checkPointCopy.redo < common.redo
  const { redo, timeline } = isOlder ? checkPointCopy : common
  const at = isOlder ? checkPoint : checkpoint.start
  return { redo, checkpoint: at, timeline, fromStandby: true, method: 'pg_rewind' }
}

function refuse({ version }: ServerEnvironment, target: ControlFileData, source: ControlFileData): void {
  if (target.systemIdentifier !== source.systemIdentifier) {
    fail('XX000', 'source and target clusters are from different systems')
  }
  if (!versionFacts(version).checksums && !target.walLogHints) {
    fail('XX000', 'target server needs to use either data checksums or "wal_log_hints = on"')
  }
  if (target.state !== 'shut down' && target.state !== 'shut down in recovery') fail('XX000', notShutDown)
}

/** The last timeline that both have, and where the first of them left it. */
function findFork(target: readonly TimelineEntry[], source: readonly TimelineEntry[]): { readonly lsn: number } {
  for (const mine of target) {
    const theirs = source.find(each => each.timeline === mine.timeline && each.begin === mine.begin)
    if (theirs) return { lsn: Math.min(mine.end, theirs.end) }
  }
  fail('XX000', "could not find common ancestor of the source and target cluster's timelines")
}

/** The target's own WAL, which nobody writes any more. */
class TargetWal implements WalSource {
  timeline = 0
  private readonly environment: ServerEnvironment
  private readonly history: readonly TimelineEntry[]

  constructor(environment: ServerEnvironment, history: readonly TimelineEntry[]) {
    this.environment = environment
    this.history = history
  }

  *readPage(me: Process, page: number, _needed: number, bytes: Uint8Array): Coroutine<number | undefined> {
    const segment = segmentOf(page)
    const { pgWal } = this.environment
    for (const { timeline, begin } of this.history) {
      const path = walFilePath(timeline, segment)
      if (segment < segmentOf(begin) || !pgWal.exists(path)) continue
      this.timeline = timeline
      return yield* pgWal.read(me, path, segmentOffset(page), bytes, 'WALRead')
    }
    return undefined
  }
}

function* readAt(me: Process, reader: WalReader, lsn: number): Coroutine<WalRecord> {
  reader.begin(lsn)
  const record = yield* reader.next(me)
  if (!record)
    fail('XX000', `could not find previous WAL record: ${reader.ending?.message ?? 'its segment is missing'}`)
  return record
}

function isCheckpoint({ resourceManager, info }: WalRecord): boolean {
  const kind = info & resourceManagerInfoMask
  const isKind = kind === xlogInfo.checkpointShutdown || kind === xlogInfo.checkpointOnline
  return resourceManager === resourceManagers.xlog && isKind
}

/** The last checkpoint before the fork: both servers have it. */
function* findLastCheckpoint(me: Process, reader: WalReader, fork: number): Coroutine<WalRecord> {
  let record = yield* readAt(me, reader, fork)
  while (!(record.start < fork && isCheckpoint(record))) record = yield* readAt(me, reader, record.previous)
  return record
}

/** Blocks of relations that the target's WAL speaks of, by file. */
function* changedBlocks(
  me: Process,
  reader: WalReader,
  from: number,
  end: number,
  version: Version,
): Coroutine<ReadonlyMap<string, ReadonlySet<number>>> {
  const changed = new Map<string, Set<number>>()
  reader.begin(from)
  for (let record = yield* reader.next(me); record; record = yield* reader.next(me)) {
    for (const { locator, fork, block } of record.blocks) {
      // The other forks are copied whole: their changes need not be in the WAL.
      if (fork !== forks.main) continue
      const path = relationPath(version, locator, fork)
      const blocks = changed.get(path) ?? new Set()
      changed.set(path, blocks.add(block))
    }
    if (record.end >= end) break
  }
  return changed
}

/** Gives how many bytes went over. */
function copyFiles(
  target: ServerEnvironment,
  source: ServerEnvironment,
  changed: ReadonlyMap<string, ReadonlySet<number>>,
): number {
  let copied = 0
  const isOurs = (path: string) => !excluded.test(path)
  const wal = 'pg_wal/'
  for (const [mine, theirs, belongs] of [
    [target.data, source.data, (path: string) => isOurs(path) && !path.startsWith(wal)],
    [target.pgWal, source.pgWal, (path: string) => path.startsWith(wal)],
  ] as const) {
    const wanted = theirs.list('').filter(belongs)
    const names = new Set(wanted)
    for (const path of mine.list('').filter(belongs)) if (!names.has(path)) mine.remove(path)
    for (const path of wanted) {
      if (mine.exists(path) && relationFile.test(path) && !/_(fsm|vm)$/.test(path)) {
        copied += copyBlocks(mine, theirs, path, changed.get(path) ?? new Set())
      } else {
        mine.installCopy(path, theirs)
        copied += theirs.sizeOf(path)!
      }
    }
  }
  return copied
}

/** A relation that both have: what has changed, and what the source has beyond. */
function copyBlocks(
  mine: ServerEnvironment['data'],
  theirs: ServerEnvironment['data'],
  path: string,
  changed: ReadonlySet<number>,
): number {
  const content = mine.peek(path)
  const wanted = theirs.peek(path)
  const result = new Uint8Array(wanted.length)
  result.set(content.subarray(0, wanted.length))
  let copied = 0
  const isBeyond = (block: number) => block * pageSize >= content.length
  for (let block = 0; block * pageSize < wanted.length; block++) {
    if (!isBeyond(block) && !changed.has(block)) continue
    const page = wanted.subarray(block * pageSize, (block + 1) * pageSize)
    result.set(page, block * pageSize)
    copied += page.length
  }
  if (copied > 0 || wanted.length !== content.length) mine.install(path, result)
  return copied
}
