import { expect, test } from 'vitest'
import { readOnce } from '../../../../src/runtime/simulated/wal/read-once.ts'
import type { WalRecord } from '../../../../src/runtime/simulated/wal/record.ts'

function recordAt(start: number): WalRecord {
  const data = new Uint8Array(0)
  return {
    start,
    end: start + 32,
    length: 32,
    previous: 0,
    xid: 7,
    resourceManager: 1,
    info: 0,
    origin: 0,
    blocks: [],
    data,
  }
}

test('a record is read once, unless it is another one of that place, another version, or was long ago', () => {
  const read: string[] = []
  const told = readOnce(({ start }, version) => {
    read.push(`${start} as ${version}`)
    return read.length
  })
  const record = recordAt(64)
  expect([told(record, 16), told(record, 16)]).toEqual([1, 1])
  expect(told(record, 17)).toBe(2)
  // The same bytes at the same place, and yet of another log.
  expect(told(recordAt(64), 17)).toBe(3)
  for (let start = 96; start < 96 + 64 * 1024; start += 32) told(recordAt(start), 17)
  const before = read.length
  expect(told(record, 17)).toBe(before + 1)
})
