// FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE, FOR KEY SHARE, with NOWAIT and SKIP LOCKED.

import type { SelectStmt } from '@pgsql/types'
import type { TupleLockMode, WaitPolicy } from '../../access/results.ts'
import { RowShareLock } from '../../locks/lock-mode.ts'
import type { Expression } from '../expressions/expression.ts'
import { compileConditions } from '../plan/filter.ts'
import { type LockedEntry, LockRows } from '../plan/lock-rows.ts'
import type { PlanNode } from '../plan/node.ts'
import { failAt } from '../source.ts'
import type { FromItem } from './from.ts'
import type { Scope } from './scope.ts'

const modes: Readonly<Record<string, { readonly mode: TupleLockMode; readonly clause: string }>> = {
  LCS_FORUPDATE: { mode: 'exclusive', clause: 'FOR UPDATE' },
  LCS_FORNOKEYUPDATE: { mode: 'no key exclusive', clause: 'FOR NO KEY UPDATE' },
  LCS_FORSHARE: { mode: 'share', clause: 'FOR SHARE' },
  LCS_FORKEYSHARE: { mode: 'key share', clause: 'FOR KEY SHARE' },
}
const policies: Readonly<Record<string, WaitPolicy>> = { LockWaitSkip: 'skip', LockWaitError: 'error' }

/** What puts the row locks over a plan; undefined if none are asked for. */
export function lockRows(
  scope: Scope,
  node: SelectStmt,
  items: readonly FromItem[],
  conditions: readonly Expression[],
): ((plan: PlanNode) => PlanNode) | undefined {
  if (!node.lockingClause) return undefined
  scope.context.hazard.isUnsafe = true
  const entries: LockedEntry[] = []
  for (const each of node.lockingClause) {
    if (!('LockingClause' in each)) continue
    const { lockedRels, strength = 'LCS_FORUPDATE', waitPolicy = 'LockWaitBlock' } = each.LockingClause
    const { mode, clause } = modes[strength]
    refuseOver(node, clause)
    const named = lockedRels?.map(relation => {
      if (!('RangeVar' in relation)) return failAt(-1, '0A000', `${clause} of this is not played yet`)
      const { relname = '', location } = relation.RangeVar
      const entry = scope.entries.find(candidate => candidate.name === relname)
      return entry ?? failAt(location, '42P01', `relation "${relname}" in ${clause} clause not found in FROM clause`)
    })
    for (const entry of named ?? scope.entries) {
      if (!entry.table) {
        if (named) failAt(-1, '0A000', `${clause} of a subquery or function is not played yet`)
        continue
      }
      if (entries.some(other => other.entry === entry)) continue
      entries.push({ entry, mode, policy: policies[waitPolicy] ?? 'block' })
      const lock = scope.context.locks.findIndex(candidate => candidate.relation === entry.table)
      if (lock >= 0) scope.context.locks[lock] = { ...scope.context.locks[lock], mode: RowShareLock }
    }
  }
  const recheck = compileConditions([...conditions, ...items.flatMap(innerConditions)], scope.depth)
  return plan => new LockRows(plan, entries, recheck)
}

function refuseOver(node: SelectStmt, clause: string): void {
  if (node.distinctClause) failAt(-1, '0A000', `${clause} is not allowed with DISTINCT clause`)
  if (node.groupClause) failAt(-1, '0A000', `${clause} is not allowed with GROUP BY clause`)
  if (node.havingClause) failAt(-1, '0A000', `${clause} is not allowed with HAVING clause`)
}

/** What inner joins ask of their rows: EvalPlanQual asks it again. */
export function innerConditions(item: FromItem): readonly Expression[] {
  if (item.kind !== 'join') return []
  const below = [...innerConditions(item.left), ...(item.type === 'inner' ? innerConditions(item.right) : [])]
  return item.type === 'inner' ? [...item.conditions, ...below] : below
}

/** The row lock that a query asks for first, in SQL's words; undefined if none. */
export function lockingWords(node: SelectStmt): string | undefined {
  const clauses = (node.lockingClause ?? []).map(each =>
    'LockingClause' in each ? modes[each.LockingClause.strength ?? ''].clause : '',
  )
  return clauses[0]
}
