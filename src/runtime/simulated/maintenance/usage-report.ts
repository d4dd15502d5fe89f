// What a vacuum or an analyze has used, as the last lines of its report say it. Mirrors the end of heap_vacuum_rel's and
// do_analyze_rel's reports, and pg_rusage_show.

import { second } from '../../../model/units.ts'
import type { UsageMeter } from '../shared/usage-meters.ts'
import { versionFacts } from '../shared/versions.ts'

const pageSize = 8192
const megabyte = 1024 * 1024

export function rateLine(meter: UsageMeter, elapsed: number): string {
  const rate = (pages: number) => (elapsed === 0 ? 0 : (pages * pageSize) / megabyte / (elapsed / second)).toFixed(3)
  return `avg read rate: ${rate(meter.bufferMisses)} MB/s, avg write rate: ${rate(meter.buffersDirtied)} MB/s`
}

export function bufferLine(version: 15 | 16 | 17 | 18, meter: UsageMeter): string {
  const { bufferHits, bufferMisses, buffersDirtied } = meter
  return `buffer usage: ${bufferHits} hits, ${bufferMisses} ${versionFacts(version).bufferMisses}, ${buffersDirtied} dirtied`
}

export function walLine(version: 15 | 16 | 17 | 18, meter: UsageMeter): string {
  const { walRecords, walImages, walBytes, walBuffersFull } = meter
  const full = versionFacts(version).reportsFullWalBuffers ? `, ${walBuffersFull} buffers full` : ''
  return `WAL usage: ${walRecords} records, ${walImages} full page images, ${walBytes} bytes${full}`
}

export function systemLine(meter: UsageMeter, elapsed: number): string {
  return `system usage: CPU: user: ${seconds(meter.cpuTime)} s, system: 0.00 s, elapsed: ${seconds(elapsed)} s`
}

/** Cut, not rounded. */
function seconds(nanoseconds: number): string {
  const hundredths = Math.floor(nanoseconds / (second / 100))
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`
}
