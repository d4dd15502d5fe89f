// The files of pg_wal/summaries: each tells which blocks were changed between two places of the WAL. Mirrors walsummary.c.

import type { Coroutine } from '../kernel/task.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fail } from '../shared/error.ts'
import { fileAccessError, syncFile } from '../shared/file-access.ts'
import { type BlockReferences, decodeReferences, encodeReferences, type ForkReferences } from './block-references.ts'

const folder = 'pg_wal/summaries/'
const temporary = `${folder}temp.summary`

/** Of the WAL of a timeline from `start` to `end`. */
export interface WalSummary {
  readonly timeline: number
  readonly start: number
  readonly end: number
}

function pathOf({ timeline, start, end }: WalSummary): string {
  const words = [timeline, ...halves(start), ...halves(end)]
  return `${folder}${words.map(word => word.toString(16).toUpperCase().padStart(8, '0')).join('')}.summary`
}

function halves(lsn: number): readonly [number, number] {
  return [Math.floor(lsn / 0x1_0000_0000), lsn % 0x1_0000_0000]
}

/** All that there are, by name. */
export function walSummaries({ pgWal }: ServerEnvironment): readonly WalSummary[] {
  return pgWal.list(folder).flatMap(path => {
    const words = /\/([0-9A-F]{40})\.summary$/.exec(path)?.[1].match(/.{8}/g)
    if (!words) return []
    const [timeline, startHigh, start, endHigh, end] = words.map(word => Number.parseInt(word, 16))
    return [{ timeline, start: startHigh * 0x1_0000_0000 + start, end: endHigh * 0x1_0000_0000 + end }]
  })
}

export function* writeSummary(
  me: Process,
  { pgWal, settings }: ServerEnvironment,
  summary: WalSummary,
  references: BlockReferences,
): Coroutine {
  pgWal.create(temporary)
  try {
    pgWal.write(me, temporary, 0, encodeReferences(references))
    yield* syncFile(me, { settings, volume: pgWal }, temporary, 'WalSummaryWrite')
  } catch (error) {
    throw fileAccessError(error, 'ERROR', `could not write file "${temporary}"`)
  }
  pgWal.rename(temporary, pathOf(summary))
}

export function readSummary({ pgWal }: ServerEnvironment, summary: WalSummary): readonly ForkReferences[] {
  const path = pathOf(summary)
  if (!pgWal.exists(path)) fail('58P01', `could not open file "${path}": No such file or directory`)
  return decodeReferences(pgWal.peek(path))
}

/** Removes it if it was written before `cutoff`. */
export function removeSummary({ pgWal }: ServerEnvironment, summary: WalSummary, cutoff: number): void {
  const path = pathOf(summary)
  if (pgWal.find(path)!.modifiedAt < cutoff) pgWal.remove(path)
}
