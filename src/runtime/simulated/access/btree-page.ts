// The pages of a btree: the meta page, and nodes with their links. Mirrors nbtree.h.
//
//   special space 16 bytes: left 4, right 4, level 4, flags 2, cycle 2
//   meta page     magic 4, version 4, root 4, level 4, fast root 4, fast level 4, deleted pages 4, padding 4, tuples 8, equal image 1
//   deleted page  the xid that was next 8

import { type Page, pageHeaderSize, pageSize } from '../storage/page.ts'

export const btreeFlag = {
  leaf: 1,
  root: 2,
  deleted: 4,
  meta: 8,
  /** Empty, and no page above leads to it any more. */
  halfDead: 16,
  /** The last of the pages into which a page was split while a vacuum went through the index. */
  splitEnd: 32,
  hasGarbage: 64,
  incompleteSplit: 128,
  /** Of a deleted page: it bears the xid that was next when it was deleted. */
  hasXid: 512,
} as const

export const metaBlock = 0
/** No page: the end of a level, or no root yet. */
export const noBlock = 0
/** The special space begins here. */
const special = pageSize - 16
const metaSize = 48
const magic = 0x053162
const version = 4

/** What a node has room for. */
export const nodeSpace = special - pageHeaderSize

export interface Meta {
  readonly root: number
  readonly level: number
  /** The lowest page that is alone on its level: where searches begin. */
  readonly fastRoot: number
  readonly fastLevel: number
  /** Pages that the last vacuum left deleted, and could not give out again. */
  readonly deletedPages: number
}

export function initializeNode(page: Page, flags: number, level: number, left: number, right: number): void {
  page.initialize(16)
  page.view.setUint32(special, left, true)
  page.view.setUint32(special + 4, right, true)
  page.view.setUint32(special + 8, level, true)
  page.view.setUint16(special + 12, flags, true)
}

export function leftOf(page: Page): number {
  return page.view.getUint32(special, true)
}

export function setLeft(page: Page, block: number): void {
  page.view.setUint32(special, block, true)
}

export function rightOf(page: Page): number {
  return page.view.getUint32(special + 4, true)
}

export function setRight(page: Page, block: number): void {
  page.view.setUint32(special + 4, block, true)
}

/** Leaves are 0. */
export function levelOf(page: Page): number {
  return page.view.getUint32(special + 8, true)
}

export function flagsOf(page: Page): number {
  return page.view.getUint16(special + 12, true)
}

export function setFlags(page: Page, flags: number): void {
  page.view.setUint16(special + 12, flags, true)
}

/** Of the vacuum that went through the index when the page was split; 0: there was none. */
export function cycleOf(page: Page): number {
  return page.view.getUint16(special + 14, true)
}

export function setCycle(page: Page, cycle: number): void {
  page.view.setUint16(special + 14, cycle, true)
}

export function isLeaf(page: Page): boolean {
  return (flagsOf(page) & btreeFlag.leaf) !== 0
}

export function isRightmost(page: Page): boolean {
  return rightOf(page) === noBlock
}

/** Half-dead or deleted: searches that come here go on to the right. */
export function isIgnored(page: Page): boolean {
  return (flagsOf(page) & (btreeFlag.deleted | btreeFlag.halfDead)) !== 0
}

export function isDeleted(page: Page): boolean {
  return (flagsOf(page) & btreeFlag.deleted) !== 0
}

export function isHalfDead(page: Page): boolean {
  return (flagsOf(page) & btreeFlag.halfDead) !== 0
}

export function hasIncompleteSplit(page: Page): boolean {
  return (flagsOf(page) & btreeFlag.incompleteSplit) !== 0
}

/** The line of the high key; the rightmost page of a level has none. */
export const highKeyLine = 1

export function firstDataLine(page: Page): number {
  return isRightmost(page) ? 1 : 2
}

/** Only of pages that are not deleted. */
export function isEmpty(page: Page): boolean {
  return page.lineCount < firstDataLine(page)
}

/** What is left of a page: its links, for who is on the way to it, and the xid after which nobody is. */
export function initializeDeleted(page: Page, level: number, left: number, right: number, xid: number): void {
  const leaf = level === 0 ? btreeFlag.leaf : 0
  initializeNode(page, leaf | btreeFlag.deleted | btreeFlag.hasXid, level, left, right)
  page.view.setUint32(pageHeaderSize, xid, true)
  page.lower = pageHeaderSize + 8
  page.upper = special
}

export function deletionXidOf(page: Page): number {
  return page.view.getUint32(pageHeaderSize, true)
}

export function readMeta(page: Page): Meta {
  const field = (offset: number) => page.view.getUint32(pageHeaderSize + offset, true)
  return { root: field(8), level: field(12), fastRoot: field(16), fastLevel: field(20), deletedPages: field(24) }
}

/** Searches begin at the root itself. */
export function rootedAt(root: number, level: number, deletedPages: number): Meta {
  return { root, level, fastRoot: root, fastLevel: level, deletedPages }
}

/** `equalImage`: equal keys have equal bytes. */
export function initializeMeta(page: Page, meta: Meta, equalImage: boolean): void {
  initializeNode(page, btreeFlag.meta, 0, noBlock, noBlock)
  const { view } = page
  view.setUint32(pageHeaderSize, magic, true)
  view.setUint32(pageHeaderSize + 4, version, true)
  view.setFloat64(pageHeaderSize + 32, -1, true)
  view.setUint8(pageHeaderSize + 40, equalImage ? 1 : 0)
  const { root, level, fastRoot, fastLevel, deletedPages } = meta
  for (const [position, value] of [root, level, fastRoot, fastLevel, deletedPages].entries()) {
    view.setUint32(pageHeaderSize + 8 + position * 4, value, true)
  }
  page.lower = pageHeaderSize + metaSize
}

export function hasEqualImage(page: Page): boolean {
  return page.view.getUint8(pageHeaderSize + 40) === 1
}
