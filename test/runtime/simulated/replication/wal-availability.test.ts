import { describe, expect, test } from 'vitest'
import { oldestKept, safeWalSize, walStatus } from '../../../../src/runtime/simulated/replication/wal-availability.ts'
import { segmentSize } from '../../../../src/runtime/simulated/wal/lsn.ts'
import { Play } from '../processes/play.ts'

const at = (segment: number) => segment * segmentSize + 1000

function settingsWith(values: Readonly<Record<string, string>>) {
  return new Play().primary(17, values).environment.settings
}

describe('the WAL of a slot', () => {
  const limited = settingsWith({ max_wal_size: '64MB', max_slot_wal_keep_size: '128MB' })
  const extent = (written: number, lastRemoved: number, required: number) => ({
    written: at(written),
    lastRemoved,
    required: at(required),
  })

  test.each([
    ['reserved', 15, 10],
    ['extended', 16, 10],
    ['extended', 18, 10],
    ['unreserved', 19, 10],
  ] as const)('is %s when segment %i is written', (status, written, restart) => {
    expect(walStatus(limited, extent(written, 9, restart), at(restart))).toBe(status)
  })

  test('is lost when its segment was removed', () => {
    expect(walStatus(limited, extent(30, 10, 10), at(10))).toBe('lost')
  })

  test('is safe until the limit is reached', () => {
    expect(safeWalSize(limited, at(10), at(10))).toBe(9 * segmentSize - 1000)
    expect(safeWalSize(limited, at(20), at(10))).toBe(-segmentSize - 1000)
    expect(safeWalSize(settingsWith({}), at(20), at(10))).toBeUndefined()
  })

  test('wal_keep_size keeps more than the limit gives up', () => {
    const keeping = settingsWith({ max_slot_wal_keep_size: '32MB', wal_keep_size: '80MB' })
    expect(oldestKept(keeping, at(20), at(10))).toBe(15)
    expect(oldestKept(keeping, at(20), at(19))).toBe(15)
    expect(oldestKept(keeping, at(3), Number.POSITIVE_INFINITY)).toBe(1)
  })
})
