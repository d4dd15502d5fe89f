// Redo has come over a torn record to the one that stands in its place: the two must speak of the same. Mirrors
// xlogrecovery_redo.

import { formatLsn } from '../../../model/format.ts'
import type { Process } from '../machine/process.ts'
import type { ServerEnvironment } from '../shared/environment.ts'
import { fatal } from '../shared/error.ts'
import { formatTimestampTz } from '../shared/timestamp.ts'
import type { WalReader } from '../wal/reader.ts'
import type { WalRecord } from '../wal/record.ts'
import { redoContext } from './describe-record.ts'
import { readOverwrite } from './overwrite-record.ts'

export function verifyOverwrite(
  me: Process,
  { log, version }: ServerEnvironment,
  reader: WalReader,
  record: WalRecord,
): void {
  const overwrite = readOverwrite(record)
  if (!overwrite) return
  const { torn, time } = overwrite
  if (torn !== reader.overwrittenRecord) {
    fatal('XX000', `mismatching overwritten LSN ${formatLsn(torn)} -> ${formatLsn(reader.overwrittenRecord)}`)
  }
  const context = redoContext(record, version)
  const when = formatTimestampTz(time)
  log.log(me, `successfully skipped missing contrecord at ${formatLsn(torn)}, overwritten at ${when}`, { context })
}
