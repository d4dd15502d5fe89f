// What only files of the data folder tell: the last checkpoint of pg_control, and where a timeline left its parent.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseLsn } from '../../../model/format.ts'

/** Where the fields stand in pg_control, the same from 15 to 18. */
const redoAt = 40
const timelineAt = 48

export interface LastCheckpoint {
  readonly redo: number
  readonly timeline: number
}

/** undefined: there is no such file, or not yet. */
export function lastCheckpoint(dataFolder: string): LastCheckpoint | undefined {
  const bytes = read(join(dataFolder, 'global/pg_control'))
  if (!bytes || bytes.length < timelineAt + 4) return undefined
  return { redo: Number(bytes.readBigUInt64LE(redoAt)), timeline: bytes.readUInt32LE(timelineAt) }
}

export interface TimelineStart {
  readonly from: number
  /** Where the parent's WAL ends. */
  readonly lsn: number
}

/** The last line of the timeline's history file: `1 \t 0/3000148 \t no recovery target specified`. */
export function timelineStart(dataFolder: string, timeline: number): TimelineStart | undefined {
  const name = `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`
  const text = read(join(dataFolder, 'pg_wal', name))?.toString('utf8') ?? ''
  const last = text
    .split('\n')
    .map(line => /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/.exec(line))
    .findLast(match => match !== null)
  return last ? { from: Number(last[1]), lsn: parseLsn(last[2]) } : undefined
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
