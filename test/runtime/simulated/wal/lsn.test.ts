import { describe, expect, test } from 'vitest'
import { addToCrc, finishCrc, initialCrc } from '../../../../src/runtime/simulated/wal/crc32c.ts'
import {
  align8,
  pageHeaderSize,
  parseSegmentName,
  previousSegmentOf,
  segmentName,
  segmentOf,
  segmentSize,
  startAfter,
} from '../../../../src/runtime/simulated/wal/lsn.ts'

describe('places in the log', () => {
  test('a segment is named by its timeline and its number in two parts', () => {
    expect(segmentName(1, 1)).toBe('000000010000000000000001')
    expect(segmentName(2, 255)).toBe('0000000200000000000000FF')
    expect(segmentName(2, 256)).toBe('000000020000000100000000')
    expect(parseSegmentName('000000020000000100000003')).toEqual({ timeline: 2, segment: 259 })
    for (const other of ['00000002.history', '000000020000000100000003.partial', 'xlogtemp.1']) {
      expect(parseSegmentName(other)).toBeUndefined()
    }
  })

  test('a segment begins with the long header, every other page with the short one', () => {
    expect(pageHeaderSize(segmentSize)).toBe(40)
    expect(pageHeaderSize(segmentSize + 8192)).toBe(24)
    expect(startAfter(3 * segmentSize)).toBe(3 * segmentSize + 40)
    expect(startAfter(segmentSize + 8192)).toBe(segmentSize + 8216)
    expect(startAfter(segmentSize + 8200)).toBe(segmentSize + 8200)
  })

  test('a border belongs to the segment that it begins, or to the one that it ends', () => {
    expect([segmentOf(2 * segmentSize), previousSegmentOf(2 * segmentSize)]).toEqual([2, 1])
    expect([segmentOf(2 * segmentSize + 1), previousSegmentOf(2 * segmentSize + 1)]).toEqual([2, 2])
  })

  test('alignment works beyond 4 GB', () => {
    expect([0, 1, 8, 9].map(align8)).toEqual([0, 8, 8, 16])
    expect(align8(0x3_0000_0001)).toBe(0x3_0000_0008)
    expect(align8(0x3_8000_0008)).toBe(0x3_8000_0008)
  })
})

test('CRC-32C of the well-known text, in whatever pieces', () => {
  const view = new DataView(new TextEncoder().encode('123456789').buffer)
  expect(finishCrc(addToCrc(initialCrc, view, 0, 9))).toBe(0xe306_9283)
  for (let cut = 0; cut <= 9; cut++) {
    expect(finishCrc(addToCrc(addToCrc(initialCrc, view, 0, cut), view, cut, 9))).toBe(0xe306_9283)
  }
})
