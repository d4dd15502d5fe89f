// Where a full page is best divided: evenly, or, where keys come in order at the right edge of the tree, so that the
// left half is as full as the fill factor wants it. Mirrors nbtsplitloc.c without its search for the shortest high key
// among the good places: only a place between equal keys is avoided where there is another nearby.

import { linePointerSize, type Page } from '../storage/page.ts'
import { compareColumn } from './btree-key.ts'
import { highKeyLine, isRightmost, levelOf, nodeSpace } from './btree-page.ts'
import { type IndexTuple, indexTupleAt, keyOf, sizeOf } from './index-tuple.ts'
import type { Index } from './relation.ts'

/** Of the pages above the leaves. */
const innerFillFactor = 70
/** How many places next to the best are good enough. */
const nearby = 9

/** How many of the entries (the new one among them) go to the left half. */
export function choosePlace(index: Index, page: Page, entries: readonly IndexTuple[]): number {
  const leaf = levelOf(page) === 0
  const rightmost = isRightmost(page)
  const weight = rightmost ? (leaf ? index.fillFactor : innerFillFactor) / 100 : 0.5
  const rightSpace = rightmost ? nodeSpace : nodeSpace - spaceOf(indexTupleAt(page, highKeyLine))
  const total = entries.reduce((sum, entry) => sum + spaceOf(entry), 0)
  let left = 0
  const places: { readonly count: number; readonly delta: number }[] = []
  for (let count = 1; count < entries.length; count++) {
    left += spaceOf(entries[count - 1])
    const firstRight = spaceOf(entries[count])
    // The left half gets the right half's first key as its high key, with room for a place in the heap.
    const leftFree = nodeSpace - left - firstRight - (leaf ? 8 : 0)
    const rightFree = rightSpace - (total - left) + (leaf ? 0 : firstRight - 12)
    if (leftFree < 0 || rightFree < 0) continue
    places.push({ count, delta: Math.abs(weight * leftFree - (1 - weight) * rightFree) })
  }
  if (places.length === 0) throw new Error(`no place to split a page of ${index.name}`)
  places.sort((a, b) => a.delta - b.delta || a.count - b.count)
  if (!leaf) return places[0].count
  const between = places.slice(0, nearby).find(({ count }) => !areEqual(index, entries[count - 1], entries[count]))
  return (between ?? places[0]).count
}

function spaceOf(tuple: IndexTuple): number {
  return sizeOf(tuple) + linePointerSize
}

function areEqual(index: Index, a: IndexTuple, b: IndexTuple): boolean {
  const keyA = keyOf(a, index.descriptor)
  const keyB = keyOf(b, index.descriptor)
  return keyA.every((value, column) => compareColumn(index.columns[column], value, keyB[column]) === 0)
}
