// Timelines: each promotion begins one, and its history file says where it branched off. Mirrors timeline.c.

import { formatLsn } from '../../../model/format.ts'
import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { Volume } from '../machine/volume.ts'
import { fileAccessError } from '../shared/file-access.ts'

/** One timeline's part of a history; the newest comes first and has no end. */
export interface TimelineEntry {
  readonly timeline: number
  readonly begin: number
  /** Where the next one branches off. */
  readonly end: number
}

export function historyPath(timeline: number): string {
  return `pg_wal/${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`
}

/** The history of a timeline, newest first; one without a file has no ancestors. */
export function readHistory(volume: Volume, timeline: number): TimelineEntry[] {
  const path = historyPath(timeline)
  const content = timeline > 1 && volume.exists(path) ? text(volume.peek(path)) : ''
  return parseHistory(content, timeline)
}

export function parseHistory(content: string, timeline: number): TimelineEntry[] {
  const entries: TimelineEntry[] = []
  let begin = 0
  for (const line of content.split('\n')) {
    const match = /^\s*(\d+)\s+([0-9A-F]+)\/([0-9A-F]+)/i.exec(line)
    if (!match) continue
    const end = Number.parseInt(match[2], 16) * 0x1_0000_0000 + Number.parseInt(match[3], 16)
    entries.unshift({ timeline: Number(match[1]), begin, end })
    begin = end
  }
  entries.unshift({ timeline, begin, end: Number.POSITIVE_INFINITY })
  return entries
}

/** The timeline that has the WAL at `lsn`. */
export function timelineAt(history: readonly TimelineEntry[], lsn: number): number {
  const entry = history.find(each => each.begin <= lsn && lsn < each.end)
  return entry?.timeline ?? history[history.length - 1].timeline
}

/** Where the history leaves a timeline: infinity for the newest; undefined if it is no part of it. */
export function switchPoint(history: readonly TimelineEntry[], timeline: number): number | undefined {
  return history.find(each => each.timeline === timeline)?.end
}

/** The timeline that follows `timeline` in the history. */
export function nextTimeline(history: readonly TimelineEntry[], timeline: number): number | undefined {
  const index = history.findIndex(each => each.timeline === timeline)
  return index > 0 ? history[index - 1].timeline : undefined
}

/** Writes the history of a new timeline: its parent's, and where it leaves it. */
export function* writeHistory(
  me: Process,
  volume: Volume,
  branch: { readonly timeline: number; readonly parent: number; readonly end: number; readonly reason: string },
): Coroutine {
  const parentPath = historyPath(branch.parent)
  const before = volume.exists(parentPath) ? `${text(volume.peek(parentPath))}\n` : ''
  const content = `${before}${branch.parent}\t${formatLsn(branch.end)}\t${branch.reason}\n`
  yield* writeHistoryContent(me, volume, branch.timeline, content)
}

/** The name of a timeline's history, as the archive knows it. */
export function historyName(timeline: number): string {
  return historyPath(timeline).slice('pg_wal/'.length)
}

/** A history as it was received from another server. */
export function* writeHistoryContent(me: Process, volume: Volume, timeline: number, content: string): Coroutine {
  const path = historyPath(timeline)
  const temporary = `pg_wal/xlogtemp.${me.pid}`
  volume.create(temporary)
  try {
    volume.write(me, temporary, 0, new TextEncoder().encode(content))
  } catch (error) {
    volume.remove(temporary)
    throw fileAccessError(error, 'ERROR', `could not write to file "${temporary}"`)
  }
  try {
    yield* volume.fsync(me, temporary, 'TimelineHistorySync')
  } catch (error) {
    throw fileAccessError(error, 'PANIC', `could not fsync file "${temporary}"`)
  }
  volume.rename(temporary, path)
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
