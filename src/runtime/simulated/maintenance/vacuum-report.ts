// What a vacuum tells of itself: one message of many lines, in the log of an automatic one, to the client of a verbose
// one. Mirrors the end of heap_vacuum_rel.

import type { UsageMeter } from '../shared/usage-meters.ts'
import { versionFacts } from '../shared/versions.ts'
import { bufferLine, rateLine, systemLine, walLine } from './usage-report.ts'
import type { VacuumResult } from './vacuum.ts'

export interface VacuumReport {
  readonly result: VacuumResult
  /** Of the automatic one: aggressive, to prevent wraparound; undefined for a verbose one. */
  readonly automatic: { readonly isWraparound: boolean } | undefined
  /** postgres.public.account */
  readonly name: string
  /** relfrozenxid before; the new one, if it moved on. */
  readonly frozenXid: { readonly before: number; readonly after: number } | undefined
  readonly nextXid: number
  readonly meter: UsageMeter
  readonly elapsed: number
}

export function vacuumReport(version: 15 | 16 | 17 | 18, report: VacuumReport): string {
  const { result, meter, elapsed } = report
  const { state } = result
  const { oldestXmin } = state.request.cutoffs
  const facts = versionFacts(version)
  const lines = [headline(report), pagesLine(result, facts.reportsEagerScans)]
  lines.push(
    `tuples: ${state.removedTuples} removed, ${result.remainingTuples} remain, ${state.recentlyDead} are dead but not yet removable`,
  )
  if (state.missedDead > 0) {
    lines.push(
      `tuples missed: ${state.missedDead} dead from ${state.missedDeadPages} pages not removed due to cleanup lock contention`,
    )
  }
  const age = (report.nextXid - oldestXmin) | 0
  lines.push(`removable cutoff: ${oldestXmin}, which was ${age} XIDs old when operation ended`)
  if (report.frozenXid) {
    const { before, after } = report.frozenXid
    lines.push(`new relfrozenxid: ${after}, which is ${(after - before) | 0} XIDs ahead of previous value`)
  }
  if (facts.reportsFrozen) {
    const share = percent(state.frozenPages, state.blocks)
    lines.push(
      `frozen: ${state.frozenPages} pages from table (${share} of total) had ${state.frozenTuples} tuples frozen`,
    )
  }
  if (facts.reportsVisibilityMap) {
    const { visible, frozen, visibleBefore } = state.map
    lines.push(
      `visibility map: ${visible} pages set all-visible, ${frozen} pages set all-frozen (${visibleBefore} were all-visible)`,
    )
  }
  lines.push(indexLine(result))
  for (const [place, { name }] of state.relation.indexes.entries()) {
    const found = state.indexResults[place]
    if (!found) continue
    const { pages, newlyDeleted, deleted, free } = found
    lines.push(
      `index "${name}": pages: ${pages} in total, ${newlyDeleted} newly deleted, ${deleted} currently deleted, ${free} reusable`,
    )
  }
  lines.push(rateLine(meter, elapsed), bufferLine(version, meter), walLine(version, meter), systemLine(meter, elapsed))
  return lines.join('\n')
}

function headline({ result, automatic, name }: VacuumReport): string {
  const { state } = result
  const scans = `index scans: ${state.indexScans}`
  if (!automatic) return `finished vacuuming "${name}": ${scans}`
  const aggressive = state.request.cutoffs.isAggressive ? 'aggressive ' : ''
  const why = automatic.isWraparound ? ' to prevent wraparound' : ''
  return `automatic ${aggressive}vacuum${why} of table "${name}": ${scans}`
}

function pagesLine({ state, pages }: VacuumResult, tellsEager: boolean): string {
  const scanned = `${state.scannedPages} scanned (${percent(state.scannedPages, state.blocks)} of total)`
  return `pages: ${state.removedPages} removed, ${pages} remain, ${scanned}${tellsEager ? ', 0 eagerly scanned' : ''}`
}

function indexLine({ state }: VacuumResult): string {
  const from = `${state.deadLinePages} pages from table (${percent(state.deadLinePages, state.blocks)} of total)`
  if (!state.vacuumsIndexes) return `index scan bypassed: ${from} have ${state.deadLines} dead item identifiers`
  const needed = state.indexScans === 0 ? 'not needed' : 'needed'
  return `index scan ${needed}: ${from} had ${state.deadLines} dead item identifiers removed`
}

function percent(part: number, whole: number): string {
  return `${(whole === 0 ? 100 : (100 * part) / whole).toFixed(2)}%`
}
