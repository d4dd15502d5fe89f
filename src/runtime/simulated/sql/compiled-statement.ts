// A statement that has been looked at once: its plan, its columns, the locks it needs. It is used again and again, by
// all sessions that see the same catalogs, whenever its template comes with values of the same types.

import type { Node } from '@pgsql/types'
import type { CatalogImage } from '../catalog/image.ts'
import type { Type } from '../catalog/types/type.ts'
import { AccessShareLock } from '../locks/lock-mode.ts'
import { fail } from '../shared/error.ts'
import { lockingWords } from './analysis/locking.ts'
import { analyzeDelete, analyzeInsert, analyzeUpdate } from './analysis/modify.ts'
import type { OutputColumn } from './analysis/query.ts'
import type { AnalysisContext, RelationLock } from './analysis/scope.ts'
import { analyzeSelect } from './analysis/select.ts'
import type { PlanNode } from './plan/node.ts'

export interface CompiledStatement {
  readonly plan: PlanNode
  /** Of its result; undefined if it gives no rows. */
  readonly columns: readonly OutputColumn[] | undefined
  readonly locks: readonly RelationLock[]
  /** What a read-only transaction may not do, as its message calls it. */
  readonly writes: string | undefined
  /** For the client, from the number of rows. */
  readonly tag: (count: number) => string
}

/** Undefined for statements that have no plan. */
export function compileStatement(
  context: Omit<AnalysisContext, 'locks' | 'hazard'>,
  node: Node,
): CompiledStatement | undefined {
  const locks: RelationLock[] = []
  const analysis: AnalysisContext = { ...context, locks, hazard: { isUnsafe: !('SelectStmt' in node) } }
  if ('DeclareCursorStmt' in node) {
    const { query } = node.DeclareCursorStmt
    if (!query || !('SelectStmt' in query)) return undefined
    const { plan, columns } = analyzeSelect(analysis, query.SelectStmt)
    return { plan, columns, locks: withIndexes(locks), writes: undefined, tag: () => 'DECLARE CURSOR' }
  }
  if ('SelectStmt' in node) {
    const { plan, columns } = analyzeSelect(analysis, node.SelectStmt)
    const words = lockingWords(node.SelectStmt)
    return {
      plan,
      columns,
      locks: withIndexes(locks),
      writes: words && `SELECT ${words}`,
      tag: count => `SELECT ${count}`,
    }
  }
  if ('InsertStmt' in node) {
    return {
      ...analyzeInsert(analysis, node.InsertStmt),
      locks: withIndexes(locks),
      writes: 'INSERT',
      tag: count => `INSERT 0 ${count}`,
    }
  }
  if ('UpdateStmt' in node) {
    return {
      ...analyzeUpdate(analysis, node.UpdateStmt),
      locks: withIndexes(locks),
      writes: 'UPDATE',
      tag: count => `UPDATE ${count}`,
    }
  }
  if ('DeleteStmt' in node) {
    return {
      ...analyzeDelete(analysis, node.DeleteStmt),
      locks: withIndexes(locks),
      writes: 'DELETE',
      tag: count => `DELETE ${count}`,
    }
  }
  return undefined
}

/** The planner opens every index of a table, whether it is used or not, with the table's lock. */
function withIndexes(locks: readonly RelationLock[]): RelationLock[] {
  return locks.flatMap(lock => [
    lock,
    ...lock.relation.indexes.map(index => ({ relation: index, mode: lock.mode, location: -1 })),
  ])
}

/** get_relation_info: a standby has nothing of unlogged tables, so that none can be planned with, but for filling one. */
export function refuseUnlogged({ locks, writes }: CompiledStatement): void {
  const isRead = ({ relation, mode }: RelationLock) =>
    relation.isUnlogged && (mode === AccessShareLock || writes !== 'INSERT')
  if (locks.some(isRead)) fail('0A000', 'cannot access temporary or unlogged relations during recovery')
}

/** What was compiled against one image, by template; then by the types of the values. */
export class StatementCache {
  private readonly templates = new Map<
    string,
    { readonly types: readonly Type[]; readonly statements: (CompiledStatement | undefined)[] }[]
  >()

  /** The place for the statements of a template with values of these types. */
  slots(template: string, types: readonly Type[]): (CompiledStatement | undefined)[] {
    let variants = this.templates.get(template)
    if (!variants) {
      if (this.templates.size > 5000) this.templates.clear()
      variants = []
      this.templates.set(template, variants)
    }
    for (const variant of variants) if (sameTypes(variant.types, types)) return variant.statements
    const statements: (CompiledStatement | undefined)[] = []
    variants.push({ types, statements })
    return statements
  }
}

function sameTypes(a: readonly Type[], b: readonly Type[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false
  return true
}

const caches = new WeakMap<CatalogImage, StatementCache>()

/** What was compiled against this image of the catalogs. */
export function statementsOf(image: CatalogImage): StatementCache {
  let cache = caches.get(image)
  if (!cache) {
    cache = new StatementCache()
    caches.set(image, cache)
  }
  return cache
}
