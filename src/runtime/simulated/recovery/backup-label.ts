// backup_label: where redo of a copied data directory begins, whatever pg_control says. Mirrors build_backup_content
// and read_backup_label of xlogbackup.c and xlogrecovery.c.

import { formatLsn } from '../../../model/format.ts'
import type { Volume } from '../machine/volume.ts'
import { formatTimestamp } from '../shared/timestamp.ts'
import { previousSegmentOf, segmentName, segmentOf, segmentOffset } from '../wal/lsn.ts'
import { text } from './timelines.ts'

export const backupLabelPath = 'backup_label'

export interface BackupLabel {
  readonly redo: number
  readonly checkpoint: number
  readonly timeline: number
  readonly fromStandby: boolean
  /** Who made the copy: only one that was streamed must be replayed to its own end. */
  readonly method: 'streamed' | 'pg_rewind'
}

/** `time` is when the backup began. */
export function formatBackupLabel(label: BackupLabel, time: number): string {
  return [
    `START WAL LOCATION: ${formatLsn(label.redo)} (file ${segmentName(label.timeline, segmentOf(label.redo))})`,
    `CHECKPOINT LOCATION: ${formatLsn(label.checkpoint)}`,
    `BACKUP METHOD: ${label.method}`,
    `BACKUP FROM: ${label.fromStandby ? 'standby' : 'primary'}`,
    `START TIME: ${formatTimestamp(time)}`,
    ...(label.method === 'streamed' ? ['LABEL: pg_basebackup base backup', `START TIMELINE: ${label.timeline}`] : []),
    '',
  ].join('\n')
}

/** The file that the archive gets of a backup: the label, and where and when the backup ended. */
export function backupHistory(
  label: BackupLabel,
  began: number,
  end: { readonly lsn: number; readonly at: number },
): { readonly name: string; readonly content: string } {
  const start = segmentName(label.timeline, segmentOf(label.redo))
  const offset = segmentOffset(label.redo).toString(16).toUpperCase().padStart(8, '0')
  const [first, ...others] = formatBackupLabel(label, began).split('\n').slice(0, -1)
  const content = [
    first,
    `STOP WAL LOCATION: ${formatLsn(end.lsn)} (file ${segmentName(label.timeline, previousSegmentOf(end.lsn))})`,
    ...others,
    `STOP TIME: ${formatTimestamp(end.at)}`,
    `STOP TIMELINE: ${label.timeline}`,
    '',
  ].join('\n')
  return { name: `${start}.${offset}.backup`, content }
}

export function readBackupLabel(volume: Volume): BackupLabel | undefined {
  if (!volume.exists(backupLabelPath)) return undefined
  const content = text(volume.peek(backupLabelPath))
  return {
    redo: lsnAfter(content, 'START WAL LOCATION'),
    checkpoint: lsnAfter(content, 'CHECKPOINT LOCATION'),
    timeline: Number.parseInt(/START WAL LOCATION: .*\(file ([0-9A-F]{8})/.exec(content)![1], 16),
    fromStandby: content.includes('BACKUP FROM: standby'),
    method: content.includes('BACKUP METHOD: pg_rewind') ? 'pg_rewind' : 'streamed',
  }
}

function lsnAfter(content: string, label: string): number {
  const match = new RegExp(`${label}: ([0-9A-F]+)/([0-9A-F]+)`).exec(content)
  if (!match) throw new Error(`backup_label has no ${label}`)
  return Number.parseInt(match[1], 16) * 0x1_0000_0000 + Number.parseInt(match[2], 16)
}
