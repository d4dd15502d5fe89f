// What a record means to a summary of the WAL: which blocks it changes, which relations it makes, cuts or removes, and
// whether the next summary begins with it. Mirrors the parts of walsummarizer.c about records.

import { readDatabaseChange } from '../storage/database-records.ts'
import { storageChange } from '../storage/relation-storage.ts'
import { endOf, readEndOfTransaction } from '../transactions/commit-record.ts'
import type { BlockReferences } from '../wal/block-references.ts'
import { forks, resourceManagerInfoMask, type WalRecord, xlogInfo } from '../wal/record.ts'
import { resourceManagers } from '../wal/resource-managers.ts'

/** Places where recovery can begin, and those that may change the WAL's level. */
const beginners: readonly number[] = [
  xlogInfo.checkpointRedo,
  xlogInfo.checkpointShutdown,
  xlogInfo.parameterChange,
  xlogInfo.endOfRecovery,
]

export function beginsSummary({ resourceManager, info }: WalRecord): boolean {
  return resourceManager === resourceManagers.xlog && beginners.includes(info & resourceManagerInfoMask)
}

export function note(record: WalRecord, references: BlockReferences): void {
  if (record.resourceManager === resourceManagers.storage) noteStorage(record, references)
  if (record.resourceManager === resourceManagers.database) noteDatabase(record, references)
  if (record.resourceManager === resourceManagers.transaction) noteTransaction(record, references)
  for (const { locator, fork, block } of record.blocks) {
    // The WAL does not tell all of the free space map.
    if (fork !== forks.freeSpaceMap) references.changed(locator, fork, block)
  }
}

function noteStorage(record: WalRecord, references: BlockReferences): void {
  const { locator, blocks, cuts } = storageChange(record)
  for (const fork of cuts) if (fork !== forks.freeSpaceMap) references.cut(locator, fork, blocks)
}

/** All that was in the folder is new: relation 0 stands for its files. */
function noteDatabase(record: WalRecord, references: BlockReferences): void {
  const change = readDatabaseChange(record)
  const places = change.kind === 'dropped' ? change.places : [change.place]
  for (const place of places) references.cut({ ...place, relation: 0 }, forks.main, 0)
}

function noteTransaction(record: WalRecord, references: BlockReferences): void {
  if (!endOf(record.info)) return
  for (const locator of readEndOfTransaction(record.info, record.data).files) {
    for (const fork of [forks.main, forks.visibilityMap, forks.init]) references.cut(locator, fork, 0)
  }
}
