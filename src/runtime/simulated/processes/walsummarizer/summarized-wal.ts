// The WAL of one timeline as the summarizer reads it: from its files, as far as it is on the platter. At the end of the
// newest timeline it waits for more, and learns when another one has begun. Mirrors summarizer_read_local_xlog_page.

import { formatLsn } from '../../../../model/format.ts'
import type { Coroutine } from '../../kernel/task.ts'
import type { Process } from '../../machine/process.ts'
import type { RecoveryServices } from '../../recovery/services.ts'
import { readHistory, switchPoint } from '../../recovery/timelines.ts'
import { latestWal } from '../../recovery/unsummarized-wal.ts'
import type { ServerEnvironment } from '../../shared/environment.ts'
import { fail } from '../../shared/error.ts'
import {
  align8,
  longHeaderSize,
  segmentName,
  segmentOf,
  segmentOffset,
  shortHeaderSize,
  walFilePath,
  walPageSize,
} from '../../wal/lsn.ts'
import { headerField, pageFlag } from '../../wal/page-header.ts'
import type { WalSource } from '../../wal/reader.ts'
import type { WaitForWal } from './wait-for-wal.ts'

export class SummarizedWal implements WalSource {
  readonly timeline: number
  /** Where the timeline is left, as it was known at first; infinity: it was the newest. */
  readonly switchLsn: number
  /** There is no more WAL on it, and there will be none. */
  hasEnded = false
  private readonly environment: ServerEnvironment
  private readonly services: RecoveryServices
  private readonly wait: WaitForWal
  private isHistoric: boolean
  private upTo: number

  constructor(
    environment: ServerEnvironment,
    services: RecoveryServices,
    wait: WaitForWal,
    { timeline, switchLsn }: { readonly timeline: number; readonly switchLsn: number },
  ) {
    this.environment = environment
    this.services = services
    this.wait = wait
    this.timeline = timeline
    this.switchLsn = switchLsn
    this.isHistoric = Number.isFinite(switchLsn)
    this.upTo = Math.min(switchLsn, latestWal(services).lsn)
  }

  /** Where the timeline ends; infinity: it goes on. */
  get end(): number {
    return this.isHistoric ? this.upTo : Number.POSITIVE_INFINITY
  }

  *readPage(me: Process, page: number, needed: number, target: Uint8Array): Coroutine<number | undefined> {
    this.wait.leaveIfAsked()
    while (page + needed > this.upTo) {
      if (this.isHistoric) {
        this.hasEnded = true
        return undefined
      }
      yield* this.wait.wait(me)
      this.wait.leaveIfAsked()
      this.lookAgain()
    }
    const { pgWal } = this.environment
    const segment = segmentOf(page)
    const path = walFilePath(this.timeline, segment)
    if (!pgWal.exists(path)) {
      fail('58P01', `requested WAL segment ${segmentName(this.timeline, segment)} has already been removed`)
    }
    const offset = segmentOffset(page)
    const got = pgWal.tryRead(me, path, offset, target) ?? (yield* pgWal.read(me, path, offset, target, 'WALRead'))
    this.wait.pagesRead++
    return Math.min(got, this.upTo - page)
  }

  /** Where the first record begins that begins on this page or a later one. */
  *firstRecord(me: Process, from: number): Coroutine<number> {
    const bytes = new Uint8Array(walPageSize)
    const view = new DataView(bytes.buffer)
    for (let page = from; ; page += walPageSize) {
      if ((yield* this.readPage(me, page, longHeaderSize, bytes)) === undefined) return this.complain(from, undefined)
      const flags = view.getUint16(headerField.flags, true)
      const header = flags & pageFlag.longHeader ? longHeaderSize : shortHeaderSize
      const rest = flags & pageFlag.firstIsContrecord ? align8(view.getUint32(headerField.remaining, true)) : 0
      if (header + rest < walPageSize) return page + header + rest
    }
  }

  complain(lsn: number, message: string | undefined): never {
    const where = `timeline ${this.timeline} at ${formatLsn(lsn)}`
    return fail('XX000', `could not read WAL from ${where}${message === undefined ? '' : `: ${message}`}`)
  }

  private lookAgain(): void {
    const { lsn, timeline } = latestWal(this.services)
    if (timeline === this.timeline) {
      this.upTo = lsn
      return
    }
    const history = readHistory(this.environment.pgWal, timeline)
    this.isHistoric = true
    this.upTo = switchPoint(history, this.timeline) ?? this.upTo
  }
}
