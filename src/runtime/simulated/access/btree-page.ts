// The pages of a btree: the meta page, and nodes with their links. Mirrors nbtree.h.
//
//   special space 16 bytes: left 4, right 4, level 4, flags 2, cycle 2
//   meta page     magic 4, version 4, root 4, level 4, fast root 4, fast level 4, deleted pages 4, padding 4, tuples 8, equal image 1

import { type Page, pageHeaderSize, pageSize } from '../storage/page.ts'

export const btreeFlag = { leaf: 1, root: 2, deleted: 4, meta: 8, hasGarbage: 64, incompleteSplit: 128 } as const

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

export function isLeaf(page: Page): boolean {
  return (flagsOf(page) & btreeFlag.leaf) !== 0
}

export function isRightmost(page: Page): boolean {
  return rightOf(page) === noBlock
}

export function hasIncompleteSplit(page: Page): boolean {
  return (flagsOf(page) & btreeFlag.incompleteSplit) !== 0
}

/** The line of the high key; the rightmost page of a level has none. */
export const highKeyLine = 1

export function firstDataLine(page: Page): number {
  return isRightmost(page) ? 1 : 2
}

export function readMeta(page: Page): Meta {
  return {
    root: page.view.getUint32(pageHeaderSize + 8, true),
    level: page.view.getUint32(pageHeaderSize + 12, true),
  }
}

/** `equalImage`: equal keys have equal bytes. */
export function initializeMeta(page: Page, meta: Meta, equalImage: boolean): void {
  initializeNode(page, btreeFlag.meta, 0, noBlock, noBlock)
  const { view } = page
  view.setUint32(pageHeaderSize, magic, true)
  view.setUint32(pageHeaderSize + 4, version, true)
  view.setFloat64(pageHeaderSize + 32, -1, true)
  view.setUint8(pageHeaderSize + 40, equalImage ? 1 : 0)
  writeMeta(page, meta)
  page.lower = pageHeaderSize + metaSize
}

export function writeMeta(page: Page, { root, level }: Meta): void {
  const { view } = page
  for (const [offset, value] of [
    [8, root],
    [12, level],
    [16, root],
    [20, level],
  ]) {
    view.setUint32(pageHeaderSize + offset, value, true)
  }
}

export function hasEqualImage(page: Page): boolean {
  return page.view.getUint8(pageHeaderSize + 40) === 1
}
