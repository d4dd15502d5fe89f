import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineState, Page, pageFlag } from '../../../../src/runtime/simulated/storage/page.ts'
import { checksumOf } from '../../../../src/runtime/simulated/storage/page-checksum.ts'

function newPage(special = 0): Page {
  const page = new Page()
  page.initialize(special)
  return page
}

/** Adds an item of these bytes; gives its line. */
function add(page: Page, bytes: readonly number[], at = 0, shift = false): number {
  const line = page.addItem(bytes.length, at, shift)
  if (line > 0) page.item(line).set(bytes)
  return line
}

describe('a page', () => {
  test('has the header of an empty page', () => {
    const page = newPage(16)
    expect([page.lower, page.upper, page.special, page.lineCount]).toEqual([24, 8176, 8176, 0])
    expect(page.view.getUint16(18, true)).toBe(0x2004)
    expect(page.freeSpace).toBe(8176 - 24 - 4)
    expect(new Page().isNew).toBe(true)
    expect(page.isNew).toBe(false)
  })

  test('keeps an LSN beyond 4 GB', () => {
    const page = newPage()
    page.lsn = 0x12_3456_789a
    expect(page.lsn).toBe(0x12_3456_789a)
    expect([...page.bytes.subarray(0, 8)]).toEqual([0x12, 0, 0, 0, 0x9a, 0x78, 0x56, 0x34])
  })

  test('takes as many tuples as PostgreSQL: 61 of 121 bytes, 157 of 48', () => {
    for (const [length, count] of [
      [121, 61],
      [48, 157],
    ]) {
      const page = newPage()
      let lines = 0
      while (page.addItem(length) > 0) lines++
      expect(lines).toBe(count)
    }
  })

  test('an item comes between others, as in an index', () => {
    const page = newPage()
    add(page, [1])
    add(page, [3])
    expect(add(page, [2], 2, true)).toBe(2)
    expect([1, 2, 3].map(line => page.item(line)[0])).toEqual([1, 2, 3])
    page.deleteItems([1, 3])
    expect([page.lineCount, page.item(1)[0], page.upper]).toEqual([1, 2, 8184])
  })

  test('a line that fell free is used again, one at the end is cut off', () => {
    const page = newPage()
    for (let i = 1; i <= 4; i++) add(page, [i])
    page.setLine(2, 0, lineState.unused, 0)
    page.setLine(4, 0, lineState.unused, 0)
    page.repairFragmentation()
    expect([page.lineCount, page.upper, page.flags]).toEqual([3, 8192 - 16, pageFlag.hasFreeLines])
    expect([1, 3].map(line => page.item(line)[0])).toEqual([1, 3])
    expect(add(page, [9])).toBe(2)
    expect(add(page, [10])).toBe(4)
  })

  test('a redirect and a dead line take no room', () => {
    const page = newPage()
    for (let i = 1; i <= 3; i++) add(page, [i, i, i])
    page.setLine(1, 3, lineState.redirect, 0)
    page.setLine(2, 0, lineState.dead, 0)
    page.repairFragmentation()
    expect(page.upper).toBe(8184)
    expect([1, 2, 3].map(line => page.itemState(line))).toEqual([lineState.redirect, lineState.dead, lineState.normal])
    expect(page.itemOffset(1)).toBe(3)
    expect([...page.item(3)]).toEqual([3, 3, 3])
  })

  test('items keep their content through everything', () => {
    type Step = { readonly add: number } | { readonly remove: number } | 'repair'
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 5, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 600 }) }) },
      { weight: 3, arbitrary: fc.record({ remove: fc.nat(40) }) },
      { weight: 1, arbitrary: fc.constant('repair' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const page = newPage(16)
        const model = new Map<number, number[]>()
        let filling = 0
        for (const each of steps) {
          if (each === 'repair') page.repairFragmentation()
          else if ('remove' in each) {
            if (!model.delete(each.remove)) continue
            page.setLine(each.remove, 0, lineState.unused, 0)
            page.flags |= pageFlag.hasFreeLines
          } else {
            const bytes = Array<number>(each.add).fill(++filling & 255)
            const line = add(page, bytes)
            if (line > 0) {
              expect(model.has(line)).toBe(false)
              model.set(line, bytes)
            } else expect(page.freeSpace).toBeLessThan(each.add + 8)
          }
          for (const [line, bytes] of model) expect([...page.item(line)]).toEqual(bytes)
          expect(page.lower).toBeLessThanOrEqual(page.upper)
        }
        page.repairFragmentation()
        const used = [...model.values()].reduce((sum, bytes) => sum + ((bytes.length + 7) & ~7), 0)
        expect(page.upper).toBe(8176 - used)
      }),
      { numRuns: 100 },
    )
  })
})

describe('a checksum', () => {
  const page = newPage()
  add(page, [1, 2, 3, 4, 5, 6, 7, 8])
  const right = checksumOf(page, 3)

  test('does not depend on the one that is in the header, and leaves that alone', () => {
    page.checksum = 4711
    expect(checksumOf(page, 3)).toBe(right)
    expect(page.checksum).toBe(4711)
  })

  test('is another one for another block and for another bit, and never 0', () => {
    expect(checksumOf(page, 4)).not.toBe(right)
    for (let bit = 0; bit < 8192; bit += 97) {
      page.bytes[bit] ^= 1
      // The header's own checksum does not count.
      if (bit !== 8 && bit !== 9) expect(checksumOf(page, 3)).not.toBe(right)
      page.bytes[bit] ^= 1
    }
    expect(right).toBeGreaterThan(0)
  })
})
