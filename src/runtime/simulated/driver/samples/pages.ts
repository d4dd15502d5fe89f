// The first pages of a server's tables, tuple by tuple, as pageinspect would show them: those that are in the buffer pool
// and have changed.

import {
  HeapTuple,
  XmaxCommitted,
  XmaxInvalid,
  XmaxIsMulti,
  XmaxLockOnly,
  XminCommitted,
  XminFrozen,
  XminInvalid,
} from '../../access/heap-tuple.ts'
import { formatTid } from '../../access/tid.ts'
import { deformTuple } from '../../access/tuple.ts'
import type { Datum } from '../../access/tuple-descriptor.ts'
import { Table } from '../../catalog/relations.ts'
import type { Value } from '../../catalog/types/type.ts'
import { lineState, type Page } from '../../storage/page.ts'
import { forks } from '../../wal/record.ts'
import { type SampleKind, textOf } from './sample.ts'

/** Of each table so many pages; of each page so many line pointers. */
const pages = 2
const mostLines = 256
const mostTables = 6

export const pageSamples: SampleKind = {
  kind: 'page.sampled',
  every: 64,
  of(trace) {
    const before = new Map<string, string>()
    return ({ shared, environment: { name } }) => {
      const tables = shared.catalog.lastImages
        .flatMap(image => image.all())
        .filter(relation => relation instanceof Table)
        .filter(({ isCatalog }) => !isCatalog)
      for (const table of tables.slice(0, mostTables)) {
        for (let block = 0; block < pages; block++) {
          const page = shared.buffers.pageAt(table.locator, forks.main, block)
          if (!page || page.isNew) continue
          const lines = textOf(linesOf(page, block, table))
          const key = `${table.name} ${block}`
          if (before.get(key) === lines) continue
          before.set(key, lines)
          const fields = { relation: table.name, block, lsn: page.lsn, free: page.upper - page.lower, lines }
          trace.emit('page.sampled', { node: name }, fields)
        }
      }
    }
  },
}

const stateNames = Object.fromEntries(Object.entries(lineState).map(([name, state]) => [state, name]))

function linesOf(page: Page, block: number, table: Table): (string | number)[][] {
  const rows: (string | number)[][] = []
  for (let line = 1; line <= Math.min(page.lineCount, mostLines); line++) {
    const state = page.itemState(line)
    if (state === lineState.redirect) rows.push([`redirect to ${page.itemOffset(line)}`])
    else if (state !== lineState.normal) rows.push([stateNames[state]])
    else {
      const tuple = new HeapTuple(page, 0, 0, 0)
      tuple.moveTo(page, page.itemOffset(line), page.itemLength(line), block, line)
      rows.push(['normal', tuple.length, ...headerOf(tuple), valuesOf(tuple, table)])
    }
  }
  return rows
}

/** xmin, xmax, ctid, and what the flags say of the two transactions. */
function headerOf(tuple: HeapTuple): (string | number)[] {
  const { mask } = tuple
  const flags = [
    ...((mask & XminFrozen) === XminFrozen
      ? ['xmin frozen']
      : (mask & XminCommitted) !== 0
        ? ['xmin committed']
        : (mask & XminInvalid) !== 0
          ? ['xmin aborted']
          : []),
    ...((mask & XmaxInvalid) !== 0 ? ['xmax invalid'] : (mask & XmaxCommitted) !== 0 ? ['xmax committed'] : []),
    ...((mask & XmaxLockOnly) !== 0 ? ['locked only'] : []),
    ...((mask & XmaxIsMulti) !== 0 ? ['multixact'] : []),
    ...(tuple.isHotUpdated ? ['HOT updated'] : []),
    ...(tuple.isHeapOnly ? ['heap-only'] : []),
  ]
  return [tuple.xmin, tuple.xmax, formatTid(tuple.next), flags.join(', ')]
}

function valuesOf(tuple: HeapTuple, table: Table): string {
  const values: Datum[] = []
  deformTuple(tuple, table.descriptor, values, table.columns.length)
  return table.columns
    .map(({ type }, at) => (values[at] === null || values[at] === undefined ? '∅' : type.output(values[at] as Value)))
    .map(text => text.replaceAll(/[\t\n]/g, ' '))
    .join(', ')
}
