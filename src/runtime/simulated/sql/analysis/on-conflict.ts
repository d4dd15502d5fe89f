// ON CONFLICT: which unique indexes decide, and what happens to the row that is there already.

import type { OnConflictClause } from '@pgsql/types'
import type { Table, TableIndex } from '../../catalog/relations.ts'
import { compile } from '../expressions/compile.ts'
import { compileConditions } from '../plan/filter.ts'
import type { OnConflict } from '../plan/on-conflict.ts'
import { failAt } from '../source.ts'
import { analyzeAssignments } from './assignments.ts'
import { type AnalysisContext, type RangeEntry, Scope } from './scope.ts'
import { analyzeWhere } from './select.ts'

export function analyzeOnConflict(
  context: AnalysisContext,
  target: RangeEntry & { readonly table: Table },
  clause: OnConflictClause,
): OnConflict {
  const { table } = target
  const arbiters = chooseArbiters(table, clause)
  if (clause.action === 'ONCONFLICT_NOTHING') return { arbiters, update: undefined }
  const { infer } = clause
  if (!infer) {
    return failAt(
      clause.location,
      '42601',
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
      {
        hint: 'For example, ON CONFLICT (column_name).',
      },
    )
  }
  // The row that is there, and beside it the one that was to be inserted.
  const scope = new Scope(context)
  scope.add(target.name, table.columns, { table })
  target.readColumns = table.columns.length
  const excluded = scope.add('excluded', table.columns, { isHidden: true })
  const assignments = analyzeAssignments(scope, table, clause.targetList ?? [])
  const isKeyChange = table.indexes.some(
    index => index.isKey && index.usedAttributes.some(attribute => assignments[attribute]),
  )
  return {
    arbiters,
    update: {
      excludedOffset: excluded.offset,
      assignments: assignments.map(each => each && compile(each, scope.depth)),
      condition: compileConditions(analyzeWhere(scope, clause.whereClause), scope.depth),
      lockMode: isKeyChange ? 'exclusive' : 'no key exclusive',
    },
  }
}

function chooseArbiters(table: Table, { infer }: OnConflictClause): TableIndex[] {
  const unique = table.indexes.filter(index => index.isUnique)
  if (!infer) return unique
  const { conname, indexElems = [], whereClause, location } = infer
  if (conname !== undefined) {
    const found = unique.find(index => index.constraint === conname)
    return found ? [found] : failAt(-1, '42704', `constraint "${conname}" for table "${table.name}" does not exist`)
  }
  if (whereClause) failAt(location, '0A000', 'ON CONFLICT … WHERE is not played yet')
  const wanted = new Set(
    indexElems.map(node => {
      const { name, expr, collation, opclass } = 'IndexElem' in node ? node.IndexElem : {}
      if (name === undefined || expr || collation || opclass) {
        return failAt(location, '0A000', 'ON CONFLICT on anything but columns is not played yet')
      }
      const attribute = table.columns.findIndex(column => column.name === name)
      return attribute >= 0 ? attribute : failAt(location, '42703', `column "${name}" does not exist`)
    }),
  )
  const fitting = unique.filter(
    ({ usedAttributes }) => usedAttributes.length === wanted.size && usedAttributes.every(each => wanted.has(each)),
  )
  if (fitting.length > 0) return fitting
  return failAt(-1, '42P10', 'there is no unique or exclusion constraint matching the ON CONFLICT specification')
}
