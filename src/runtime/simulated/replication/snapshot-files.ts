// Where logical decoding keeps its snapshots (logical/saved-snapshot.ts writes them), and which of them a checkpoint takes
// away. Mirrors CheckPointSnapBuild.

import { formatLsn } from '../../../model/format.ts'
import type { Volume } from '../machine/volume.ts'

const directory = 'pg_logical/snapshots/'

export function snapshotPath(lsn: number): string {
  return `${directory}${formatLsn(lsn).replace('/', '-')}.snap`
}

/** Those before `oldest`, where no slot begins any more. */
export function removeSnapshots(volume: Volume, oldest: number): void {
  for (const path of volume.list(directory)) {
    const match = /([0-9A-F]+)-([0-9A-F]+)\.snap$/.exec(path)
    if (!match) continue
    const lsn = Number.parseInt(match[1], 16) * 0x1_0000_0000 + Number.parseInt(match[2], 16)
    if (lsn < oldest) volume.remove(path)
  }
}
