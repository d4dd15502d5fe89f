// The content of one page of the free space map: a binary tree of bytes in which every node is the higher of its two
// children, so that the root tells the most that can be had. Mirrors fsmpage.c.

import { type Page, pageHeaderSize, pageSize } from './page.ts'

/** Where the search begins next time, so that several backends get different pages. */
const nextSlotField = pageHeaderSize
const nodesField = pageHeaderSize + 4

const nodeCount = pageSize - nodesField
const innerCount = pageSize / 2 - 1
export const slotsPerPage = nodeCount - innerCount

function node(page: Page, number: number): number {
  return number < nodeCount ? page.bytes[nodesField + number] : 0
}

function highestChild(page: Page, number: number): number {
  return Math.max(node(page, 2 * number + 1), node(page, 2 * number + 2))
}

function parent(number: number): number {
  return (number - 1) >> 1
}

/** The next node of the same level; after the last one comes the first. */
function rightNeighbour(number: number): number {
  const next = number + 1
  return ((next + 1) & next) === 0 ? parent(next) : next
}

/** What the slot offers. */
export function slotValue(page: Page, slot: number): number {
  return node(page, innerCount + slot)
}

/** The most that a slot of the page offers. */
export function highestValue(page: Page): number {
  return node(page, 0)
}

/** Whether something changed. */
export function setSlot(page: Page, slot: number, value: number): boolean {
  let number = innerCount + slot
  if (node(page, number) === value && value <= node(page, 0)) return false
  page.bytes[nodesField + number] = value
  do {
    number = parent(number)
    const highest = highestChild(page, number)
    if (node(page, number) === highest) break
    page.bytes[nodesField + number] = highest
  } while (number > 0)
  if (value > node(page, 0)) rebuild(page)
  return true
}

/** A slot that offers at least `wanted`, or -1. `advance`: the next search begins behind it. */
export function findSlot(page: Page, wanted: number, advance: boolean): number {
  for (;;) {
    if (node(page, 0) < wanted) return -1
    const slot = descend(page, climb(page, wanted), wanted)
    if (slot >= 0) {
      page.view.setInt32(nextSlotField, slot + (advance ? 1 : 0), true)
      return slot
    }
    // A torn page: what a node promised is not below it.
    rebuild(page)
  }
}

/** From where the search begins up and to the right, until a node offers enough. */
function climb(page: Page, wanted: number): number {
  const next = page.view.getInt32(nextSlotField, true)
  let number = innerCount + (next < 0 || next >= slotsPerPage ? 0 : next)
  while (number > 0 && node(page, number) < wanted) number = parent(rightNeighbour(number))
  return number
}

function descend(page: Page, from: number, wanted: number): number {
  let number = from
  while (number < innerCount) {
    const left = 2 * number + 1
    if (node(page, left) >= wanted) number = left
    else if (node(page, left + 1) >= wanted) number = left + 1
    else return -1
  }
  return number - innerCount
}

/** The next search begins at the page's first slot. */
export function searchFromStart(page: Page): void {
  page.view.setInt32(nextSlotField, 0, true)
}

/** Empties the slots from `slot` on. */
export function clearSlotsFrom(page: Page, slot: number): void {
  page.bytes.fill(0, nodesField + innerCount + slot)
  rebuild(page)
}

function rebuild(page: Page): void {
  for (let number = innerCount - 1; number >= 0; number--) page.bytes[nodesField + number] = highestChild(page, number)
}
