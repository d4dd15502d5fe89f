// Small readings of syntax trees.

import type { Node } from '@pgsql/types'

/** The text of a String node. */
export function stringOf(node: Node): string {
  return 'String' in node ? (node.String.sval ?? '') : ''
}

/** The kind of a node: its one key. */
export function kindOf(node: Node): string {
  return Object.keys(node)[0]
}

/** Where a node stands in its text, in bytes; -1 if it does not say. */
export function locationOf(node: Node | undefined): number {
  if (!node) return -1
  const inner = Object.values(node)[0] as { location?: number; arg?: Node; val?: Node; lexpr?: Node }
  if (typeof inner.location === 'number' && inner.location >= 0) return inner.location
  return inner.arg ? locationOf(inner.arg) : inner.val ? locationOf(inner.val) : -1
}

/** All nodes of some kind under a tree, in the order in which they were written. */
export function findAll<K extends string>(
  tree: unknown,
  kind: K,
): Extract<Node, Record<K, unknown>>[K & keyof Extract<Node, Record<K, unknown>>][] {
  const found: unknown[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      for (const each of value) visit(each)
      return
    }
    for (const [key, inner] of Object.entries(value)) {
      if (key === kind) found.push(inner)
      visit(inner)
    }
  }
  visit(tree)
  return found as never
}
